"""A tree as a query of the index.

Each part of a tree is asked in two ways (see `passages`): does it *hold* in a passage and its tail,
and does it *begin* in what the passage owns? A hit holds as a whole and begins with at least one
of its words. So what lies across the border of two passages is found, in the first of them only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from tantivy import FieldType, Occur, Query

from .schema import EXACT, day_number, field_of, schema
from .tree import And, Field, Kind, Leaf, Name, Near, Node, Not, Or, Phrase, Prefix, Word, has_words
from .words import FAMILIES, TAIL_MARK, exact, stem

_Term = tuple[int, str]  # a term and its place in a phrase


def compiled(
    tree: Node,
    *,
    families: Collection[str] = FAMILIES,
    kinds: Collection[Kind] = tuple(Kind),
    meetings: Collection[int] | None = None,
) -> Query:
    """The query for a tree. `families` are those that the index has words of; more do no harm.

    `meetings` are the only ones that are looked at.
    """
    silent = []
    if set(kinds) != set(Kind) or not has_words(tree) or _may_lack_words(tree):
        silent.append(Query.term_set_query(schema(), "kind", [kind.value for kind in kinds]))
    among = None
    if meetings is not None:
        among = Query.term_set_query(schema(), "meeting", [*meetings])
        silent.append(among)
    return _all([_Compiler(families, among).begins(tree)], silent=silent)


def _may_lack_words(node: Node) -> bool:
    """Whether a document without words, such as the checkpoint, could meet this."""
    match node:
        case And(children):
            return all(_may_lack_words(child) for child in children)
        case Or(children):
            return any(_may_lack_words(child) for child in children)
    return isinstance(node, (Not, Field))


class _Compiler:
    def __init__(self, families: Collection[str], among: Query | None) -> None:
        self._families = sorted(families) or list(FAMILIES)
        self._among = among

    def holds(self, node: Node) -> Query:
        """Passages where this is so, tail included."""
        match node:
            case And(children):
                return _all(
                    [self.holds(c) for c in children if has_words(c)],
                    silent=[self.holds(c) for c in children if not has_words(c)],
                )
            case Or(children):
                return _any([self.holds(child) for child in children])
            case Not(child):
                return _all([], silent=[Query.all_query()], but=[self.holds(child)])
            case Field():
                return _narrowed(node)
        return self._anywhere([*self._leaf(node), *self._in_tail(node)])

    def begins(self, node: Node) -> Query:
        """Passages where this is so, and that own at least the first word of it."""
        match node:
            case And(children):
                wordy = [child for child in children if has_words(child)]
                silent = [self.holds(child) for child in children if not has_words(child)]
                if len(wordy) == 1:
                    return _all([self.begins(wordy[0])], silent=silent)
                if wordy:
                    silent.append(_any([self.begins(child) for child in wordy]))
                return _all([self.holds(child) for child in wordy], silent=silent)
            case Or(children):
                return _any([self.begins(child) for child in children])
            case Not() | Field():
                return self.holds(node)
        return self._anywhere(self._leaf(node))

    def _anywhere(self, ways: Sequence[Query]) -> Query:
        """Any of these. Each way is narrowed by itself, because for a union of them the engine
        would go through thousands of neighbors to look at one passage.
        """
        if self._among is None:
            return _any(ways)
        return _any([_all([way], silent=[self._among]) for way in ways])

    def _leaf(self, leaf: Leaf) -> list[Query]:
        """Ways in which the leaf begins in what a passage owns."""
        match leaf:
            case Word(text):
                return [_term(field_of(one), stem(text, one)) for one in self._families]
            case Prefix(text):
                return [Query.regex_query(schema(), EXACT, re.escape(exact(text)) + ".*")]
            case Phrase(words):
                terms = [exact(word) for word in words]
                return [
                    _phrase(EXACT, list(enumerate([*terms[:own], *map(_in_tail, terms[own:])])))
                    for own in range(len(terms), 0, -1)
                ]
            case Near():
                return [query for one in self._families for query in self._near(leaf, one)]

    def _in_tail(self, leaf: Leaf) -> list[Query]:
        """Ways in which the leaf lies in the tail altogether."""
        match leaf:
            case Word(text):
                return [_term(field_of(one), _in_tail(stem(text, one))) for one in self._families]
            case Prefix(text):
                start = re.escape(_in_tail(exact(text)))
                return [Query.regex_query(schema(), EXACT, start + ".*")]
            case Phrase(words):
                return [_phrase(EXACT, list(enumerate(_in_tail(exact(word)) for word in words)))]
            case Near(left, right, distance):
                return [
                    query
                    for one in self._families
                    for query in _within(
                        field_of(one),
                        _in_tail(stem(left, one)),
                        _in_tail(stem(right, one)),
                        distance,
                    )
                ]

    def _near(self, near: Near, family: str) -> Iterable[Query]:
        field = field_of(family)
        left, right = stem(near.left, family), stem(near.right, family)
        yield from _within(field, left, right, near.distance)
        for first, second in dict.fromkeys([(left, right), (right, left)]):
            yield _slop(field, first, _in_tail(second), near.distance)


def _within(field: str, left: str, right: str, distance: int) -> Iterable[Query]:
    """Two terms in any order, one at most `distance` words after the other."""
    if left == right:  # with slop the one word would meet itself
        for gap in range(1, distance + 1):
            yield _phrase(field, [(0, left), (gap, right)])
    else:
        yield _slop(field, left, right, distance)
        yield _slop(field, right, left, distance)


def _slop(field: str, left: str, right: str, distance: int) -> Query:
    return Query.phrase_query(schema(), field, [left, right], slop=distance - 1)


def _in_tail(term: str) -> str:
    return TAIL_MARK + term


def _term(field: str, term: str) -> Query:
    return Query.term_query(schema(), field, term)


def _phrase(field: str, terms: Sequence[_Term]) -> Query:
    if len(terms) == 1:
        return _term(field, terms[0][1])
    return Query.phrase_query(schema(), field, list(terms))


def _all(
    loud: Sequence[Query], *, silent: Sequence[Query] = (), but: Sequence[Query] = ()
) -> Query:
    """All of the queries; only the loud ones count for the ranking."""
    if len(loud) == 1 and not silent and not but:
        return loud[0]
    must = [(Occur.Must, query) for query in loud]
    must += [(Occur.Must, Query.const_score_query(query, 0.0)) for query in silent]
    must += [(Occur.MustNot, query) for query in but]
    return Query.boolean_query(must)


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _narrowed(field: Field) -> Query:
    """Documents that a field allows."""
    match field.name:
        case Name.AFTER:
            first = day_number(date.fromisoformat(field.value))
            return Query.range_query(schema(), "day", FieldType.Integer, lower_bound=first)
        case Name.BEFORE:
            end = day_number(date.fromisoformat(field.value))
            return Query.range_query(
                schema(), "day", FieldType.Integer, upper_bound=end, include_upper=False
            )
        case Name.LEVEL:
            return _term("level", field.value)
        case Name.IN:
            return _term("kind", field.value)
        case _ if field.is_address:
            return _term(field.name, field.value.removeprefix("/"))
    words = [exact(word) for word in field.value.split()]
    return _phrase(f"{field.name}_name", list(enumerate(words)))
