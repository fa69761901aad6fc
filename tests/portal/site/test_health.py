"""Alive says that the process answers; ready says what it cannot reach."""

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisDown

from portal.site import health


def test_alive_needs_nothing(visitor: Client) -> None:
    answer = visitor.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_names_its_parts(visitor: Client, settings: Any, tmp_path: Path) -> None:
    settings.INDEX_ROOT = tmp_path / "index"
    answer = visitor.get("/readyz")

    assert answer.status_code == 200
    assert answer.content == b"database: ok\ncache: ok\nqueue: ok\nsearch: no index\noutbox: ok\n"
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["database", "cache", "queue"])
def test_a_part_that_is_away_is_named_and_nothing_more(
    part: str, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise (OperationalError if part == "database" else RedisDown)("password=secret host=10.1")

    monkeypatch.setitem(health.PROBES, part, away)

    answer = visitor.get("/readyz")

    assert answer.status_code == 503
    assert f"{part}: no answer" in answer.content.decode()
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_without_a_database_nobody_is_asked_who_is_late(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**facts: object) -> None:
        raise OperationalError("password=secret host=10.1")

    monkeypatch.setattr(health.lateness, "followers", away)

    assert visitor.get("/readyz").content == b"database: ok\ncache: ok\nqueue: ok\n"
