"""Transcripts for the tests of checks: segments without a database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    key: str
    speaker_name: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None


def meeting(*lines):
    """A segment for each (speaker, text), four seconds long."""
    return [
        Said(f"key{number}", speaker, number * 4_000, number * 4_000 + 4_000, text)
        for number, (speaker, text) in enumerate(lines)
    ]
