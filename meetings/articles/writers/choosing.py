"""Choosing what to tell: a strong sentence for each matter, and what was said around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .ranking import overlap
from .sentences import Said
from .weighing import LEANING

FEWEST_PARAGRAPHS, MOST_PARAGRAPHS = 3, 6
FEWEST_SENTENCES, MOST_SENTENCES = 2, 4
# Sentences of one paragraph are said within this time, so that they speak of the same matter.
REACH_MS = 3 * 60_000
# What a vote ends was spoken about before it, for longer.
REACH_OF_AN_OUTCOME_MS = 10 * 60_000
# Two sentences that share this much of their words say the same.
SAME = 0.7
# What a further paragraph about the same agenda item must be better by.
AGAIN = 0.5
# Nothing much weaker than the strongest is worth a reader's time, however near it was said.
WEAKEST = 0.3
# What only is a headline because it is short must be at least this strong beside the strongest.
LOUD = 0.5
# A sentence above the article stands alone; a headline is short.
LEAD_LETTERS = (60, 240)
HEADLINE_LETTERS = 88


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could be told, with what speaks for it.

    `order` counts all sentences of the meeting; `chapter` is the agenda item, -1 before the first.
    `leans` says that it needs the sentence before it; `score` has been lowered for that.
    """

    order: int
    said: Said
    words: frozenset[str]
    score: float
    chapter: int
    leans: bool
    is_full: bool
    stands_alone: bool
    is_outcome: bool


@dataclass(slots=True)
class Choice:
    """What is chosen so far, out of `candidates` in the order of the meeting."""

    candidates: Sequence[Candidate]
    chosen: list[Candidate] = field(default_factory=list)

    def headliner(self) -> Candidate | None:
        """The short sentence that tells most: how something ended, before all else.

        It is not taken out: what the headline quotes stands in the article too, with its mark.
        """
        short = [
            one
            for one in self.candidates
            if one.stands_alone
            and not one.leans
            and len(one.said.text) <= HEADLINE_LETTERS
            and (one.is_outcome or one.score >= self._strongest() * LOUD)
        ]
        return max(short, key=lambda one: (one.is_outcome, one.score, -one.order), default=None)

    def lead(self, headliner: Candidate | None) -> Candidate | None:
        """The one sentence that could stand alone above the article, apart from its headline."""
        shortest, longest = LEAD_LETTERS
        alone = [
            one
            for one in self.candidates
            if not one.leans
            and shortest <= len(one.said.text) <= longest
            and (headliner is None or overlap(one.words, headliner.words) < SAME)
        ]
        best = max(
            alone,
            key=lambda one: (one.stands_alone, one.is_full, one.score, -one.order),
            default=None,
        )
        if best is not None:
            self.chosen.append(best)
        return best

    def paragraphs(
        self, *, wanted: int, apart_ms: int, first: Candidate | None
    ) -> list[list[Candidate]]:
        """At most `wanted` paragraphs in the meeting's order, anchored `apart_ms` from each other.

        `first` is tried as an anchor before all others. An agenda item gets a further paragraph
        only where that is much stronger than another item's first.
        """
        found: list[list[Candidate]] = []
        uses: dict[int, int] = {}
        anchors: list[Candidate] = []
        while len(found) < wanted:
            anchor = first if first and not anchors else self._anchor(anchors, uses, apart_ms)
            if anchor is None:
                break
            anchors.append(anchor)
            paragraph = self._around(anchor)
            if len(paragraph) < FEWEST_SENTENCES and anchor.is_outcome:
                paragraph = self._around(anchor, REACH_OF_AN_OUTCOME_MS)
            if len(paragraph) < FEWEST_SENTENCES:
                continue
            self.chosen += paragraph
            found.append(paragraph)
            if anchor.chapter >= 0:
                uses[anchor.chapter] = uses.get(anchor.chapter, 0) + 1
        return sorted(found, key=lambda paragraph: paragraph[0].order)

    def _anchor(
        self, anchors: Sequence[Candidate], uses: dict[int, int], apart_ms: int
    ) -> Candidate | None:
        def worth(one: Candidate) -> tuple[float, int]:
            return one.score * AGAIN ** uses.get(one.chapter, 0), -one.order

        free = [
            one
            for one in self.candidates
            if one.is_full
            and not one.leans
            and all(abs(one.said.start_ms - other.said.start_ms) >= apart_ms for other in anchors)
            and one not in anchors
            and self._is_new(one, [])
        ]
        return max(free, key=worth, default=None)

    def _around(self, anchor: Candidate, reach_ms: int = REACH_MS) -> list[Candidate]:
        """The anchor with the best of what was said near it, in order.

        What leans on a sentence that is not there is taken only where nothing else is near.
        """
        floor = WEAKEST * self._strongest()
        near = [
            one
            for one in self.candidates
            if one.chapter == anchor.chapter
            and one.score >= floor
            and abs(one.said.start_ms - anchor.said.start_ms) <= reach_ms
        ]
        paragraph = [anchor]
        while len(paragraph) < MOST_SENTENCES:
            worths = [
                (_company(one, paragraph), -one.order, one)
                for one in near
                if self._is_new(one, paragraph)
                and (not one.leans or _follows(one, paragraph) or len(paragraph) < FEWEST_SENTENCES)
            ]
            best = max(worths, default=None, key=lambda worth: worth[:2])
            if best is None:
                break
            paragraph.append(best[2])
        return sorted(paragraph, key=lambda one: one.order)

    def _strongest(self) -> float:
        return max(one.score for one in self.candidates)

    def _is_new(self, one: Candidate, paragraph: Sequence[Candidate]) -> bool:
        return all(overlap(one.words, other.words) < SAME for other in [*self.chosen, *paragraph])


def _follows(one: Candidate, paragraph: Sequence[Candidate]) -> bool:
    """Whether it was said directly after one that is there: what it leans on, the reader has."""
    return any(one.order == other.order + 1 for other in paragraph)


def _company(one: Candidate, paragraph: Sequence[Candidate]) -> float:
    """How much a sentence adds to a paragraph: near and akin to what is there already."""
    kin = max(overlap(one.words, other.words) for other in paragraph)
    distance = min(abs(one.order - other.order) for other in paragraph)
    worth = one.score * (0.7 + kin) * (1 + 1 / (distance + 1))
    if one.is_outcome:
        worth *= 1.5
    if one.leans:
        worth *= 1 / LEANING if _follows(one, paragraph) else LEANING
    return worth
