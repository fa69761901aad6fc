"""A snapshot as pages show it: sums for each table, and the files of a month side by side."""

import hashlib
from dataclasses import dataclass

import structlog

from . import keeping
from .manifests import NAME, File, Holding, Manifest
from .writing import NDJSON, PARQUET

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sums:
    """A table, and what its files take."""

    name: str
    says: str
    row_count: int
    parquet_bytes: int
    ndjson_bytes: int


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest snapshot, and the hash that vouches for all others in it."""

    name: str
    manifest: Manifest
    manifest_name: str
    manifest_sha256: str
    manifest_bytes: int
    tables: list[Sums]
    parquet_bytes: int
    ndjson_bytes: int


@dataclass(frozen=True, slots=True)
class Month:
    """The two files of a table and a month; `month` is empty where the table has none."""

    month: str
    row_count: int
    files: list[File]


def newest() -> Newest | None:
    """None where there is none yet, or the bucket does not answer: the page stands without it."""
    try:
        names = keeping.names()
        written = keeping.read(names[0]) if names else None
    except OSError as error:
        log.warning("snapshots_unreachable", why=str(error))
        return None
    if written is None:
        return None
    manifest = Manifest.read(written)
    tables = [
        Sums(
            name=table.name,
            says=table.says,
            row_count=table.row_count,
            parquet_bytes=table.size_of(PARQUET),
            ndjson_bytes=table.size_of(NDJSON),
        )
        for table in manifest.tables
    ]
    return Newest(
        name=names[0],
        manifest=manifest,
        manifest_name=NAME,
        manifest_sha256=hashlib.sha256(written).hexdigest(),
        manifest_bytes=len(written),
        tables=tables,
        parquet_bytes=sum(table.parquet_bytes for table in tables),
        ndjson_bytes=sum(table.ndjson_bytes for table in tables),
    )


def holdings(table: Holding) -> list[Month]:
    """The files of a table by month, the newest first."""
    months = sorted({file.month for file in table.files}, reverse=True)
    by_month = {month: [file for file in table.files if file.month == month] for month in months}
    return [Month(month, files[0].row_count, files) for month, files in by_month.items()]
