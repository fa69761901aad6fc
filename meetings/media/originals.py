"""Originals: files as they were handed in. Nothing ever changes one, and nothing here deletes it.

arriving/…                         a file on its way in, on this machine
recordings/<key>/original.mp4      where it stays: in the folder or in the bucket
fetched/…                          a copy for whoever reads an original that lies in a bucket
"""

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

from . import bucket, storage
from .bucket import Report

CHUNK = 1024 * 1024
ARRIVING, FETCHED = Path("arriving"), Path("fetched")
OLD_S = 24 * 3600  # an arriving file that nobody has written to for so long is given up
ABANDONED_S = 60  # a copy that nobody holds, and nobody has just begun


class Gone(FileNotFoundError):
    """An original does not lie where its name says."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was stored under a name of its own, with what counting its bytes told."""

    path: Path
    size_bytes: int
    sha256: str

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def digest(file: IO[bytes]) -> str:
    """The SHA-256 of all of a file, which is left at its start."""
    file.seek(0)
    counted = sha256()
    while chunk := file.read(CHUNK):
        counted.update(chunk)
    file.seek(0)
    return counted.hexdigest()


def receive(file: IO[bytes], *, suffix: str) -> Arrived:
    """Copy a file beside its place, in pieces. What cannot be copied whole leaves nothing."""
    folder = storage.root() / ARRIVING
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}{suffix}"
    counted, size = sha256(), 0
    file.seek(0)
    try:
        with path.open("xb") as copy:
            path.chmod(0o600)
            while chunk := file.read(CHUNK):
                copy.write(chunk)
                counted.update(chunk)
                size += len(chunk)
            copy.flush()
            os.fsync(copy.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Arrived(path, size, counted.hexdigest())


def original_name(key: uuid.UUID, arrived: Arrived) -> str:
    """The name by which the storage is to know it."""
    return str(PurePosixPath(storage.RECORDINGS) / str(key) / f"original{arrived.path.suffix}")


def send_ahead(arrived: Arrived, name: str, *, report: Report | None = None) -> None:
    """Bring an arrived file to the bucket, if there is one, before somebody holds a transaction."""
    if storage.is_remote() and bucket.size_of(name) != arrived.size_bytes:
        bucket.send(arrived.path, name, report=report)


def settle(arrived: Arrived, name: str) -> None:
    """Put an arrived file where its name says, in one step. A bucket has it from `send_ahead`."""
    if storage.is_remote():
        return
    target = storage.root() / name
    target.parent.mkdir(parents=True, mode=0o700)
    arrived.path.rename(target)


def take_back(name: str) -> None:
    """Remove from the bucket what was sent ahead and is no recording after all."""
    if storage.is_remote():
        bucket.remove_one(name)


@contextlib.contextmanager
def on_disk(name: str, *, report: Report | None = None) -> Iterator[Path]:
    """An original as a file of this machine: itself, or a copy as long as the block lasts.

    Raises Gone, and OSError where there is no room for it or the bucket is silent.
    """
    if not storage.is_remote():
        path = storage.root() / name
        if not path.is_file():
            raise Gone(name)
        yield path
        return
    path = storage.root() / FETCHED / f"{uuid.uuid4()}{PurePosixPath(name).suffix}"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("xb") as copy:
            path.chmod(0o600)
            fcntl.flock(copy, fcntl.LOCK_EX)  # as long as it is read, the sweeper lets it lie
            try:
                bucket.fetch(name, copy, report=report)
            except FileNotFoundError as error:
                raise Gone(name) from error
            copy.flush()
            yield path
    finally:
        path.unlink(missing_ok=True)


def bring_back(path: Path, *, key: uuid.UUID) -> None:
    """Where a worker died between `settle` and the row: the file is an arrival again."""
    settled = storage.folder_of(key) / f"original{path.suffix}"
    if not path.exists() and settled.exists():
        settled.rename(path)
        settled.parent.rmdir()


def sweep(*, now: float) -> None:
    """Remove arrivals that were given up, and copies that nobody reads any more."""
    for path in (storage.root() / ARRIVING).glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < now - OLD_S:
                path.unlink()
    for path in (storage.root() / FETCHED).glob("*"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as copy:
            if path.stat().st_mtime < now - ABANDONED_S:
                fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
