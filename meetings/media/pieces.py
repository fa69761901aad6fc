"""Pieces: bytes of a growing file, from the line to the disk in small parts.

    <file>         what has come so far; its size is how much
    <file>.lock    whose turn it is to write (`turns`)
    <file>.piece   a piece that came with a checksum and was not compared yet

What is on the disk counts: after kill -9 a file is as long as what was written to it.
"""

import contextlib
import errno
import os
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from . import turns

PART = 32 * 1024  # a line of 1 kB/s fills it before it is taken for cut
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

Read = Callable[[int], bytes]
"""Reads up to so many bytes from the line; nothing when it has ended or was cut."""


class Busy(Exception):
    """Another request writes to this file."""


class Closed(Exception):
    """Nothing can be added any more: it was given up, or is a recording."""


class WrongOffset(Exception):
    def __init__(self, there: int) -> None:
        super().__init__(_("There are %d bytes of it here. Go on from there.") % there)
        self.there = there


class Overflow(Exception):
    """More is sent than was said at the beginning."""


class NotTheSame(Exception):
    """The piece that came has another checksum than the one that was sent. None of it counts."""


class DiskFull(Exception):
    """What came until then is kept."""


class Hash(Protocol):
    """One of hashlib's."""

    def update(self, data: bytes | memoryview, /) -> None: ...
    def digest(self) -> bytes: ...
    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece is compared with before any of it counts."""

    counting: Hash
    expected: bytes


class _Counting:
    """SHA-256 of what has come so far, for files whose pieces all came through this process.

    For others it is counted from the file when it is whole.
    """

    MOST = 64

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[uuid.UUID, tuple[int, Hash]] = OrderedDict()

    def take(self, key: uuid.UUID, offset: int) -> Hash | None:
        with self._lock:
            at, counted = self._known.pop(key, (0, sha256()))
        return counted if at == offset else None

    def keep(self, key: uuid.UUID, offset: int, counted: Hash) -> None:
        with self._lock:
            self._known[key] = (offset, counted)
            while len(self._known) > self.MOST:
                self._known.popitem(last=False)


_counting = _Counting()


@dataclass(frozen=True, slots=True)
class Growing:
    """A file that is to have so many bytes, and what its sender calls it."""

    path: Path
    key: uuid.UUID
    size_bytes: int

    @property
    def beside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.piece")

    def offset(self) -> int:
        """How many bytes of it are here. Raises Closed where the file is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError as error:
            raise _gone() from error

    def append(self, *, at: int, length: int, read: Read, checksum: Checksum | None = None) -> int:
        """Write what the line brings behind what is here, and say how much is here then.

        A line that is cut leaves what came. Raises Busy, Closed, WrongOffset, Overflow, NotTheSame
        and DiskFull; after all but Closed it can go on from `offset`.
        """
        try:
            with turns.turn(self.path) as turn, FileIO(self.path, "r+") as file:
                have = file.seek(0, os.SEEK_END)
                if at != have:
                    raise WrongOffset(have)
                if have + length > self.size_bytes:
                    raise Overflow(_("More is sent than the file was said to have."))
                parts = _parts(read, length)
                if checksum is None:
                    there = self._write(turn, file, at, parts)
                else:
                    there = self._compare_and_write(turn, file, at, parts, checksum)
                os.fsync(file.fileno())
                return there
        except turns.Taken as error:
            raise Busy(_("This file is being sent by another window or machine.")) from error
        except FileNotFoundError as error:
            raise _gone() from error
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise DiskFull(
                _("The disk is full. What was sent is kept: make room, and go on.")
            ) from error

    def sha256(self) -> str:
        """Of all of it, where it was counted while it came; else nothing."""
        counted = _counting.take(self.key, self.size_bytes)
        return counted.hexdigest() if counted else ""

    def clear(self) -> None:
        """Remove it, and what lies beside it."""
        _counting.take(self.key, -1)
        self.path.unlink(missing_ok=True)
        self.beside.unlink(missing_ok=True)
        turns.forget(self.path)

    def _write(self, turn: turns.Turn, file: FileIO, at: int, parts: Iterator[bytes]) -> int:
        counted = _counting.take(self.key, at)
        for part in parts:
            with turn.moment(file.fileno()):
                view = memoryview(part)
                while view:
                    written = file.write(view)
                    if counted:
                        counted.update(view[:written])
                    at += written
                    view = view[written:]
        if counted:
            _counting.keep(self.key, at, counted)
        return at

    def _compare_and_write(
        self,
        turn: turns.Turn,
        file: FileIO,
        at: int,
        parts: Iterator[bytes],
        checksum: Checksum,
    ) -> int:
        """The piece waits beside the file until it is whole and the same as what was sent."""
        with contextlib.ExitStack() as stack:
            piece = stack.enter_context(self.beside.open("w+b"))
            stack.callback(self.beside.unlink, missing_ok=True)
            for part in parts:
                with turn.moment(file.fileno()):
                    piece.write(part)
                    checksum.counting.update(part)
            if checksum.counting.digest() != checksum.expected:
                raise NotTheSame(_("A piece was damaged on its way. It is sent again."))
            piece.seek(0)
            return self._write(turn, file, at, iter(lambda: piece.read(PART), b""))


def _parts(read: Read, length: int) -> Iterator[bytes]:
    left = length
    while left and (part := read(min(PART, left))):
        left -= len(part)
        yield part


def _gone() -> Closed:
    return Closed(_("What was sent of this file is no longer here. Begin anew."))
