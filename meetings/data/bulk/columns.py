"""Columns: what a table of a snapshot holds, and how each kind of value is written."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from json.encoder import encode_basestring
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


def _instant(value: datetime) -> str:
    return f'"{value.astimezone(UTC).isoformat().replace("+00:00", "Z")}"'


def _day(value: date) -> str:
    return f'"{value.isoformat()}"'


# One value as JSON, by its kind. Whatever has no place in the kind raises: a wrong line is worse
# than none. `Any`: each takes its own type.
_AS_JSON: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "integer": int.__repr__,
        "integers": json.JSONEncoder(separators=(",", ":")).encode,
        "number": float.__repr__,
        "boolean": {True: "true", False: "false"}.__getitem__,
        "text": encode_basestring,
        "day": _day,
        "instant": _instant,
        "json": json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode,
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

    def as_arrow(self, values: Sequence[Any]) -> pa.Array:
        """The values of many rows. `Any`: whatever the database has."""
        if self.kind == "json":
            values = [json.dumps(value, ensure_ascii=False) for value in values]
        return pa.array(values, type=KINDS[self.kind])

    def as_json(self, values: Sequence[Any]) -> Iterable[str]:
        """The same, each as JSON."""
        encode = _AS_JSON[self.kind]
        if self.is_optional:
            return ["null" if value is None else encode(value) for value in values]
        return map(encode, values)


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


def lines(columns: tuple[Column, ...], by_column: Sequence[Sequence[Any]]) -> str:
    """Many rows, given by column, as NDJSON: a tenth of the work of a dictionary for each row."""
    line = ",".join(f"{encode_basestring(one.name)}:%s" for one in columns)
    values = [one.as_json(values) for one, values in zip(columns, by_column, strict=True)]
    return "".join(map(f"{{{line}}}\n".__mod__, zip(*values, strict=True)))
