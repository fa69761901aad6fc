"""Parts of a clip as somebody writes them: two times each. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .spans import NotCut
from .timed import Span

# 754.2, 12:34.2 or 1:02:03: seconds and their thousandths, with minutes and hours before them.
_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,7})(?:[.,](\d{1,9}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """When a part begins and ends, as it is written in its two fields."""

    start: str
    end: str

    @property
    def is_empty(self) -> bool:
        return not (self.start.strip() or self.end.strip())

    @property
    def span(self) -> Span | None:
        """What both times say; None where one is none, or the end is not after the start."""
        start_ms, end_ms = milliseconds(self.start), milliseconds(self.end)
        if start_ms is None or end_ms is None or end_ms <= start_ms:
            return None
        return Span(start_ms, end_ms)


def written(span: Span) -> Wanted:
    """The fields that say this span."""
    return Wanted(exact_clock(span.start_ms), exact_clock(span.end_ms))


def tidy(parts: Sequence[Wanted]) -> list[Wanted]:
    """The parts as the form writes them, where they say something."""
    return [written(part.span) if part.span else part for part in parts]


def times(parts: Sequence[Wanted]) -> list[tuple[int, int]]:
    """What the parts say in milliseconds, in their order. Raises NotCut where one is no time."""
    found = []
    for number, part in enumerate(parts, start=1):
        start_ms, end_ms = milliseconds(part.start), milliseconds(part.end)
        if start_ms is None or end_ms is None:
            wrong = part.start if start_ms is None else part.end
            raise NotCut(_no_time(wrong.strip(), number, is_start=start_ms is None))
        found.append((start_ms, end_ms))
    return found


def milliseconds(text: str) -> int | None:
    """A time as it is written, in milliseconds; None where it is none."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds, rest = found.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole * 1000 + int((rest or "0")[:3].ljust(3, "0"))


def exact_clock(ms: int) -> str:
    """Milliseconds as somebody would write them: 12:34, 12:34.5, 1:02:03.125."""
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{clock}.{rest:03}".rstrip("0") if rest else clock


def without(parts: Sequence[Wanted], number: int) -> list[Wanted]:
    """The parts but one; where there is but one, an empty one."""
    return [part for place, part in enumerate(parts) if place != number] or [Wanted("", "")]


def widened_to(parts: Sequence[Wanted], number: int, span: Span) -> list[Wanted]:
    """The parts with this span in place of one, which takes in what it overlaps."""
    kept = []
    for place, part in enumerate(parts):
        other = part.span
        if place == number:
            continue
        if other and other.start_ms < span.end_ms and other.end_ms > span.start_ms:
            span = Span(min(span.start_ms, other.start_ms), max(span.end_ms, other.end_ms))
        else:
            kept.append((place, part))
    return [part for _place, part in sorted([*kept, (number, written(span))])]


def _no_time(wrong: str, number: int, *, is_start: bool) -> str:
    if not wrong and is_start:
        return _("Say when part %(number)d begins, such as 12:34.5.") % {"number": number}
    if not wrong:
        return _("Say when part %(number)d ends, such as 12:34.5.") % {"number": number}
    return _("“%(wrong)s” is no time. Write minutes and seconds, such as 12:34.5.") % {
        "wrong": wrong[:20]
    }
