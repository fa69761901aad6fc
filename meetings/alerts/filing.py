"""Where a tree is filed: under terms of which a meeting must have one, or it cannot match.

A condition is a set of terms, one of which must stand in a passage; a tree has any number of them,
all to be met by one passage. They are necessary and never sufficient: what meets them is run.

Terms say what they are: `water` a stem in the way of any language, `=waters` a word exactly,
`wat*` a beginning, `body:/council` a field. `ALWAYS` stands where nothing else must.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from meetings.search.documents import About, Text
from meetings.search.lexing import SHORTEST_PREFIX
from meetings.search.matching import Heard
from meetings.search.spoken import Bits
from meetings.search.tree import And, Field, Leaf, Name, Near, Node, Or, Phrase, Prefix, Word
from meetings.search.words import FAMILIES, exact, read, stem

VERSION = 1
"""Raised with every change of terms or of how words are read: trees are filed anew."""

ALWAYS = "*"
LONGEST_STUB = 5  # letters of a beginning that are told apart
_LONGEST = 250  # characters of a term, as the column has it

Condition = tuple[str, ...]
"""Terms one of which must be there, sorted."""

Rarity = Callable[[Condition], float]
"""How often a condition is met, in any unit: the less, the better a tree is filed under it."""


def conditions(tree: Node, rarity: Rarity) -> list[Condition]:
    """What a passage must have to meet the tree, the rarest first."""
    return sorted(dict.fromkeys(_needed(tree, rarity)), key=lambda one: (rarity(one), one))


def by_length(condition: Condition) -> float:
    """The rarity of words where no index knows them: longer ones are rarer."""
    return -min(len(term) for term in condition)


def _needed(node: Node, rarity: Rarity) -> Iterator[Condition]:
    match node:
        case And(children):
            for child in children:
                yield from _needed(child, rarity)
        case Or(children):
            ways = [min(_needed(child, rarity), key=rarity, default=None) for child in children]
            known = [way for way in ways if way is not None]
            if len(known) == len(ways):
                yield _condition(chain.from_iterable(known))
        case Field():
            yield from _field(node)
        case Word() | Near() | Phrase() | Prefix():
            yield from _said(node)


def _said(leaf: Leaf) -> Iterator[Condition]:
    match leaf:
        case Word(text):
            yield _word(text)
        case Near(left, right):
            yield _word(left)
            yield _word(right)
        case Phrase(words):
            for word in words:
                yield _condition([f"={exact(word)}"])
        case Prefix(text):
            yield _condition([f"{exact(text)[:LONGEST_STUB]}*"])


def _word(text: str) -> Condition:
    return _condition(stem(text, one) for one in FAMILIES)


def _field(field: Field) -> Iterator[Condition]:
    name, value = field.name, field.value
    if name in {Name.AFTER, Name.BEFORE}:
        return
    if name in {Name.LEVEL, Name.IN} or field.is_address:
        yield _condition([f"{name}:{value}"])
    else:
        for word in value.split():
            yield _condition([f"{name}:{exact(word)}"])


def _condition(terms: Iterable[str]) -> Condition:
    return tuple(sorted({term[:_LONGEST] for term in terms}))


def vocabulary(
    about: About, texts: Sequence[Text], each_heard: Sequence[Heard]
) -> Mapping[str, Bits]:
    """The terms of a meeting, each with the passages that have it, their tails included."""
    found: dict[str, Bits] = {}
    words: dict[str, Bits] = {}
    for number, (text, heard) in enumerate(zip(texts, each_heard, strict=True)):
        bit = 1 << number
        terms = set(heard.stems)
        terms.add(f"{Name.IN}:{text.kind.value}")
        for speaker in text.passage.speakers:
            terms.update(f"{Name.SPEAKER}:{exact(word)}" for word in read(speaker))
        for term in terms:
            found[term[:_LONGEST]] = found.get(term[:_LONGEST], 0) | bit
        for word in set(heard.exact):
            words[word] = words.get(word, 0) | bit
    for word, bits in words.items():
        for term in _exactly(word):
            found[term] = found.get(term, 0) | bits
    every = (1 << len(texts)) - 1
    for term in (ALWAYS, *_of_all(about)):
        found[term] = every
    return found


def _exactly(word: str) -> Iterator[str]:
    yield f"={word}"[:_LONGEST]
    for length in range(SHORTEST_PREFIX, LONGEST_STUB + 1):
        if length <= len(word):
            yield f"{word[:length]}*"


def _of_all(about: About) -> Iterator[str]:
    """What is so for every passage of the meeting."""
    yield f"{Name.LEVEL}:{about.level}"
    for name, named in ((Name.BODY, [about.body]), (Name.PLACE, about.places)):
        for slug, title in named:
            yield f"{name}:/{slug}"[:_LONGEST]
            for word in chain(read(title), read(slug.replace("-", " "))):
                yield f"{name}:{exact(word)}"[:_LONGEST]


def may_match(needs: Sequence[Sequence[str]], words: Mapping[str, Bits]) -> bool:
    """Whether one passage meets all conditions."""
    left = words[ALWAYS]
    for condition in needs:
        here = 0
        for term in condition:
            here |= words.get(term, 0)
        left &= here
        if not left:
            return False
    return bool(left)
