"""Asking the index: which passages, how many, and how they spread over bodies, places and years."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import tantivy

from .compiling import compiled
from .reading import Opened
from .schema import KINDS
from .tree import Kind, Node

EVERYTHING = tuple(Kind)
FACETS = {"body": 30, "place": 30, "level": 10, "year": 50, "speaker": 30, "kind": len(KINDS)}
"""What hits are counted by, and how many values of each are named at most."""

_COLUMNS = ("kind_number", "meeting", "item", "first", "last", "tail")


class Order(StrEnum):
    """How hits are sorted. Relevance has a gentle preference for recent meetings."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that meets the search: positions of segments, in a transcript's case.

    `item` is the transcript, agenda item or article. The passage owns the segments from `first` to
    `last`, and its tail reaches into `tail`.
    """

    kind: Kind
    meeting: int
    item: int
    first: int
    last: int
    tail: int


@dataclass(frozen=True, slots=True)
class Hits:
    """The first hits, and how many there are in all."""

    hits: Sequence[Hit]
    total: int


@dataclass(frozen=True, slots=True)
class Question:
    """A tree, the kinds of things that whoever asks may search, and one meeting if only that."""

    tree: Node
    kinds: Collection[Kind] = EVERYTHING
    meeting: int | None = None

    def query(self, opened: Opened, *, meetings: Collection[int] | None = None) -> tantivy.Query:
        """As the index is asked, in all its meetings or in these."""
        if self.meeting is not None:
            meetings = {self.meeting}
        return compiled(self.tree, families=opened.families, kinds=self.kinds, meetings=meetings)


def find(opened: Opened, question: Question, *, order: Order, limit: int) -> Hits:
    """The first `limit` hits. Of equals in rank or day, no order is promised."""
    by: dict[str, Any]  # as the engine names its options
    match order:
        case Order.RELEVANCE:
            by = {"weight_by_field": "recency"}
        case Order.NEWEST:
            by = {"order_by_field": "day", "order": tantivy.Order.Desc}
        case Order.OLDEST:
            by = {"order_by_field": "day", "order": tantivy.Order.Asc}
    result = opened.searcher.search(question.query(opened), limit=limit, count=True, **by)
    addresses = [address for _score, address in result.hits]
    columns = [opened.searcher.fast_field_values(name, addresses) for name in _COLUMNS]
    hits = [
        Hit(EVERYTHING[int(kind or 0)], *(int(value or 0) for value in rest))
        for kind, *rest in zip(*columns, strict=True)
    ]
    return Hits(hits, result.count)  # type: ignore[attr-defined]  # the binding's stub forgets it


def count(opened: Opened, question: Question) -> int:
    """How many hits there are in all."""
    result = opened.searcher.search(question.query(opened), limit=1, count=True)
    return int(result.count)  # type: ignore[attr-defined]  # the binding's stub forgets it


def count_by_meeting(
    opened: Opened, question: Question, meetings: Sequence[int]
) -> Mapping[int, int]:
    """How many hits there are in each of these meetings."""
    if not meetings:
        return {}
    query = question.query(opened, meetings=meetings)
    terms = {"terms": {"field": "meeting", "size": len(meetings)}}
    buckets = opened.searcher.aggregate(query, {"meetings": terms})["meetings"]["buckets"]
    return {int(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}


def facets(opened: Opened, question: Question) -> Mapping[str, Sequence[tuple[str, int]]]:
    """For each facet its values with the number of hits, the most frequent first.

    A passage counts for everybody who speaks in it.
    """
    asked = {name: {"terms": {"field": name, "size": size}} for name, size in FACETS.items()}
    found = opened.searcher.aggregate(question.query(opened), asked)
    return {
        name: [
            (_text(bucket["key"]), int(bucket["doc_count"])) for bucket in found[name]["buckets"]
        ]
        for name in FACETS
    }


def by_month(opened: Opened, question: Question) -> Mapping[int, int]:
    """How many hits there are in each month (`schema.month_number`) that has any."""
    terms = {"terms": {"field": "month", "size": 10_000}}
    buckets = opened.searcher.aggregate(question.query(opened), {"m": terms})["m"]["buckets"]
    return {int(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}


def _text(key: object) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)
