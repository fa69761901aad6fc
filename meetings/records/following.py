"""Following the log of changes: all who follow take turns, each from a place of its own.

A follower may be killed at any point. It does its work first and moves its checkpoint then, so what
it was about to do is done again by the next one, and doing it twice must change nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import psycopg
from django.db import close_old_connections, connection

from . import changes
from .models import Change, Follower

log = logging.getLogger(__name__)

POLL_S = 1.0
BATCH = 200  # changes at a time
LONGEST_PAUSE_S = 60.0


class Follows(Protocol):
    """One who follows the log."""

    @property
    def name(self) -> str:
        """As the log of the process and /readyz give it."""

    def follow(self) -> bool:
        """Do what is settled and not done yet, or a part of it: True where more may be left."""


@dataclass(frozen=True, slots=True)
class InDatabase:
    """A follower whose checkpoint is a row. It begins with what happens after it was first seen.

    Of two processes at once each does the work, and one of them moves the row.
    """

    name: str
    apply: Callable[[Sequence[Change]], object]
    """Called outside a transaction with changes in order. Repeating it must be harmless."""

    def follow(self) -> bool:
        here = changes.end()
        row, _made = Follower.objects.get_or_create(
            name=self.name,
            defaults={"system": here.system, "xid": here.xid, "change": here.change},
        )
        batch = changes.after(changes.place_of(row), limit=BATCH)
        if not batch:
            return False
        self.apply(batch)
        last = changes.position_of(batch[-1])
        Follower.objects.filter(  # where somebody was here first, the row has moved already
            name=self.name, system=row.system, xid=row.xid, change=row.change
        ).update(system=last.system, xid=last.xid, change=last.change)
        return True


class Bell:
    """Rings when a change was committed, over a connection of its own, on which nothing else runs.

    A connection that breaks is made anew. Meanwhile, and where a pooler between us and the
    database lets nobody listen, it rings each second all the same: nothing depends on it but speed.
    """

    def __init__(self) -> None:
        self._line: psycopg.Connection | None = None

    def wait(self, seconds: float) -> None:
        """Come back when it has rung, or might have; after `seconds` at the latest."""
        until = time.monotonic() + seconds
        try:
            if self._line is None:
                self._line = self._listen()
                return  # what was committed before we listened made no sound
            for _ring in self._line.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error as error:
            log.warning("Nobody tells of changes, so they are looked for: %s", error)
            self.close()
            time.sleep(max(0.0, until - time.monotonic()))

    def close(self) -> None:
        if self._line is not None:
            with suppress(psycopg.Error):
                self._line.close()
        self._line = None

    @staticmethod
    def _listen() -> psycopg.Connection:
        line = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        line.execute(f"LISTEN {changes.CHANNEL}")
        return line


@dataclass(slots=True)
class _Turn:
    """Takes a follower's turn. One that fails leaves the others alone, and pauses."""

    follower: Follows
    failures: int = 0
    rests_until: float = field(default=0.0)

    def take(self) -> bool:
        if time.monotonic() < self.rests_until:
            return False
        try:
            more = self.follower.follow()
        except Exception:  # whatever it is, the others go on, and it is tried again
            self.failures += 1
            pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE_S)
            self.rests_until = time.monotonic() + pause
            log.exception("%s cannot follow. Next try in %d s.", self.follower.name, pause)
            return False
        self.failures = 0
        return more


def run(
    followers: Sequence[Follows],
    *,
    bell: Bell,
    alive: Callable[[], object],
    ends: Callable[[], bool] = lambda: False,
) -> None:
    """Let all follow, until `ends`. `alive` is called after each round in which nobody failed."""
    turns = [_Turn(follower) for follower in followers]
    try:
        while not ends():
            close_old_connections()
            more = [turn.take() for turn in turns]
            if not any(turn.failures for turn in turns):
                alive()
            if not any(more):
                bell.wait(POLL_S)
    finally:
        bell.close()
