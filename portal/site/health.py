"""Readiness: can this process reach the database, the cache and the queue, and is search in step?

Three probes of a line each, asked in turn. What went wrong goes to the log; the public answer only
names the part. (django-health-check was tried: its view is asynchronous, opens a database
connection for each thread it starts, and shows the error's text to whoever asks.)
"""

import logging
from collections.abc import Callable
from uuid import uuid4

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from . import lateness

log = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    """Writes, reads and deletes, because a cache that is full or read-only still answers reads."""
    name, word = f"readyz:{uuid4()}", "here"
    cache.set(name, word, timeout=10)
    if cache.get(name) != word:
        raise RedisError("The cache did not give back what was put in.")
    cache.delete(name)


def _queue() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)


PROBES: dict[str, Callable[[], None]] = {"database": _database, "cache": _cache, "queue": _queue}


def readiness() -> dict[str, bool]:
    """Each part by name, and whether it answered."""
    return {name: _answers(name, probe) for name, probe in PROBES.items()}


def followers() -> dict[str, str]:
    """Each follower of the log by name, and in a word whether it keeps up.

    One that is late is no reason to take this process out of rotation: it answers all the same.
    """
    try:
        found = lateness.followers(now=timezone.now())
    except DatabaseError as error:
        log.warning("Nobody can tell who is late: %s", type(error).__name__)
        return {}
    for late in found.values():
        if late is not None:
            log.warning("%s: %s", late.name, late)
    return {name: "ok" if late is None else str(late) for name, late in found.items()}


def _answers(name: str, probe: Callable[[], None]) -> bool:
    try:
        probe()
    except (DatabaseError, RedisError, OperationalError, OSError) as error:
        log.warning("The %s does not answer: %s", name, type(error).__name__)
        return False
    return True
