"""Excerpts: which words of the meeting stand beside an article, for everybody to check it by.

Checking a claim is free, the transcript is not. So a mark shows a few words, an article some
hundred, and all articles of a meeting together a small share of what was said. Which words those
are follows from the rows alone: nobody gets others by asking again, or by asking elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .checks.words import words as compared_words

FEWEST = 6  # fewer words in a row say nothing; a passage that is shorter is shown as it is

# What counts as a word. Scripts without spaces count by the letter, and what goes on without a
# space by the two dozen, so that no way of writing makes the limit mean more.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]{{1,24}}")


class Word(NamedTuple):
    """One word of the transcript: the segment's position, and where in its text it stands."""

    segment: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighboring segments that a sentence rests on: position and text, in their order.

    `free` are the positions whose words anybody may read anyway.
    """

    segments: Sequence[tuple[int, str]]
    free: frozenset[int] = frozenset()

    def words(self) -> list[Word]:
        return [
            Word(position, found.start(), found.end())
            for position, text in self.segments
            for found in _WORD.finditer(text)
        ]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, and the passages behind it."""

    sentence: int
    text: str
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many words are shown at most: beside a sentence, of an article, of the whole meeting."""

    per_mark: int
    per_article: int
    per_meeting: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The words of a passage that are shown; none where the limit is reached, or they are gone."""

    text: str = ""
    is_cut_before: bool = False
    is_cut_after: bool = False
    positions: Sequence[int] = ()
    """Of the segments that the words are from."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is shown of each passage, by sentence, and all words that cost something."""

    runs: Mapping[int, Sequence[Sequence[Word]]]
    spent: frozenset[Word] = field(default_factory=frozenset)


def of_meeting(
    articles: Iterable[Sequence[Claim]], limits: Limits
) -> Iterator[dict[int, list[Excerpt]]]:
    """For each article, what is shown of each sentence's passages.

    An article has what those before it leave: one that comes later changes nothing about them.
    Words that two sentences show count once.
    """
    spent: frozenset[Word] = frozenset()
    for claims in articles:
        plan = _plan(claims, limits, spent)
        spent |= plan.spent
        yield {
            claim.sentence: [
                _excerpt(passage, run)
                for passage, run in zip(claim.passages, plan.runs[claim.sentence], strict=True)
            ]
            for claim in claims
        }


def _plan(claims: Sequence[Claim], limits: Limits, before: frozenset[Word]) -> _Plan:
    """As many words for each sentence as there is room for in all of them: none goes without as
    long as a few words of each fit.
    """
    most = limits.per_mark
    while most >= FEWEST:
        runs = {claim.sentence: _runs(claim, most) for claim in claims}
        spent = frozenset(word for claim in claims for word in _cost(claim, runs[claim.sentence]))
        if _fits(spent, before, limits):
            return _Plan(runs, spent)
        most = most * 3 // 4
    return _in_turn(claims, min(limits.per_mark, FEWEST), limits, before)


def _in_turn(claims: Sequence[Claim], most: int, limits: Limits, before: frozenset[Word]) -> _Plan:
    """A few words each, in the order of the article, until the limit is reached."""
    shown: dict[int, Sequence[Sequence[Word]]] = {}
    spent: frozenset[Word] = frozenset()
    for claim in claims:
        runs = _runs(claim, most)
        with_it = spent.union(_cost(claim, runs))
        if _fits(with_it, before, limits):
            spent = with_it
        else:
            runs = [()] * len(claim.passages)
        shown[claim.sentence] = runs
    return _Plan(shown, spent)


def _fits(spent: frozenset[Word], before: frozenset[Word], limits: Limits) -> bool:
    return len(spent) <= limits.per_article and len(spent | before) <= limits.per_meeting


def _cost(claim: Claim, runs: Sequence[Sequence[Word]]) -> Iterator[Word]:
    for passage, run in zip(claim.passages, runs, strict=True):
        yield from (word for word in run if word.segment not in passage.free)


def _runs(claim: Claim, most: int) -> list[Sequence[Word]]:
    """A run of words of each passage, `most` in all. What a short one leaves, later ones have."""
    claimed = frozenset(word.norm for word in compared_words(claim.text))
    runs: list[Sequence[Word]] = []
    for number, passage in enumerate(claim.passages):
        words = passage.words()
        size = min(len(words), most // (len(claim.passages) - number))
        if size < min(FEWEST, len(words)):
            size = 0
        runs.append(_best(words, size, claimed, passage))
        most -= size
    return runs


def _best(
    words: Sequence[Word], size: int, claimed: frozenset[str], passage: Passage
) -> Sequence[Word]:
    """The run of so many words that shares most with the sentence; of equals the middle one."""
    if size in {0, len(words)}:
        return words[:size]
    texts = dict(passage.segments)
    shares = [_is_among(texts[word.segment][word.start : word.end], claimed) for word in words]
    score = best = sum(shares[:size])
    first = last = 0
    for begin in range(1, len(words) - size + 1):
        score += shares[begin + size - 1] - shares[begin - 1]
        if score > best:
            best, first, last = score, begin, begin
        elif score == best and last == begin - 1:
            last = begin
    begin = (first + last) // 2
    return words[begin : begin + size]


def _is_among(word: str, claimed: frozenset[str]) -> bool:
    norms = {found.norm for found in compared_words(word)}
    return bool(norms) and norms <= claimed


def _excerpt(passage: Passage, run: Sequence[Word]) -> Excerpt:
    if not run:
        return Excerpt()
    texts = {}
    for position, text in passage.segments:
        held = [word for word in run if word.segment == position]
        if held:
            texts[position] = text[held[0].start : held[-1].end]
    words = passage.words()
    return Excerpt(
        text=" ".join(" ".join(texts.values()).split()),
        is_cut_before=run[0] != words[0],
        is_cut_after=run[-1] != words[-1],
        positions=tuple(texts),
    )
