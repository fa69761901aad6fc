"""A snapshot: every table at one instant of the database, into a folder.

All is read in one transaction that is REPEATABLE READ and READ ONLY, so the tables fit together
whatever is written meanwhile. Rows come by cursors of the server, a batch at a time: memory does
not depend on how many there are.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction

from meetings.records.models import Meeting

from .manifests import NAME, File, Manifest
from .tables import TABLES, Table
from .writing import BATCH, Hashed, Pair

Report = Callable[[int, int, int], None]
"""Told how many parts are done, of how many, and how many rows they had."""


def take(folder: Path, *, report: Report | None = None) -> Manifest:
    """Write a snapshot into an empty folder, the manifest last. Raises OSError; what is there by
    then is worth nothing.
    """
    files: dict[str, list[File]] = {table.name: [] for table in TABLES}
    with _one_instant() as taken_at:
        months = list(Meeting.objects.published().dates("held_on", "month"))
        about = _about(taken_at)
        rows = 0
        for done, month in enumerate((None, *months), start=1):
            meetings = _meetings_of(month) if month else []
            for table in TABLES:
                if table.is_monthly is (month is not None):
                    found = _write(table, month, meetings, taken_at, folder=folder, about=about)
                    files[table.name] += found
                    rows += found[0].row_count if found else 0
            if report is not None:
                report(done, len(months) + 1, rows)
    manifest = Manifest.of(files, taken_at=taken_at)
    with Hashed(folder / NAME) as file:
        file.write(manifest.write())
    return manifest


@contextlib.contextmanager
def _one_instant() -> Iterator[datetime]:
    """A transaction that sees the database as it was at one instant, and cannot write to it."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT now()")
        yield cast("tuple[datetime]", cursor.fetchone())[0]


def _write(
    table: Table,
    month: date | None,
    meetings: Sequence[int],
    at: datetime,
    *,
    folder: Path,
    about: dict[str, str],
) -> list[File]:
    """The files of a table and a month; none where it has no rows."""
    named = f"{month:%Y-%m}" if month else ""
    stem = f"{table.name}-{named}" if named else table.name
    pair: Pair | None = None
    try:
        for batch in _batches(table, meetings, at):
            pair = pair or Pair(folder, stem, table.columns, {**about, "table": table.name})
            pair.write(batch)
        return [File(**asdict(file), month=named) for file in pair.close()] if pair else []
    except BaseException:
        if pair is not None:
            pair.give_up()
        raise


def _batches(
    table: Table, meetings: Sequence[int], at: datetime
) -> Iterator[list[tuple[Any, ...]]]:
    """`Any`: whatever the columns have."""
    lookups = [column.lookup for column in table.columns]
    rows = table.rows(meetings, at).order_by(*table.order).values_list(*lookups)
    arriving = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(arriving, BATCH)):
        yield batch


def _meetings_of(month: date) -> list[int]:
    held = Meeting.objects.published().filter(held_on__year=month.year, held_on__month=month.month)
    return list(held.order_by("pk").values_list("pk", flat=True))


def _about(taken_at: datetime) -> dict[str, str]:
    return {
        "source": settings.SITE_URL,
        "license": settings.DATA_LICENSE,
        "taken_at": taken_at.isoformat(),
    }
