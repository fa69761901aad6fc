"""What a visitor is told of the transcripts: about how many moments have the words, in steps.

An exact number would spell a transcript out, word by word, and so would a number for a long
phrase, for words beside one another, for what one person said or for one day. For these there is
none: only plain words are counted, three at most, whichever way they are written.
"""

from __future__ import annotations

from enum import Enum

from .hits import Question, count
from .reading import Opened
from .tree import And, Field, Kind, Name, Node, Or, Phrase, Word, leaves

MOST_WORDS = 3
_FIELDS = {Name.BODY, Name.PLACE, Name.LEVEL}


class Step(Enum):
    """About how many, by the number that there are more of."""

    NONE = -1
    FEW = 0
    TEN = 10
    HUNDRED = 100
    THOUSAND = 1_000

    @classmethod
    def of(cls, number: int) -> Step:
        return next(step for step in reversed(cls) if number > step.value)

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return f"{self.value:,}"


def step(opened: Opened, tree: Node) -> Step | None:
    """About how many moments of transcripts meet the search; None where that is not told.

    Whether it is told hangs on the search alone, never on what transcripts hold.
    """
    if not is_plain(tree):
        return None
    return Step.of(count(opened, Question(tree, kinds=(Kind.TRANSCRIPTS,))))


def is_plain(tree: Node) -> bool:
    """Plain words, three at most, of any body, place or level."""
    words = [word for leaf in leaves(tree) for word in _words(leaf)]
    return _is_harmless(tree) and 0 < len(words) <= MOST_WORDS


def _is_harmless(node: Node) -> bool:
    match node:
        case And(children) | Or(children):
            return all(map(_is_harmless, children))
        case Field(name):
            return name in _FIELDS
    return isinstance(node, (Word, Phrase))


def _words(leaf: Node) -> tuple[str, ...]:
    match leaf:
        case Word(text):
            return (text,)
        case Phrase(words):
            return words
    return ()
