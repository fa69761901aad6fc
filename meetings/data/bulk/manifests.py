"""Manifests: what a snapshot says of itself. It is brought last, so where it is, all is there."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

import rfc8785
from django.conf import settings

from .tables import TABLES, Table
from .writing import Written

FORMAT = "citizen-portal-snapshot/1"
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class File(Written):
    """A file, and the month of its meetings (such as 2026-05); empty where there is none."""

    month: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A table of a snapshot, and its files in order."""

    name: str
    says: str
    row_count: int
    columns: list[dict[str, Any]]
    files: list[File]

    def of_kind(self, kind: str) -> list[File]:
        return [file for file in self.files if file.kind == kind]

    def size_of(self, kind: str) -> int:
        return sum(file.size_bytes for file in self.of_kind(kind))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a snapshot, taken at one instant of the database."""

    taken_at: datetime
    site: str
    url: str
    licence: str
    licence_url: str
    tables: list[Holding]

    @classmethod
    def of(cls, files: dict[str, list[File]], *, taken_at: datetime) -> Self:
        """That of files by table, which are written."""
        return cls(
            taken_at=taken_at,
            site=settings.SITE_NAME,
            url=settings.SITE_URL,
            licence=settings.DATA_LICENSE,
            licence_url=settings.DATA_LICENSE_URL,
            tables=[_holding(table, files[table.name]) for table in TABLES],
        )

    @classmethod
    def read(cls, data: bytes) -> Self:
        """One of our own, as `write` wrote it."""
        said = json.loads(data)
        return cls(
            taken_at=datetime.fromisoformat(said["taken_at"]),
            site=said["site"],
            url=said["url"],
            licence=said["license"],
            licence_url=said["license_url"],
            tables=[
                Holding(
                    **{name: one[name] for name in ("name", "says", "row_count", "columns")},
                    files=[File(**file) for file in one["files"]],
                )
                for one in said["tables"]
            ],
        )

    def write(self) -> bytes:
        """As canonical JSON (RFC 8785)."""
        return rfc8785.dumps(
            {
                "format": FORMAT,
                "taken_at": self.taken_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "site": self.site,
                "url": self.url,
                "license": self.licence,
                "license_url": self.licence_url,
                "tables": [asdict(table) for table in self.tables],
            }
        )

    def table(self, name: str) -> Holding | None:
        return next((table for table in self.tables if table.name == name), None)

    def files(self) -> Iterator[File]:
        for table in self.tables:
            yield from table.files

    @property
    def row_count(self) -> int:
        return sum(table.row_count for table in self.tables)

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files())


def _holding(table: Table, files: list[File]) -> Holding:
    return Holding(
        name=table.name,
        says=table.says,
        row_count=sum(file.row_count for file in files if file.kind == "parquet"),
        columns=[
            {
                "name": one.name,
                "kind": one.kind,
                "is_optional": one.is_optional,
                "says": one.says,
            }
            for one in table.columns
        ],
        files=files,
    )
