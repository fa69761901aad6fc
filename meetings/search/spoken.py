"""Every word of a few passages and where it stands, so that trees are held against all at once.

What `matching` works out for one passage and one tree is worked out here for all passages of a
meeting, and once for all trees that ask for the same words: thousands of alerts do. It finds what
the index would; property tests hold the two against each other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import accumulate, chain, islice, takewhile
from operator import and_, or_

from .documents import About, Text
from .matching import Heard, Span, is_named, spans
from .tree import And, Field, Leaf, Name, Near, Node, Not, Or, Phrase, Prefix, Word, has_words
from .words import exact, family, stem

Bits = int
"""A set of passages: bit n stands for the nth."""


@dataclass(frozen=True, slots=True)
class Said:
    """Where a leaf occurs."""

    holds: Bits
    """Passages that have it, their tails included."""
    begins: Bits
    """Passages that own the first word of it."""
    starts: Sequence[int]
    """Its first words, by their numbers in the meeting, in order. Unused where two are near."""


class Spoken:
    """Texts of one meeting. Their words are numbered on from each passage, with its tail, to the
    next: so one list says where a word stands.
    """

    def __init__(self, about: About, texts: Sequence[Text]) -> None:
        self._about = about
        self._texts = texts
        self.heard = [Heard.of(text.passage, family(text.language)) for text in texts]
        self._every: Bits = (1 << len(texts)) - 1
        self._families = [family(text.language) for text in texts]
        self._firsts = [0, *accumulate(len(heard.exact) for heard in self.heard)]
        self._passage_of = [n for n, heard in enumerate(self.heard) for _word in heard.exact]
        self._words = [word for heard in self.heard for word in heard.exact]
        self._exact: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self._words):
            self._exact[word].append(at)
        self._stems: dict[str, dict[str, list[int]]] = {}
        for first, heard, reading in zip(self._firsts, self.heard, self._families, strict=False):
            stems = self._stems.setdefault(reading, defaultdict(list))
            for at, word in enumerate(heard.stems, first):
                stems[word].append(at)
        self._leaves: dict[Leaf, Said] = {}
        self._fields: dict[Field, Bits] = {}

    def hits(self, tree: Node) -> Bits:
        """The texts that meet the tree, as the index would find them."""
        return self._begins(tree)

    def spans(self, leaf: Leaf, number: int) -> Iterable[Span]:
        """Every occurrence of the leaf in this passage, as `matching` has it."""
        if isinstance(leaf, Near):
            return spans(leaf, self.heard[number], self._families[number])
        starts = self._said(leaf).starts
        first = self._firsts[number]
        within = starts[bisect_left(starts, first) : bisect_left(starts, self._firsts[number + 1])]
        width = len(leaf.words) if isinstance(leaf, Phrase) else 1
        return [tuple(range(at - first, at - first + width)) for at in within]

    def _holds(self, node: Node) -> Bits:
        match node:
            case And(children):
                return reduce(and_, map(self._holds, children))
            case Or(children):
                return reduce(or_, map(self._holds, children))
            case Not(child):
                return self._every & ~self._holds(child)
            case Field():
                return self._allowed(node)
        return self._said(node).holds

    def _begins(self, node: Node) -> Bits:
        match node:
            case And(children):
                wordy = [child for child in children if has_words(child)]
                begun = reduce(or_, map(self._begins, wordy)) if wordy else self._every
                return begun and begun & self._holds(node)
            case Or(children):
                return reduce(or_, map(self._begins, children))
            case Not() | Field():
                return self._holds(node)
        return self._said(node).begins

    def _said(self, leaf: Leaf) -> Said:
        """Where the leaf occurs, worked out when it is first asked for."""
        found = self._leaves.get(leaf)
        if found is None:
            found = self._leaves[leaf] = self._looked_up(leaf)
        return found

    def _looked_up(self, leaf: Leaf) -> Said:
        match leaf:
            case Word(text):
                return self._from(self._forms(text))
            case Prefix(text):
                return self._from([self._exact[word] for word in self._begun(exact(text))])
            case Phrase(words):
                return self._from([self._quoted([exact(word) for word in words])])
            case Near(left, right):
                both = _bits(self._passages(self._forms(left)))
                both &= _bits(self._passages(self._forms(right)))
                firsts = {n: [span[0] for span in self.spans(leaf, n)] for n in numbers(both)}
                holds = (n for n, each in firsts.items() if each)
                begins = (
                    n for n, each in firsts.items() if each and min(each) < self.heard[n].owned
                )
                return Said(_bits(holds), _bits(begins), ())

    def _forms(self, text: str) -> list[list[int]]:
        """Where a word stands in any form, in each of the languages."""
        found = (stems.get(stem(text, reading)) for reading, stems in self._stems.items())
        return [places for places in found if places]

    def _begun(self, start: str) -> Iterable[str]:
        """All words that begin so."""
        first = bisect_left(self._known, start)
        return takewhile(lambda word: word.startswith(start), islice(self._known, first, None))

    def _quoted(self, phrase: list[str]) -> list[int]:
        """Where these words begin, one after the other in one passage."""
        if not all(word in self._exact for word in phrase):
            return []
        rarest = min(range(len(phrase)), key=lambda n: len(self._exact[phrase[n]]))
        starts = (at - rarest for at in self._exact[phrase[rarest]])
        long = len(phrase)
        return [
            at
            for at in starts
            if at >= 0
            and self._words[at : at + long] == phrase
            and self._passage_of[at] == self._passage_of[at + long - 1]
        ]

    def _passages(self, several: Iterable[Sequence[int]]) -> set[int]:
        return {self._passage_of[at] for places in several for at in places}

    def _from(self, several: Sequence[Sequence[int]]) -> Said:
        starts = several[0] if len(several) == 1 else sorted(chain.from_iterable(several))
        passage_of, ends = self._passage_of, self._ends
        owned = (n for at in starts if at < ends[n := passage_of[at]])
        return Said(_bits(self._passages([starts])), _bits(set(owned)), starts)

    @cached_property
    def _ends(self) -> list[int]:
        """Where what each passage owns is at its end."""
        return [first + heard.owned for first, heard in zip(self._firsts, self.heard, strict=False)]

    @cached_property
    def _known(self) -> list[str]:
        """All words, sorted."""
        return sorted(self._exact)

    def _allowed(self, field: Field) -> Bits:
        if field not in self._fields:
            self._fields[field] = self._narrowed(field)
        return self._fields[field]

    def _narrowed(self, field: Field) -> Bits:
        match field.name:
            case Name.SPEAKER:
                return self._where(
                    any(is_named(field.value, name) for name in text.passage.speakers)
                    for text in self._texts
                )
            case Name.IN:
                return self._where(text.kind.value == field.value for text in self._texts)
        return self._every if self._about.is_in(field) else 0

    @staticmethod
    def _where(answers: Iterable[bool]) -> Bits:
        return _bits(number for number, answer in enumerate(answers) if answer)


def numbers(bits: Bits) -> Iterable[int]:
    """The members of the set, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _bits(members: Iterable[int]) -> Bits:
    found = 0
    for number in members:
        found |= 1 << number
    return found
