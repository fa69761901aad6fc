"""What an index holds, document for document: to compare two of them."""

from collections import Counter
from pathlib import Path

from tantivy import Query

from meetings.search.folder import Folder
from meetings.search.schema import EXACT, field_of, schema
from meetings.search.words import FAMILIES
from meetings.search.writing import opened

NUMBERS = (
    "meeting", "kind_number", "item", "first", "last", "tail", "day", "month", "year", "recency",
)  # fmt: skip
WORDS = (
    EXACT, *map(field_of, FAMILIES), "kind", "language", "body", "place", "level", "speaker",
    "speaker_name", "body_name", "place_name",
)  # fmt: skip
MOST = 1_000_000


def builds(folder: Folder) -> list[Path]:
    """The builds that lie there, without the locks beside them. A name may end in any letter."""
    return [one for one in folder.builds.iterdir() if one.is_dir()]


def contents(folder: Folder) -> Counter[tuple[object, ...]]:
    """Every document but the checkpoint: its numbers, and every word of every field of it."""
    searcher = opened(folder.current()).searcher()
    every = [place for _score, place in searcher.search(Query.all_query(), limit=MOST).hits]
    columns = [searcher.fast_field_values(name, every) for name in NUMBERS]
    place_of = {(at.segment_ord, at.doc): number for number, at in enumerate(every)}
    words: list[set[tuple[str, str]]] = [set() for _ in every]
    for field in WORDS:
        for term, _count in searcher.terms_with_prefix(field, ""):
            query = Query.term_query(schema(), field, term)
            for _score, at in searcher.search(query, limit=MOST).hits:
                words[place_of[at.segment_ord, at.doc]].add((field, term))
    documents = zip(zip(*columns, strict=True), map(frozenset, words), strict=True)
    return Counter(document for document in documents if ("kind", "checkpoint") not in document[1])
