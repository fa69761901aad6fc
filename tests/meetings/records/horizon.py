"""The log's horizon is the cluster's, and other tests write in databases of the same cluster."""

import time

import pytest
from django.db import connection

from meetings.records import changes

PATIENCE_S = 60


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
            cursor.execute(f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {writes})", params)
            (is_waiting,) = cursor.fetchone()
            if not is_waiting:
                return
            assert time.monotonic() - began < PATIENCE_S, "Somebody writes for a minute."
            cursor.execute("SELECT pg_sleep(0.01)")


@pytest.fixture
def alone(monkeypatch):
    """As in a cluster of this database alone: whoever reads the log waits for others first."""
    real = changes._snapshot

    def snapshot():
        others_end()
        return real()

    monkeypatch.setattr(changes, "_snapshot", snapshot)
