"""A tree as text: the canonical way to write a search. Reading it gives the same tree again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .tree import And, Field, Near, Node, Not, Or, Phrase, Prefix, Word


def canonical(node: Node | None) -> str:
    """The search as text; empty for none."""
    return "" if node is None else _text(node, inside=None)


def _text(node: Node, *, inside: type[And | Or | Not] | None) -> str:
    match node:
        case Word(text):
            return text
        case Phrase(words):
            return f'"{" ".join(words)}"'
        case Prefix(text):
            return f"{text}*"
        case Near("", right, distance):
            return f"NEAR/{distance} {right}"
        case Near(left, right, distance):
            near = f"{left} NEAR/{distance} {right}"
            return f"({near})" if inside is Not else near
        case Field(name, value):
            return f'{name}:"{value}"' if " " in value else f"{name}:{value}"
        case Not(child):
            return f"-{_text(child, inside=Not)}"
        case And(children):
            whole = " ".join(_text(child, inside=And) for child in _chained(children))
            return f"({whole})" if inside is Not else whole
        case Or(children):
            whole = " OR ".join(_text(child, inside=Or) for child in children)
            return whole if inside is None else f"({whole})"


def _chained(children: Iterable[Node]) -> Iterator[Node]:
    """ "a NEAR/5 b" and "b NEAR/5 c" are written as one chain: the word that both share once."""
    before: Node | None = None
    for child in children:
        linked = isinstance(before, Near) and isinstance(child, Near) and before.right == child.left
        yield replace(child, left="") if linked and isinstance(child, Near) else child
        before = child
