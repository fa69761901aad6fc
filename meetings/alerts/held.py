"""One meeting, or a part of it, held in memory: its vocabulary, and where each word stands.

What is found here is what the site's search would find: the same passages, the same trees and the
same choice of what to show of a hit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

from meetings.search.documents import About, Text
from meetings.search.loading import parts_of, seen_in, words_in
from meetings.search.spoken import Bits, Spoken, numbers
from meetings.search.tree import Kind, Node, has_words
from meetings.search.words import UNSTEMMED, forms, plain, read_each

from .filing import vocabulary

_NUMBER = re.compile(r"[\d.,]+|[a-z]")
LONGEST_SPEAKER = 500
_FOLLOWED = (Kind.ARTICLES, Kind.TRANSCRIPTS, Kind.AGENDAS)  # in the order in which they are told

Times = Mapping[tuple[Kind, int, int], tuple[str, int | None, int | None]]
"""Of kind, item and position: the segment's key, start and end in milliseconds."""


@dataclass(frozen=True, slots=True)
class Found:
    """A moment that meets a tree, as a match keeps it."""

    text: Text
    text_hash: str
    lines: Sequence[Mapping[str, object]]
    """Each {speaker, start_ms, parts}; parts are pairs of text and whether it matched."""
    speaker: str
    first_key: str = ""
    last_key: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """What a tree found: the first moments, and how many more there are."""

    moments: Sequence[Found]
    more: int


class Held:
    """Texts of one meeting, to hold trees against."""

    def __init__(self, about: About, texts: Sequence[Text], times: Times) -> None:
        self._about = about
        self.texts = texts
        self._times = times
        self._spoken = Spoken(about, texts)
        self._words_in = cache(words_in)
        self._hash = cache(self._hash_of)
        self._line = cache(self._line_of)

    @cached_property
    def words(self) -> Mapping[str, Bits]:
        """The terms by which trees are filed, with the passages that have them."""
        return vocabulary(self._about, self.texts, self._spoken.heard)

    def met(self, tree: Node, *, most: int) -> Met | None:
        """The moments that meet the tree, `most` of them with their words; None where none does.

        A search without words is met by all that it is narrowed to: one moment of each text stands
        for the rest of it, and the article comes first.
        """
        moments: list[Found] = []
        known: set[str] = set()
        taken: set[tuple[int, int]] = set()
        more = 0
        hits = numbers(self._spoken.hits(tree))
        for number in hits if has_words(tree) else self._one_of_each(hits):
            if len(moments) >= most:
                more += 1
                continue
            found = self._moment(tree, number, taken)
            if found is not None and found.text_hash not in known:
                known.add(found.text_hash)
                moments.append(found)
        return Met(moments, more) if moments else None

    def _one_of_each(self, hits: Iterable[int]) -> list[int]:
        """The first passage of each text."""
        firsts: dict[tuple[Kind, int], int] = {}
        for number in hits:
            text = self.texts[number]
            firsts.setdefault((text.kind, text.item), number)
        return sorted(firsts.values(), key=lambda number: _FOLLOWED.index(self.texts[number].kind))

    def _moment(self, tree: Node, number: int, taken: set[tuple[int, int]]) -> Found | None:
        """What to show of a hit. Of two that show the same segment, the first one stands."""
        text = self.texts[number]
        seen = seen_in(
            tree,
            text.passage,
            text.language,
            self._spoken.heard[number],
            words_in=self._words_in,
            spans_of=lambda leaf: self._spoken.spans(leaf, number),
        )
        if seen is None:
            return None
        first, last = seen.run
        shown = text.passage.pieces[first : last + 1]
        if text.kind is Kind.TRANSCRIPTS:
            places = {(text.item, piece.position) for piece in shown}
            if places & taken:
                return None
            taken |= places
        times = [self._times.get((text.kind, text.item, piece.position)) for piece in shown]
        lines = [
            self._line(number, at, tuple(seen.marks.get(text.passage.pieces[at].position, ())))
            for at in range(first, last + 1)
        ]
        speakers = dict.fromkeys(piece.speaker for piece in shown if piece.speaker)
        begin, end = times[0], times[-1]
        return Found(
            text=text,
            text_hash=self._hash(number, first, last),
            lines=lines,
            speaker=", ".join(speakers)[:LONGEST_SPEAKER],
            first_key=begin[0] if begin else "",
            last_key=end[0] if end else "",
            start_ms=begin[1] if begin else None,
            end_ms=end[2] if end else None,
        )

    def _line_of(
        self, number: int, at: int, marks: Sequence[tuple[int, int]]
    ) -> Mapping[str, object]:
        text = self.texts[number]
        piece = text.passage.pieces[at]
        time = self._times.get((text.kind, text.item, piece.position))
        parts = parts_of(plain(piece.text), marks)
        return {
            "speaker": piece.speaker,
            "start_ms": time[1] if time else None,
            "parts": [[part.text, part.is_match] for part in parts],
        }

    def _hash_of(self, number: int, first: int, last: int) -> str:
        text = self.texts[number]
        words = chain.from_iterable(text.passage.said[first : last + 1])
        return _hashed(words, is_numbered=text.kind is Kind.AGENDAS)


def text_hash(*texts: str, is_numbered: bool = False) -> str:
    """What names words however they are written: without case, accents and marks.

    Where they are numbered ("3. Budget", "b) Minutes"), without that: an agenda is often counted
    anew.
    """
    return _hashed(chain.from_iterable(read_each(texts)), is_numbered=is_numbered)


def _hashed(said: Iterable[str], *, is_numbered: bool) -> str:
    words = [*map(forms(UNSTEMMED).__getitem__, said)]
    while is_numbered and len(words) > 1 and _NUMBER.fullmatch(words[0]):
        words.pop(0)
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def parts_apart(texts: Sequence[Text]) -> Iterator[tuple[Kind, str, list[Text]]]:
    """The texts by what they are parts of, as `Round` names these: kind, name, texts."""
    found: dict[tuple[Kind, str], list[Text]] = {}
    for text in texts:
        found.setdefault((text.kind, _part(text)), []).append(text)
    for (kind, part), several in found.items():
        yield kind, part, several


def _part(text: Text) -> str:
    match text.kind:
        case Kind.TRANSCRIPTS:
            return text.language
        case Kind.AGENDAS:
            return text_hash(*(piece.text for piece in text.passage.pieces), is_numbered=True)
        case Kind.ARTICLES:
            return str(text.item)
