"""The log's horizon is the cluster's, and other tests write in databases of the same cluster."""

import time

import pytest
from django.db import connection

from meetings.records import changes
from meetings.records.models.log import Horizon

PATIENCE_S = 60

# As `changes` asks, but for what other databases write. What ended between the snapshot and the
# look at who writes holds up nobody: the query that comes next can read it.
OURS_ALONE = """
    WITH ours AS (
        SELECT backend_xid::text::bigint AS xid FROM pg_stat_activity
        UNION ALL SELECT transaction::text::bigint FROM pg_prepared_xacts
    ), open AS (
        SELECT xid::text::bigint AS xid FROM pg_snapshot_xip(pg_current_snapshot()) AS xid
        WHERE xid::text::bigint %% 4294967296 IN (SELECT xid FROM ours)
        UNION ALL
        SELECT pg_current_xact_id_if_assigned()::text::bigint
    )
    SELECT system_identifier, least(next, (SELECT min(xid) FROM open)), next
    FROM pg_control_system(),
        LATERAL (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS snapshot
"""

# Names without a schema mean what is temporary first: the connection sees its own database alone.
VIEWS = {
    "pg_stat_activity": "datname = current_database()",
    "pg_prepared_xacts": "database = current_database()",
}


@pytest.fixture
def alone(monkeypatch):
    """As in a cluster of this database alone, for whoever reads the log over this connection."""

    def snapshot():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees old ones
            cursor.execute(OURS_ALONE, [])
            system, first_open, following = cursor.fetchone()
        return int(system), first_open, following

    monkeypatch.setattr(changes, "_snapshot", snapshot)
    monkeypatch.setattr(Horizon, "template", property(lambda _self: str(snapshot()[1])))
    with connection.cursor() as cursor:
        for name, is_ours in VIEWS.items():
            cursor.execute(
                f"CREATE TEMPORARY VIEW {name} AS SELECT * FROM pg_catalog.{name} WHERE {is_ours}"
            )
    yield
    with connection.cursor() as cursor:
        for name in VIEWS:
            cursor.execute(f"DROP VIEW IF EXISTS pg_temp.{name}")


def others_end() -> None:
    """Wait until what other databases began to write before this call is committed or undone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (mark,) = cursor.fetchone()
    # The column shows numbers without the cluster's epoch.
    _until_nobody("datname <> current_database() AND backend_xid::text::bigint < %s", mark % 2**32)


def killed_end() -> None:
    """Wait until the server has noticed that clients of this database died while they wrote."""
    _until_nobody(
        "datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
    )


def _until_nobody(writes: str, *params: int) -> None:
    began = time.monotonic()
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {writes})", params)
            (is_waiting,) = cursor.fetchone()
            if not is_waiting:
                return
            assert time.monotonic() - began < PATIENCE_S, "Somebody writes for a minute."
            cursor.execute("SELECT pg_sleep(0.01)")
