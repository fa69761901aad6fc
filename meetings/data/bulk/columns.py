"""Columns: what a table of a snapshot holds, and how each kind of value is written."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pyarrow as pa

# What the manifest calls a kind, and what it is in Parquet. In NDJSON an instant is ISO 8601 in
# UTC, a day is ISO 8601, and `json` is the value itself.
KINDS = MappingProxyType(
    {
        "integer": pa.int64(),
        "integers": pa.list_(pa.int32()),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "text": pa.string(),
        "day": pa.date32(),
        "instant": pa.timestamp("us", tz="UTC"),
        "json": pa.string(),
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a kind of `KINDS`, what it says, and where its rows have it."""

    name: str
    kind: str
    says: str
    is_optional: bool
    lookup: str

    def as_arrow(self, values: list[Any]) -> pa.Array:
        """The values of many rows. `Any`: whatever the database has."""
        if self.kind == "json":
            values = [json.dumps(value, ensure_ascii=False) for value in values]
        return pa.array(values, type=KINDS[self.kind])


def column(name: str, kind: str, says: str, *, lookup: str = "") -> Column:
    """A column; a kind that ends in `?` may be empty. `lookup` where rows call it otherwise."""
    plain = kind.removesuffix("?")
    if plain not in KINDS:
        raise ValueError(kind)
    return Column(name, plain, says, kind != plain, lookup or name)


def schema(columns: tuple[Column, ...], about: dict[str, str]) -> pa.Schema:
    """The columns as Parquet has them, with facts that travel inside the file."""
    fields = [pa.field(one.name, KINDS[one.kind], nullable=one.is_optional) for one in columns]
    return pa.schema(fields, metadata=about)


def line_writer(columns: tuple[Column, ...]) -> Callable[[tuple[Any, ...]], str]:
    """What makes one line of NDJSON of a row."""
    names = [one.name for one in columns]
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_iso).encode
    return lambda row: encode(dict(zip(names, row, strict=True)))


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a snapshot.")
