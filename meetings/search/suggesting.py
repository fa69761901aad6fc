"""*Did you mean*: for a word that the index does not have, one that it has and that is close."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from rapidfuzz.distance import OSA
from tantivy import Query

from .hits import Question, count
from .reading import Opened
from .schema import EXACT, schema
from .tree import And, Kind, Near, Node, Or, Phrase, Word, all_of, any_of
from .words import TAIL_MARK, exact

_FARTHEST = 2
_SHORTEST = 4  # letters; shorter words are close to far too many others
_LIKELY = 400  # words with the same beginning that are looked at
_MOST_WORDS = 5


def suggestion(opened: Opened, question: Question) -> Node | None:
    """The search with its unknown words replaced; None where there is nothing better.

    Only words that stand in what the asker may search are suggested, so that a suggestion never
    tells of a transcript to somebody who may not read it.
    """
    spelling = _Spelling(opened, question.kinds)
    better = spelling.corrected(question.tree)
    return better if better is not None and better != question.tree else None


class _Spelling:
    def __init__(self, opened: Opened, kinds: Collection[Kind]) -> None:
        self._opened = opened
        self._allowed = Query.term_set_query(schema(), "kind", [kind.value for kind in kinds])
        self._kinds = kinds
        self._looked_up = 0

    def corrected(self, node: Node) -> Node | None:
        match node:
            case And(children):
                return all_of(self._each(children))
            case Or(children):
                return any_of(self._each(children))
            case Word(text):
                return Word(self._better(text, Word(text)))
            case Phrase(words):
                return Phrase(tuple(self._better(word, Phrase((word,))) for word in words))
            case Near(left, right):
                left, right = (self._better(word, Word(word)) for word in (left, right))
                return replace(node, left=left, right=right)
        return node

    def _each(self, children: Collection[Node]) -> Iterator[Node]:
        for child in children:
            better = self.corrected(child)
            if better is not None:
                yield better

    def _better(self, word: str, alone: Node) -> str:
        """The word itself if `alone` is found; else the closest word known, the most used of it."""
        if len(word) < _SHORTEST or not word.isalpha() or self._looked_up >= _MOST_WORDS:
            return word
        if count(self._opened, Question(alone, self._kinds)):
            return word
        self._looked_up += 1
        term = exact(word)
        candidates = [
            (distance, -uses, other)
            for other, uses in self._candidates(term).items()
            if 0 < (distance := OSA.distance(term, other)) <= _allowed_edits(term)
        ]
        return min(candidates)[2] if candidates else word

    def _candidates(self, term: str) -> dict[str, int]:
        """Known words that may be close, with the number of passages that have them."""
        found: dict[str, int] = {}
        beginnings = {term[:2], term[1] + term[0], term[0] + term[2:3], term[1:3]}
        for beginning in sorted(beginnings):
            known = self._opened.searcher.terms_with_prefix(
                EXACT, beginning, filter_query=self._allowed, limit=_LIKELY
            )
            found.update(
                (other, uses)
                for other, uses in known
                if uses and abs(len(other) - len(term)) <= _FARTHEST and other.isalpha()
            )
        return {other: uses for other, uses in found.items() if not other.startswith(TAIL_MARK)}


def _allowed_edits(term: str) -> int:
    """Letters put in, left out, replaced, or swapped with their neighbor."""
    return 1 if len(term) < 7 else _FARTHEST
