"""What a writer is given, and what it hands back: plain text, each sentence with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from meetings.transcripts.utterances import Spoken

from ..spans import Span


@dataclass(frozen=True, slots=True)
class Chapter:
    """An agenda item whose start is known, in milliseconds."""

    title: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Source:
    """A meeting as a writer sees it: the facts of its record, and every word said, in order."""

    body_name: str
    title: str
    language: str  # BCP 47
    lines: Sequence[Spoken]
    chapters: Sequence[Chapter] = ()  # by start


class Part(StrEnum):
    """What a paragraph is for. All but the telling stand under a heading of their own."""

    TELLING = "telling"
    WHY = "why"
    NEXT = "next"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence for the article, and the segments that it rests on (`last_key` included).

    `also` are further segments, apart from the first. `is_quoted`: the words are those said.
    """

    text: str
    first_key: str
    last_key: str
    start_ms: int
    end_ms: int
    also: tuple[Span, ...] = ()
    is_quoted: bool = True

    @property
    def spans(self) -> tuple[Span, ...]:
        """All that it rests on, in the order of the meeting."""
        first = Span(self.first_key, self.last_key, self.start_ms, self.end_ms)
        return (first, *self.also)


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before it is stored."""

    headline: str
    standfirst: DraftSentence
    paragraphs: tuple[tuple[DraftSentence, ...], ...]
    why_it_matters: tuple[DraftSentence, ...] = ()
    what_happens_next: tuple[DraftSentence, ...] = ()
    not_decided: tuple[DraftSentence, ...] = ()

    @property
    def parts(self) -> list[tuple[Part, tuple[DraftSentence, ...]]]:
        """All paragraphs below the standfirst, each with what it is for."""
        ends = [
            (Part.WHY, self.why_it_matters),
            (Part.NEXT, self.what_happens_next),
            (Part.OPEN, self.not_decided),
        ]
        told = [(Part.TELLING, paragraph) for paragraph in self.paragraphs]
        return told + [(part, sentences) for part, sentences in ends if sentences]


class TooLittle(ValueError):
    """The meeting does not hold enough to write about. The message is a sentence for staff."""


class Writer(Protocol):
    """Whatever turns a meeting into Drafts, the main one first. Raises TooLittle."""

    name: str
    version: str

    def drafts(self, source: Source) -> Sequence[Draft]: ...
