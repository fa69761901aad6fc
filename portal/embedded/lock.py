"""Who is here: the lock that counts the sessions of one folder.

Every session holds a shared `flock` on the file `lock` while it runs. On leaving it tries to make
that lock exclusive; whoever succeeds is alone, and stops the services. A session that is killed
with -9 counts for nothing from that moment, because the system takes its lock away; its services
stay up, the next session joins them and stops them in its turn.

A throwaway folder has one session and nobody joins it: its lock is exclusive from the start, so
another session can tell a folder in use from one whose session was killed, and clears the latter.

A second file, `turn`, is held while services are started and the database is migrated, so that two
sessions that come at once do not both start them.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path


class Lock:
    """The sessions' lock of one folder. The descriptors are not inherited by any process."""

    def __init__(self, folder: Path, pause: Callable[[], None]) -> None:
        """`pause` waits a moment, and may raise to give up."""
        self._folder = folder
        self._pause = pause
        self._lock: int | None = None

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who starts services."""
        descriptor = _open(self._folder / "turn")
        try:
            self._take(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def enter(self) -> None:
        """Be counted. Waits while somebody who was alone is stopping the services."""
        self._lock = _open(self._folder / "lock")
        self._take(self._lock, fcntl.LOCK_SH)

    def claim(self) -> bool:
        """Be the only session of a throwaway folder. False if another is."""
        path = self._folder / "lock"
        if path.exists():
            self._lock = _open(path)
            return _try(self._lock, fcntl.LOCK_EX)
        # Nobody may find a new folder's lock before it is held.
        unnamed = path.with_suffix(".new")
        self._lock = _open(unnamed)
        held = _try(self._lock, fcntl.LOCK_EX)
        unnamed.rename(path)
        return held

    def is_last(self) -> bool:
        """On leaving: tell whether nobody else is here. If so, nobody can enter until `release`."""
        return self._lock is not None and _try(self._lock, fcntl.LOCK_EX)

    def release(self) -> None:
        """Stop being counted."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take(self, descriptor: int, kind: int) -> None:
        while not _try(descriptor, kind):
            self._pause()


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
