"""Holding a tree against the words of one passage: where does it match, and is it a match at all?

What the index answers for millions of passages is worked out here for one, from its text: to mark
what matches, and to tell which segments to show. Both must agree; a property test holds them
against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from .passages import TAIL_WORDS, Passage
from .tree import And, Field, Leaf, Name, Near, Node, Not, Or, Phrase, Prefix, Word, has_words
from .words import UNSTEMMED, exact, forms, read, stem

Span = tuple[int, ...]
"""The words of one occurrence, by their numbers in the passage, in order."""

Run = tuple[int, int]
"""The first and the last segment of a stretch, by their numbers in the passage."""

SpansOf = Callable[[Leaf], Iterable[Span]]
"""Every occurrence of a leaf in one passage, in order."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a passage, read in its language's way. The first `owned` are its own."""

    exact: Sequence[str]
    """The words as phrases compare them."""
    stems: Sequence[str]
    pieces: Sequence[int]
    """In which segment each word stands."""
    owned: int
    speakers: Sequence[str]
    """Who speaks, for each segment."""

    @classmethod
    def of(cls, passage: Passage, family: str) -> Heard:
        owned = sum(map(len, passage.said[: passage.owned]))
        words = [word for said in passage.said for word in said][: owned + TAIL_WORDS]
        pieces = [number for number, said in enumerate(passage.said) for _word in said]
        return cls(
            exact=[*map(forms(UNSTEMMED).__getitem__, words)],
            stems=[*map(forms(family).__getitem__, words)],
            pieces=pieces[: len(words)],
            owned=owned,
            speakers=[piece.speaker for piece in passage.pieces],
        )


def spans(leaf: Leaf, heard: Heard, family: str) -> Iterator[Span]:
    """Every occurrence of the leaf, tail included."""
    match leaf:
        case Word(text):
            yield from ((at,) for at in _places(stem(text, family), heard.stems))
        case Prefix(text):
            start = exact(text)
            yield from ((at,) for at, word in enumerate(heard.exact) if word.startswith(start))
        case Phrase(quoted):
            phrase = [exact(word) for word in quoted]
            for at in _places(phrase[0], heard.exact):
                if heard.exact[at : at + len(phrase)] == phrase:
                    yield tuple(range(at, at + len(phrase)))
        case Near():
            yield from _pairs(leaf, heard, family)


def _places(wanted: str, words: Sequence[str]) -> Iterator[int]:
    """Where the word stands, as quick as it can be told: most words are others."""
    at = -1
    with suppress(ValueError):
        while True:
            at = words.index(wanted, at + 1)
            yield at


def _pairs(near: Near, heard: Heard, family: str) -> Iterator[Span]:
    stems = heard.stems
    pair = {stem(near.left, family), stem(near.right, family)}
    places = [at for at, word in enumerate(stems) if word in pair]
    for n, one in enumerate(places):
        for other in places[n + 1 :]:
            if other - one > near.distance:
                break
            if {stems[one], stems[other]} == pair:
                yield (one, other)


def is_match(tree: Node, heard: Heard, family: str, allows: Callable[[Field], bool]) -> bool:
    """Whether the passage is a hit. `allows` answers for its fields."""

    def holds(node: Node) -> bool:
        match node:
            case And(children):
                return all(holds(child) for child in children)
            case Or(children):
                return any(holds(child) for child in children)
            case Not(child):
                return not holds(child)
            case Field():
                return allows(node)
        return next(spans(node, heard, family), None) is not None

    def begins(node: Node) -> bool:
        match node:
            case And(children):
                wordy = [child for child in children if has_words(child)]
                return holds(node) and (not wordy or any(begins(child) for child in wordy))
            case Or(children):
                return any(begins(child) for child in children)
            case Not() | Field():
                return holds(node)
        return any(span[0] < heard.owned for span in spans(node, heard, family))

    return begins(tree)


def occurrences(tree: Node, heard: Heard, spans_of: SpansOf) -> list[Span]:
    """All that is to be marked, in order: what the search looks for, said by whom it asks for."""
    found: set[Span] = set()
    _collect(tree, heard, spans_of, frozenset(range(len(heard.speakers))), found)
    return sorted(found)


def runs(tree: Node, heard: Heard, spans_of: SpansOf) -> list[Run]:
    """The shortest stretches of segments in which the search is met, the first one first.

    None where a search for what somebody said meets only words of others.
    """
    everywhere = frozenset(range(len(heard.speakers)))
    found = _runs(tree, heard, spans_of, everywhere)
    return sorted(found or ())


def _collect(
    node: Node, heard: Heard, spans_of: SpansOf, allowed: frozenset[int], found: set[Span]
) -> None:
    match node:
        case And(children):
            allowed = _said_by(children, heard, allowed)
            for child in children:
                _collect(child, heard, spans_of, allowed, found)
        case Or(children):
            for child in children:
                _collect(child, heard, spans_of, allowed, found)
        case Not() | Field():
            return
        case _:
            found.update(s for s in spans_of(node) if heard.pieces[s[0]] in allowed)


def _runs(node: Node, heard: Heard, spans_of: SpansOf, allowed: frozenset[int]) -> set[Run] | None:
    """None where nothing of this looks for words, so that it is met anywhere."""
    match node:
        case And(children):
            allowed = _said_by(children, heard, allowed)
            whole: set[Run] | None = None
            for child in children:
                part = _runs(child, heard, spans_of, allowed)
                if part is not None:
                    whole = (
                        part
                        if whole is None
                        else _shortest((min(a, c), max(b, d)) for a, b in whole for c, d in part)
                    )
            return whole
        case Or(children):
            parts = [_runs(child, heard, spans_of, allowed) for child in children]
            wordy = [part for part in parts if part is not None]
            return _shortest(run for part in wordy for run in part) if wordy else None
        case Not() | Field():
            return None
    pieces = heard.pieces
    return _shortest(
        (pieces[span[0]], pieces[span[-1]]) for span in spans_of(node) if pieces[span[0]] in allowed
    )


def _shortest(found: Iterator[Run]) -> set[Run]:
    """The stretches that hold no other."""
    every = set(found)
    if len(every) < 2:
        return every
    shortest: set[Run] = set()
    latest = -1
    # By their ends, the later start first: whatever a stretch might hold has come before it.
    for first, last in sorted(every, key=lambda run: (run[1], -run[0])):
        if first > latest:
            shortest.add((first, last))
            latest = first
    return shortest


def _said_by(children: Sequence[Node], heard: Heard, allowed: frozenset[int]) -> frozenset[int]:
    """The segments whose speaker all of these allow that name speakers."""
    for child in children:
        named = _speakers(child)
        if named:
            allowed = frozenset(
                n for n in allowed if any(is_named(name, heard.speakers[n]) for name in named)
            )
    return allowed


def _speakers(node: Node) -> list[str]:
    """The names one of which must have spoken; none where the node asks for something else."""
    match node:
        case Field(Name.SPEAKER, value):
            return [value]
        case Or(children):
            named = [_speakers(child) for child in children]
            return [name for names in named for name in names] if all(named) else []
    return []


def is_named(wanted: str, name: str) -> bool:
    """Whether the wanted words follow one another in the name."""
    phrase = [exact(word) for word in wanted.split()]
    said = [exact(word) for word in read(name)]
    return any(said[n : n + len(phrase)] == phrase for n in range(len(said) - len(phrase) + 1))
