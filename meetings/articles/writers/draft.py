"""What a writer is given, and what it hands back: plain text, each sentence with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from meetings.transcripts.utterances import Spoken


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


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence for the article, and the segments that it rests on (`last_key` included)."""

    text: str
    first_key: str
    last_key: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before it is stored."""

    headline: str
    standfirst: DraftSentence
    paragraphs: tuple[tuple[DraftSentence, ...], ...]


class TooLittle(ValueError):
    """The meeting does not hold enough to write about. The message is a sentence for staff."""


class Writer(Protocol):
    """Whatever turns a meeting into a Draft. Raises TooLittle where it cannot."""

    name: str
    version: str

    def write(self, source: Source) -> Draft: ...
