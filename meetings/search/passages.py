"""Cutting the words of a meeting into passages, such that no phrase is lost and none counts twice.

A passage is a run of neighbouring segments that it *owns*, and the first words after them: its
*tail*, which the next passage owns. Words of the tail are indexed with a mark in front of them, so
a phrase that begins in a passage and ends in its tail is found there, and one that lies in the
tail altogether is left to the passage that owns it. Every occurrence belongs to one passage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from .lexing import FARTHEST, LONGEST_PHRASE
from .words import TAIL_MARK, forms, joined, read_each

MOST_SEGMENTS = 12
MOST_WORDS = 180
TAIL_WORDS = max(LONGEST_PHRASE - 1, FARTHEST)


class Piece(NamedTuple):
    """What passages need of a segment. `speaker` is empty where nobody is named."""

    position: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Segments in order: the first `owned` belong to the passage, the others hold its tail."""

    pieces: Sequence[Piece]
    owned: int
    said: Sequence[Sequence[str]]
    """The words of each piece."""

    @classmethod
    def of(cls, pieces: Sequence[Piece], owned: int) -> Passage:
        return cls(pieces, owned, read_each([piece.text for piece in pieces]))

    def text(self, family: str) -> str:
        """What the index is given: its words in this family's forms, those of the tail marked."""
        form = forms(family).__getitem__
        own = map(form, chain.from_iterable(self.said[: self.owned]))
        tail = map(form, chain.from_iterable(self.said[self.owned :]))
        return joined([*own, *map(TAIL_MARK.__add__, islice(tail, TAIL_WORDS))])

    @property
    def speakers(self) -> list[str]:
        """Who speaks in the passage's own segments, each once."""
        return [*dict.fromkeys(p.speaker for p in self.pieces[: self.owned] if p.speaker)]

    @property
    def first(self) -> int:
        return self.pieces[0].position

    @property
    def last(self) -> int:
        """The position of the last segment that the passage owns."""
        return self.pieces[self.owned - 1].position

    @property
    def tail(self) -> int:
        """The position of the last segment that its tail reaches into."""
        return self.pieces[-1].position


def passages(pieces: Sequence[Piece]) -> Iterator[Passage]:
    """All passages of a transcript, whose segments come in order."""
    said = read_each([piece.text for piece in pieces])
    start = 0
    while start < len(pieces):
        end, count = start, 0
        while end < len(pieces) and end - start < MOST_SEGMENTS:
            count += len(said[end])
            if count > MOST_WORDS and end > start:
                break
            end += 1
        after, tail = end, 0
        while after < len(pieces) and tail < TAIL_WORDS:
            tail += len(said[after])
            after += 1
        yield Passage(pieces[start:after], end - start, said[start:after])
        start = end


def whole(texts: Sequence[str]) -> Passage:
    """A text that is not cut: an article or an agenda item."""
    pieces = [Piece(number, "", text) for number, text in enumerate(texts)]
    return Passage.of(pieces, len(pieces))
