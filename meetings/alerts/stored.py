"""Stored trees: written once for all who ask for them, and picked by the words of a meeting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from django.db import connection, transaction

from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.reading import Opened
from meetings.search.schema import EXACT, field_of
from meetings.search.spoken import Bits
from meetings.search.tree import Name, Node
from meetings.search.words import FAMILIES

from .filing import ALWAYS, VERSION, Condition, Rarity, by_length, conditions, may_match
from .models import Alert, StoredTree, TreeTerm

_CHUNK = 5_000
_read_json = json.JSONDecoder().raw_decode  # what `json.loads` is, without its questions
_FIELD = tuple(f"{name}:" for name in Name)

# By hand, because a meeting has thousands of words, which as a filter take long to be planned.
_FILED_UNDER = f"""
    SELECT tree.id, tree.canonical, tree.needs
    FROM {StoredTree._meta.db_table} AS tree
    WHERE tree.id IN (
        SELECT filed.tree_id
        FROM unnest(%s::text[]) AS word (term)
        JOIN {TreeTerm._meta.db_table} AS filed USING (term)
    )
    AND EXISTS (
        SELECT FROM {Alert._meta.db_table} AS alert
        WHERE alert.tree_id = tree.id AND alert.paused_at IS NULL
    )
"""  # noqa: S608 - only names of tables are put in


def store(tree: Node, rarity: Rarity = by_length) -> StoredTree:
    """The row of this tree, made where there is none. Two at once make one."""
    text = canonical(tree)
    name = hash_of(text)
    found = StoredTree.objects.filter(canonical_hash=name).first()
    if found is not None:
        return found
    needs = conditions(tree, rarity)
    with transaction.atomic():
        row, is_new = StoredTree.objects.get_or_create(
            canonical_hash=name,
            defaults={"canonical": text, "needs": needs, "filing": VERSION},
        )
        if is_new:
            TreeTerm.objects.bulk_create(terms_of(row, needs))
    return row


def hash_of(text: str) -> str:
    """The name of a canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def terms_of(row: StoredTree, needs: Sequence[Condition]) -> list[TreeTerm]:
    """Under what a tree is filed: the rarest of its conditions."""
    return [TreeTerm(tree=row, term=term) for term in (needs[0] if needs else (ALWAYS,))]


def file_anew() -> int:
    """File the trees again that were filed by other rules. Returns how many.

    What somebody else has in hand is waited for: a tree that is looked up by other rules than it is
    filed by would miss a meeting, for ever.
    """
    count = 0
    while True:
        with transaction.atomic():
            rows = list(
                StoredTree.objects.exclude(filing=VERSION)
                .select_for_update()
                .order_by("pk")[:1_000]
            )
            if not rows:
                return count
            TreeTerm.objects.filter(tree__in=rows).delete()
            for row in rows:
                row.needs, row.filing = conditions(read_tree(row.canonical), by_length), VERSION
            StoredTree.objects.bulk_update(rows, ["needs", "filing"])
            TreeTerm.objects.bulk_create(term for row in rows for term in terms_of(row, row.needs))
            count += len(rows)


def read_tree(text: str) -> Node:
    """The tree of a canonical text."""
    tree = parse(text).tree
    if tree is None:
        raise ValueError(f"This is no search: {text[:100]}")
    return tree


def candidates(words: Mapping[str, Bits]) -> Iterator[tuple[int, str]]:
    """Number and text of the trees that a meeting with these words may meet, of running alerts."""
    for pk, text, needs in _rows(list(words)):
        if may_match(_read_json(needs)[0], words):
            yield pk, text


def _rows(terms: list[str]) -> Iterator[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_FILED_UNDER, [terms])
        while rows := cursor.fetchmany(_CHUNK):
            yield from rows


def by_index(opened: Opened) -> Rarity:
    """The rarity of words as an index counts them."""

    def rarity(condition: Condition) -> float:
        return sum(map(count, condition))

    def count(term: str) -> int:
        if term.startswith("="):
            return opened.searcher.doc_freq(EXACT, term[1:])
        if term.endswith("*"):
            found = opened.searcher.terms_with_prefix(EXACT, term[:-1], limit=1_000)
            return sum(times for _word, times in found)
        if term.startswith(_FIELD):
            name, _, value = term.partition(":")
            if value.startswith("/"):
                value = value[1:]
            elif name not in {Name.LEVEL, Name.IN}:
                name = f"{name}_name"
            return opened.searcher.doc_freq("kind" if name == Name.IN else name, value)
        return sum(opened.searcher.doc_freq(field_of(one), term) for one in FAMILIES)

    return rarity
