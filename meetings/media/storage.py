"""Where recordings lie: packages in Django's storage, work in folders beside them.

    recordings/<key>/original.mp4      what was handed in (`originals`)
    recordings/<key>/<version>/…       what players get: whole, or not there
    recordings/<key>/.work-…/          a package in the making; without its maker it is litter

The storage is a folder, or a bucket (`bucket`): then the first two have these names there, and the
third is a folder of this machine. In a bucket a package is whole when its playlist is there, which
is brought last.

A worker that packages a recording holds a lock on its folder, and with a bucket one in the database
too, for workers elsewhere. It ends with the worker, however that ends, so what is found without one
belongs to nobody.
"""

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection

from . import bucket
from .segments import INDEX

Report = bucket.Report
RECORDINGS = Path("recordings")
LOCK, WORK = ".lock", ".work-"
OLD_S = 24 * 3600  # what nobody has gone on sending for so long is given up


class Busy(Exception):
    """Another worker packages this recording at this moment."""


def is_remote() -> bool:
    """Whether files lie in a bucket, and not in a folder."""
    return not isinstance(default_storage, FileSystemStorage)


def root() -> Path:
    """This machine's folder: files are worked on in it, and lie in it where there is no bucket."""
    return Path(settings.MEDIA_ROOT).absolute()


def folder_of(key: uuid.UUID) -> Path:
    return root() / RECORDINGS / str(key)


def package_of(key: uuid.UUID, version: int) -> Path:
    """Where a package lies when it is whole, in a folder."""
    return folder_of(key) / str(version)


def name_of(key: uuid.UUID, version: int | str, name: str = "") -> str:
    """What the storage calls a package, or a file of it."""
    return str(PurePosixPath(RECORDINGS) / str(key) / str(version) / name)


@contextlib.contextmanager
def held(key: uuid.UUID) -> Iterator[None]:
    """Be the only one who packages this recording. Raises Busy where somebody else is."""
    folder = folder_of(key)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        with _held_elsewhere(key):
            yield


@contextlib.contextmanager
def _held_elsewhere(key: uuid.UUID) -> Iterator[None]:
    """The same among all machines that share a bucket, by a lock of this database session."""
    if not is_remote():
        yield
        return
    number = int.from_bytes(key.bytes[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if cursor.fetchone() != (True,):
            raise Busy
    try:
        yield
    finally:
        # Where the session is broken, the lock has ended with it.
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


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


def put_up(workshop: Path, key: uuid.UUID, version: int, *, report: Report | None = None) -> None:
    """From a finished workshop to a package: it is there as a whole or not at all."""
    if is_remote():
        name = name_of(key, version)
        try:
            bucket.send_folder(workshop, name, last=INDEX, report=report)
        except BaseException:
            with contextlib.suppress(OSError):
                bucket.remove(name)
            raise
        return
    for file in [*workshop.iterdir(), workshop]:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    workshop.rename(package_of(key, version))


def next_version(key: uuid.UUID, *, current: int) -> int:
    """The number of the package to be made. In a bucket, one that nobody has ever written to."""
    if not is_remote():
        return current + 1
    return max([current, *_versions(key)]) + 1


def sizes(key: uuid.UUID, version: int) -> dict[str, int]:
    """The files of a package, and how many bytes each has. None where there is no package."""
    if is_remote():
        return bucket.sizes(name_of(key, version))
    try:
        return {file.name: file.stat().st_size for file in package_of(key, version).iterdir()}
    except FileNotFoundError:
        return {}


def read(key: uuid.UUID, version: int, name: str) -> bytes:
    """A small file of a package. Raises FileNotFoundError, and OSError."""
    if is_remote():
        return bucket.read(name_of(key, version, name))
    return (package_of(key, version) / name).read_bytes()


def remove(key: uuid.UUID) -> None:
    """Everything of a recording, its original too. Only for one whose row is gone."""
    if is_remote():
        bucket.remove(str(PurePosixPath(RECORDINGS) / str(key)))
    shutil.rmtree(folder_of(key), ignore_errors=True)


def sweep(*, now: float) -> None:
    """Remove what nobody works on any more: deserted workshops, and what was half sent to a bucket.

    A folder without a row is left alone: after a restored backup it may be all that there is.
    """
    if is_remote():
        before = datetime.fromtimestamp(now - OLD_S, tz=UTC)
        bucket.give_up_unfinished(str(RECORDINGS), before=before)
    for folder in {work.parent for work in (root() / RECORDINGS).glob(f"*/{WORK}*")}:
        with contextlib.suppress(Busy, ValueError), held(uuid.UUID(folder.name)):
            _clear_workshops(folder)


def remove_old_packages(key: uuid.UUID, *, current: int) -> None:
    """The versions before the current one."""
    for version in _versions(key):
        if version < current:
            _remove_package(key, version)


def remove_unfinished_packages(key: uuid.UUID, *, current: int) -> None:
    """What dead workers brought to the bucket. Call it while `held`; in folders there is none."""
    if is_remote():
        for version in _versions(key):
            if version > current:
                _remove_package(key, version)


def _versions(key: uuid.UUID) -> set[int]:
    if is_remote():
        below = bucket.sizes(str(PurePosixPath(RECORDINGS) / str(key)))
        names = {name.partition("/")[0] for name in below if "/" in name}
    else:
        folder = folder_of(key)
        names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return {int(name) for name in names if name.isdecimal()}


def _remove_package(key: uuid.UUID, version: int) -> None:
    if is_remote():
        bucket.remove(name_of(key, version))
    else:
        shutil.rmtree(package_of(key, version), ignore_errors=True)


def _clear_workshops(folder: Path) -> None:
    for left in folder.glob(f"{WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
