"""The tree that a search is: stored, run, tested against a meeting and marked with, always as this.

Trees are made by the functions at the end, which keep them in one normal form: no brackets without
need, nothing said twice. So two ways of writing one search give one tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Name(StrEnum):
    """The fields that a search can be narrowed by."""

    SPEAKER = "speaker"
    BODY = "body"
    PLACE = "place"
    LEVEL = "level"
    AFTER = "after"
    BEFORE = "before"
    IN = "in"


class Kind(StrEnum):
    """What the index holds; `in:` is followed by one of these."""

    TRANSCRIPTS = "transcripts"
    AGENDAS = "agendas"
    ARTICLES = "articles"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its forms."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words exactly, one after the other. One quoted word is a phrase too."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two words, in any form and order, with fewer than `distance` words between them."""

    left: str
    right: str
    distance: int


@dataclass(frozen=True, slots=True)
class Field:
    """What a hit must belong to.

    `value` holds words of a name; an address ("/oakland") for a body or place; a day (2026-05-01)
    for after, which includes it, and before, which does not; a level, or a Kind.
    """

    name: Name
    value: str

    @property
    def is_address(self) -> bool:
        return self.value.startswith("/")


@dataclass(frozen=True, slots=True)
class Not:
    """Passages without this."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of these, close together."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of these."""

    children: tuple[Node, ...]


Leaf = Word | Phrase | Prefix | Near
Node = Leaf | Field | Not | And | Or

KIND_LABELS = {
    Kind.TRANSCRIPTS: _("Transcripts"),
    Kind.AGENDAS: _("Agendas"),
    Kind.ARTICLES: _("Articles"),
}


def all_of(nodes: Iterable[Node]) -> Node | None:
    """Every one of the nodes; None for none."""
    flat = _flat(nodes, And)
    return And(flat) if len(flat) > 1 else next(iter(flat), None)


def any_of(nodes: Iterable[Node]) -> Node | None:
    """At least one of the nodes; None for none."""
    flat = _flat(nodes, Or)
    return Or(flat) if len(flat) > 1 else next(iter(flat), None)


def without(node: Node) -> Node:
    """All but this. Twice is none."""
    return node.child if isinstance(node, Not) else Not(node)


def leaves(node: Node | None) -> Iterator[Leaf]:
    """What is looked for in the words: neither fields nor what must not be there."""
    if isinstance(node, (And, Or)):
        for child in node.children:
            yield from leaves(child)
    elif isinstance(node, (Word, Phrase, Prefix, Near)):
        yield node


def fields(node: Node | None) -> Iterator[Field]:
    """All fields of the search that must hold, or one of which must."""
    if isinstance(node, (And, Or)):
        for child in node.children:
            yield from fields(child)
    elif isinstance(node, Field):
        yield node


def has_words(node: Node) -> bool:
    """Whether anything is looked for in the words."""
    return next(leaves(node), None) is not None


def _flat(nodes: Iterable[Node], kind: type[And | Or]) -> tuple[Node, ...]:
    """The nodes without brackets that change nothing, each of them once, in their order."""
    flat: dict[Node, None] = {}
    for node in nodes:
        inner = node.children if isinstance(node, (And, Or)) and isinstance(node, kind) else (node,)
        flat.update(dict.fromkeys(inner))
    return tuple(flat)
