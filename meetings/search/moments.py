"""Moment: a place in a meeting that meets a search, as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings.articles.models import Article
from meetings.records.models import Meeting

from .tree import Kind
from .words import plain


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a line; marked where the search matches."""

    text: str
    is_match: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A segment as a moment shows it; of an article a sentence, of an agenda a title."""

    parts: Sequence[Part]
    speaker: str = ""
    start_ms: int | None = None
    key: str = ""

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    @property
    def has_match(self) -> bool:
        return any(part.is_match for part in self.parts)


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a meeting that meets the search."""

    kind: Kind
    meeting: Meeting
    lines: Sequence[Line]
    """The matching segments, from the first to the last."""
    before: Sequence[Line] = ()
    after: Sequence[Line] = ()
    article: Article | None = None
    end_ms: int | None = None

    @property
    def start_ms(self) -> int | None:
        """When it begins; None for an article, and for an agenda item without a time."""
        return self.lines[0].start_ms

    @property
    def speaker(self) -> str:
        """Who says it, as far as the transcript names them; several with commas between."""
        return ", ".join(dict.fromkeys(line.speaker for line in self.lines if line.speaker))

    @property
    def headline(self) -> str:
        """Of an article, unless the lines say it themselves."""
        if self.article is None or self.lines[0].text == plain(self.article.headline):
            return ""
        return self.article.headline

    @property
    def first_key(self) -> str:
        return self.lines[0].key

    @property
    def last_key(self) -> str:
        return self.lines[-1].key

    @property
    def url(self) -> str:
        """Where it opens: the meeting page at this moment, or the article."""
        if self.article is not None:
            return self.article.get_absolute_url()
        if self.start_ms is None:
            return self.meeting.get_absolute_url()
        seconds = f"{self.start_ms / 1000:.3f}".rstrip("0").rstrip(".")
        return f"{self.meeting.get_absolute_url()}?t={seconds}#moment"
