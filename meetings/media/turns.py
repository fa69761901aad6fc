"""Turns: one at a time writes to a file, over all processes, and whoever falls silent loses it.

A turn is a lock on a file beside the one that is written. The system ends it with its holder, also
by kill -9. A line that is cut without a word leaves a holder who waits for bytes that never come:
after `SILENCE_S` without one, the next may take over. It puts another lock in place of the first,
and the former holder finds out before it writes again.
"""

import contextlib
import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SILENCE_S = 30.0


class Taken(Exception):
    """Somebody else writes to this file at this moment."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to write to a file, as long as nobody took over."""

    lock: Path
    held: int
    """The open lock."""

    @contextlib.contextmanager
    def moment(self, file: int) -> Iterator[None]:
        """Write to this open file now; nobody takes over meanwhile. Raises Taken if one has."""
        with _alone(file):
            if not _is_at(self.held, self.lock):
                raise Taken
            yield


@contextlib.contextmanager
def turn(file: Path, *, takes_over: float | None = SILENCE_S) -> Iterator[Turn]:
    """Be the one who writes to a file. Raises Taken where somebody does.

    `takes_over` says after how many seconds of silence their turn is ours; None: never.
    """
    lock = file.with_name(f"{file.name}.lock")
    held = _taken(lock)
    if held is None and takes_over is not None and _silent_s(file, lock) >= takes_over:
        held = _taken_over(file, lock)
    if held is None:
        raise Taken
    try:
        os.utime(held)
        yield Turn(lock, held)
    finally:
        os.close(held)


def forget(file: Path) -> None:
    """Remove what turns leave beside a file that is gone."""
    for left in file.parent.glob(f"{file.name}.lock*"):
        left.unlink(missing_ok=True)


def _taken(lock: Path) -> int | None:
    held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    if not _is_at(held, lock):  # another took its place meanwhile
        os.close(held)
        return None
    return held


def _taken_over(file: Path, lock: Path) -> int:
    """A lock of our own in the place of theirs."""
    ours = lock.with_name(f"{lock.name}-{uuid.uuid4().hex}")
    held = os.open(ours, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(FileNotFoundError):
            opened = stack.enter_context(file.open("rb"))
            stack.enter_context(_alone(opened.fileno()))
        ours.rename(lock)
    return held


def _silent_s(file: Path, lock: Path) -> float:
    last = lock.stat().st_mtime
    with contextlib.suppress(FileNotFoundError):
        last = max(last, file.stat().st_mtime)
    return max(time.time() - last, 0.0)


def _is_at(held: int, lock: Path) -> bool:
    try:
        there = lock.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(held), there)


@contextlib.contextmanager
def _alone(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
