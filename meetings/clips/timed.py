"""Words of a transcript one by one, each with its time: what a span cuts through. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from meetings.transcripts.captions import Heard


class Span(NamedTuple):
    """A stretch of a recording, half-open, in milliseconds from its start."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was said. `end_ms` > `start_ms`; `line` is the position of its segment."""

    text: str
    start_ms: int
    end_ms: int
    line: int
    speaker: str

    @property
    def middle(self) -> float:
        return (self.start_ms + self.end_ms) / 2


def timed(lines: Iterable[Heard]) -> list[Word]:
    """All words of these segments, in order.

    Where a segment does not know when its words begin, each has the share of its time that it has
    of its letters, as the reader's page reckons too (spans.js).
    """
    return [word for number, line in enumerate(lines) for word in _of(line, number)]


def within(span: Span, words: Sequence[Word]) -> range:
    """Which words are in a span: the first one to the last one whose middle lies in it."""
    inside = [
        number for number, word in enumerate(words) if span.start_ms <= word.middle < span.end_ms
    ]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


def _of(line: Heard, number: int) -> list[Word]:
    texts = line.text.split()
    starts = _starts(line, texts)
    ends = [*starts[1:], line.end_ms]
    return [
        Word(text, start, max(end, start + 1), number, line.speaker_name)
        for text, start, end in zip(texts, starts, ends, strict=True)
    ]


def _starts(line: Heard, texts: Sequence[str]) -> list[int]:
    known = line.word_starts_ms
    if known and len(known) == len(texts):
        return [line.start_ms + start for start in known]
    lasting, letters = line.end_ms - line.start_ms, len(" ".join(texts)) or 1
    starts, place = [], 0
    for text in texts:
        starts.append(line.start_ms + lasting * place // letters)
        place += len(text) + 1
    return starts
