"""The fields of the index: one schema for the one on disk and for those in memory (tests).

Nothing is stored but the checkpoint: a hit is where words stand, and what is shown of it is read
from the database, which knows what may be shown.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from tantivy import Index, Schema, SchemaBuilder

from .tree import Kind
from .words import FAMILIES, joined_words

VERSION = 2
"""Raised with every change of fields, tokenizers or passages: an older index is built anew."""

CHECKPOINT = "checkpoint"
"""The `kind` of the one document that says up to where the index has followed."""

_WORDS = "words"  # the name of the tokenizer
KINDS = tuple(kind.value for kind in Kind)
EXACT = "exact"
_EPOCH = date(1970, 1, 1)
_FIRST_YEAR = 1970
# A meeting loses so much of its weight with each year that it is older: 10 years cost a quarter.
_YEARLY = 1.03


def field_of(family: str) -> str:
    """The field with the stems of this family of languages."""
    return f"forms_{family}"


@cache
def schema() -> Schema:
    """All fields. `u`nsigned columns are read for every hit, the others while searching."""
    builder = SchemaBuilder()
    builder.add_text_field(EXACT, tokenizer_name=_WORDS)
    for family in FAMILIES:
        builder.add_text_field(field_of(family), tokenizer_name=_WORDS)
    for name in ("kind", "body", "place", "level", "speaker", "language"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("speaker_name", "body_name", "place_name"):
        builder.add_text_field(name, tokenizer_name=_WORDS)
    builder.add_unsigned_field("meeting", indexed=True, fast=True)
    builder.add_integer_field("day", indexed=True, fast=True)
    builder.add_integer_field("month", fast=True)
    builder.add_integer_field("year", fast=True)
    builder.add_float_field("recency", fast=True)
    for name in ("kind_number", "item", "first", "last", "tail"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_text_field(CHECKPOINT, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def in_memory() -> Index:
    """An empty index that lives as long as the object."""
    return prepared(Index(schema()))


def on_disk(folder: Path) -> Index:
    """The index in a folder; made there if there is none. Raises ValueError or OSError."""
    return prepared(Index(schema(), path=str(folder), reuse=True))


def prepared(index: Index) -> Index:
    """The index with our way of reading words, and re-read only when it is told to."""
    index.register_tokenizer(_WORDS, joined_words())
    index.config_reader("manual")
    return index


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def month_number(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def recency(day: date) -> float:
    """The weight of a day, as `weight_by_field` reads it: the score is multiplied by log2(2 + it).

    The ratio of two days depends on their distance alone, so the index does not age.
    """
    years = min(max(day.year + day.timetuple().tm_yday / 366 - _FIRST_YEAR, 0), 230)
    return float(2 ** (_YEARLY**years) - 2)
