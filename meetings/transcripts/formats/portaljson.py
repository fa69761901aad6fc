"""This site's own JSON transcripts: the schema that exports follow, and their reader."""

from typing import Any, TypeGuard

from meetings.transcripts.formats.cues import Cue, NotCaptions, Reading
from meetings.transcripts.formats.hazards import note_hazards_in_entry, storable
from meetings.transcripts.formats.jsonvalues import confidence
from meetings.transcripts.formats.notes import Cues, Notebook

FORMAT = "citizen-portal-transcript"
VERSION = 1

# JSON Schema 2020-12. A later version only adds; readers leave out what they do not know.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Transcript of a meeting",
    "type": "object",
    "required": ["format", "version", "title", "source_url", "language", "segments"],
    "properties": {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "title": {"type": "string"},
        "source_url": {"type": "string", "description": "The page of the meeting, or empty"},
        "language": {"type": "string", "description": "BCP 47, or empty"},
        "segments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "speaker", "start_ms", "end_ms", "text", "confidence"],
                "properties": {
                    "key": {
                        "type": "string",
                        "description": "Stays the same in later versions while words and times do",
                    },
                    "speaker": {"type": "string", "description": "Empty where unknown"},
                    "start_ms": {"type": "integer", "minimum": 0},
                    "end_ms": {"type": "integer", "minimum": 0},
                    "text": {"type": "string"},
                    "confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
                },
            },
        },
    },
}


def is_portal_json(document: object) -> bool:
    return isinstance(document, dict) and document.get("format") == FORMAT


def read_portal_json(
    document: dict[str, Any],  # Any: JSON from outside
    encoding: str = "utf-8",
    notebook: Notebook | None = None,
) -> Reading:
    """One cue for each segment, every character kept. `line` is the segment's position, from 1.

    Raises NotCaptions, naming the segment, where the document does not follow SCHEMA.
    """
    notebook = notebook or Notebook()
    if document.get("version") != VERSION:
        raise NotCaptions(
            f"This transcript is of version {document.get('version')!r} of its format; version"
            f" {VERSION} is read."
        )
    segments = document.get("segments")
    if not isinstance(segments, list):
        raise NotCaptions("This transcript has no list of “segments”.")
    cues = Cues(notebook)
    for position, segment in enumerate(segments, 1):
        cue = _cue(segment, position)
        note_hazards_in_entry(cue.text, position, notebook, entry="Segment")
        cues.add(cue)
    return Reading(
        format=FORMAT,
        encoding=encoding,
        cues=cues.done(),
        notes=notebook.in_order(),
        language=_text(document.get("language")),
        title=_text(document.get("title")),
    )


def _cue(segment: object, position: int) -> Cue:
    if not isinstance(segment, dict):
        raise NotCaptions(f"Segment {position} is not an object.", line=position)
    start, end = segment.get("start_ms"), segment.get("end_ms")
    if not _is_time(start) or not _is_time(end):
        raise NotCaptions(
            f"Segment {position}: “start_ms” and “end_ms” must be whole milliseconds from 0.",
            line=position,
        )
    if not isinstance(segment.get("text"), str):
        raise NotCaptions(f"Segment {position} has no “text”.", line=position)
    return Cue(
        line=position,
        start_ms=start,
        end_ms=end,
        text=_text(segment["text"]),
        speaker=_text(segment.get("speaker")),
        confidence=confidence(segment.get("confidence")),
    )


def _is_time(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: object) -> str:
    return storable(value) if isinstance(value, str) else ""
