"""The log that higher rooms follow: written here, in the transaction that changes something.

A follower reads below the oldest transaction that may still write, in order of (xid, id). A
sequence alone would skip the row of a slow transaction: it gets its number early and appears late.

A cluster counts its transactions from its own beginning, so each row says in which one it was
written. In a dump that was restored elsewhere the rows of the former cluster come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Max, QuerySet

from .models import Change, ChangeQuerySet, Follower, Meeting

CHANNEL = "meetings_changes"
"""What listens here hears of every commit that wrote to the log (PostgreSQL's NOTIFY)."""


class Position(NamedTuple):
    """A place in the log: all before it, and this change itself, is done.

    `change` 0 stands before the first change of transaction `xid`.
    """

    system: int
    xid: int
    change: int = 0


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction that writes, or one that was prepared and left."""

    process: int | None
    """The number of the server process; None for a prepared one, or where we may not see it."""
    database: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Lag:
    """How long the oldest change has waited that a follower has not done."""

    seconds: float
    held_by: Transaction | None
    """The oldest transaction, where it is what the change waits for."""


def record(*, meeting: Meeting, kind: Change.Kind) -> Change:
    """Write one row beside the change itself, so that both are stored or neither.

    Raises RuntimeError outside a transaction, where a crash could separate the two.
    """
    _ring()
    return Change.objects.create(meeting_id=meeting.pk, kind=kind)


def record_all(*, meetings: QuerySet[Meeting], kind: Change.Kind) -> None:
    """The same for each of these meetings."""
    _ring()
    Change.objects.bulk_create(
        (Change(meeting_id=pk, kind=kind) for pk in meetings.values_list("pk", flat=True)),
        batch_size=1_000,
    )


def _ring() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("A change is recorded in the transaction that makes it.")
    with connection.cursor() as cursor:  # heard when this transaction commits, and never otherwise
        cursor.execute(f"NOTIFY {CHANNEL}")


def end() -> Position:
    """The end of what is settled now: whoever reads after this call sees all before it."""
    system, first_open, _next = _snapshot()
    return Position(system, first_open)


def after(position: Position, *, limit: int) -> Sequence[Change]:
    """The next settled changes in order, oldest first. None that commits late is ever skipped."""
    return list(_waiting(position).settled()[:limit])


def is_ours(position: Position) -> bool:
    """Whether the log that this position was taken from is this one, and not a former state of it:
    False after a restore, in this cluster or another one.
    """
    system, _first_open, following = _snapshot()
    if position.system != system or position.xid > following:
        return False
    change = Change.objects.filter(pk=position.change, xid=position.xid, system=system)
    return position.change == 0 or change.exists()


def position_of(change: Change) -> Position:
    return Position(change.system, change.xid, change.pk)


def place_of(row: Follower) -> Position:
    """How far a follower has come."""
    return Position(row.system, row.xid, row.change)


def lag(position: Position, *, now: datetime) -> Lag | None:
    """How far behind a position is, settled or not; None where nothing waits."""
    first = _waiting(position).first()
    if first is None:
        return None
    system, first_open, _next = _snapshot()
    is_open = first.system == system and first.xid >= first_open
    waited = (now - first.created_at).total_seconds()
    return Lag(max(waited, 0.0), oldest_transaction() if is_open else None)


def oldest_transaction() -> Transaction | None:
    """Of those that write, in any database of the cluster, the one that began first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, coalesce(datname, ''), xact_start, age(backend_xid) AS age"
            " FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            " UNION ALL SELECT NULL, database, prepared, age(transaction) FROM pg_prepared_xacts"
            " ORDER BY age DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return Transaction(*row[:3]) if row else None


def _waiting(position: Position) -> ChangeQuerySet:
    """What comes after a position, in order, settled or not."""
    system, _first_open, _next = _snapshot()
    while position.system != system:
        rest = _beyond(position)
        if rest.exists():
            return rest
        position = Position(_system_after(position.system) or system, 0)
    return _beyond(position)


def _beyond(position: Position) -> ChangeQuerySet:
    rows = Change.objects.filter(system=position.system).in_order()
    return rows.beyond(xid=position.xid, change=position.change)


def _system_after(system: int) -> int | None:
    """Of the clusters that the log has been in, the one after this; None after the last one."""
    last = Change.objects.filter(system=system).aggregate(last=Max("id"))["last"]
    if last is None:
        return None
    row = Change.objects.filter(pk__gt=last).order_by("pk").first()
    return row.system if row else None


def _snapshot() -> tuple[int, int, int]:
    """The cluster, its oldest open transaction, and the number after its newest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, pg_snapshot_xmin(now)::text::bigint,"
            " pg_snapshot_xmax(now)::text::bigint"
            " FROM pg_control_system(), pg_current_snapshot() AS now"
        )
        system, first_open, following = cursor.fetchone()
    return int(system), int(first_open), int(following)
