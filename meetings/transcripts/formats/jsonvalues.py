"""Values out of other people's JSON, each read as what it should be or not at all."""

import json
import math
from typing import Any

from meetings.transcripts.formats.cues import NotCaptions
from meetings.transcripts.formats.hazards import storable

_MOST_SECONDS = 10**9


def parsed(text: str) -> Any:  # Any: other people's JSON, narrowed by what reads it
    """`text` as JSON. Raises NotCaptions, with the line, where it is not."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise NotCaptions(
            f"Line {error.lineno}: this is not sound JSON ({error.msg}).", line=error.lineno
        ) from error
    except RecursionError as error:
        raise NotCaptions("This JSON is nested too deeply to be a transcript.") from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise NotCaptions("This JSON holds a number that is too long to be a time.") from error


def words(value: object) -> str:
    """Text on one line, or "" where `value` is no text."""
    return " ".join(storable(value).split()) if isinstance(value, str) else ""


def milliseconds(value: object) -> int | None:
    """Seconds, as a number or in digits, in milliseconds. None where they are no time."""
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value) or not 0 <= value < _MOST_SECONDS:
        return None
    return round(value * 1000)


def confidence(value: object) -> float | None:
    """A number between 0 and 1, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def objects(value: object) -> list[dict[str, Any]]:  # Any: as in `parsed`
    """The objects of a list, without what is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
