"""Where recordings lie: originals and packages in Django's storage, work in folders beside them.

    recordings/<key>/original.mp4      what was handed in; nothing here ever changes or deletes it
    recordings/<key>/<version>/…       what players get: whole, or not there
    recordings/<key>/.work-…/          a package in the making; without its maker it is litter
    arriving/…                         a file on its way in

A worker that packages a recording holds a lock on its folder. The lock ends with the worker,
however it ends, so what is found without one belongs to nobody.
"""

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

from django.core.files.storage import default_storage

CHUNK = 1024 * 1024
RECORDINGS, ARRIVING = Path("recordings"), Path("arriving")
LOCK, WORK = ".lock", ".work-"
OLD_S = 24 * 3600  # an arriving file that nobody has written to for so long is given up


class Busy(Exception):
    """Another worker packages this recording at this moment."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was stored under a name of its own, with what counting its bytes told."""

    path: Path
    size_bytes: int
    sha256: str

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def root() -> Path:
    """The folder that Django's storage keeps files in."""
    return Path(default_storage.path(""))


def folder_of(key: uuid.UUID) -> Path:
    return root() / RECORDINGS / str(key)


def package_of(key: uuid.UUID, version: int) -> Path:
    """Where a package lies when it is whole."""
    return folder_of(key) / str(version)


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
    folder = root() / ARRIVING
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
    return str(PurePosixPath(RECORDINGS) / str(key) / f"original{arrived.path.suffix}")


def settle(arrived: Arrived, name: str) -> None:
    """Put an arrived file where its name says, in one step."""
    target = root() / name
    target.parent.mkdir(parents=True, mode=0o700)
    arrived.path.rename(target)


def bring_back(path: Path, *, key: uuid.UUID) -> None:
    """Where a worker died between `settle` and the row: the file is an arrival again."""
    settled = folder_of(key) / f"original{path.suffix}"
    if not path.exists() and settled.exists():
        settled.rename(path)
        settled.parent.rmdir()


@contextlib.contextmanager
def held(key: uuid.UUID) -> Iterator[None]:
    """Be the only one who packages this recording. Raises Busy where somebody else is."""
    folder = folder_of(key)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        yield


@contextlib.contextmanager
def workshop(key: uuid.UUID) -> Iterator[Path]:
    """An empty folder beside where the package will lie. Call it while `held`.

    Left behind by others or by this one, nothing of it stays.
    """
    _clear_workshops(folder_of(key))
    folder = folder_of(key) / f"{WORK}{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_up(workshop: Path, package: Path) -> None:
    """From a finished workshop to a package, in one step: it is there as a whole or not at all."""
    for file in [*workshop.iterdir(), workshop]:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    workshop.rename(package)


def remove(key: uuid.UUID) -> None:
    """Everything of a recording, its original too. Only for one whose row is gone."""
    shutil.rmtree(folder_of(key), ignore_errors=True)


def sweep(*, now: float) -> None:
    """Remove what nobody works on any more: given-up arrivals and deserted workshops.

    A folder without a row is left alone: after a restored backup it may be all that there is.
    """
    for path in (root() / ARRIVING).glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < now - OLD_S:
                path.unlink()
    for folder in {work.parent for work in (root() / RECORDINGS).glob(f"*/{WORK}*")}:
        with contextlib.suppress(Busy, ValueError), held(uuid.UUID(folder.name)):
            _clear_workshops(folder)


def remove_old_packages(key: uuid.UUID, *, current: int) -> None:
    """The versions before the current one."""
    for folder in folder_of(key).iterdir():
        if folder.name.isdigit() and int(folder.name) < current:
            shutil.rmtree(folder, ignore_errors=True)


def _clear_workshops(folder: Path) -> None:
    for left in folder.glob(f"{WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
