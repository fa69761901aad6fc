"""Alive says that the process answers; ready says what it cannot reach."""

import pytest
from django.db import OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisDown

from portal.site import health


def test_alive_needs_nothing(visitor: Client) -> None:
    answer = visitor.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_names_its_parts(visitor: Client) -> None:
    answer = visitor.get("/readyz")

    assert answer.status_code == 200
    assert answer.content == b"database: ok\ncache: ok\nqueue: ok\n"
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
