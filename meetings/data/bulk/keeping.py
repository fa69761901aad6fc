"""Where snapshots lie: each in a folder of its own, whole or not there.

    data/<time>/…          a snapshot, as `snapshot.take` wrote it; <time> such as 20261123T022300Z
    data/.work-…/          one in the making; without its maker it is litter
    data/.lock             held by whoever makes one

They lie beside the recordings: in the media folder, or in the bucket, where the manifest is brought
last, and what has none is no snapshot.
"""

import contextlib
import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings

from meetings.media import bucket, storage

from .manifests import NAME, Manifest

DATA = "data"
LOCK, WORK = ".lock", ".work-"
LATEST = "latest"
# What another machine may still be bringing to the bucket is left alone for so long.
ON_ITS_WAY = timedelta(days=1)
_TIME = "%Y%m%dT%H%M%SZ"
_SNAPSHOT = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_FILE = re.compile(r"manifest\.json|[a-z_]+(-\d{4}-\d{2})?\.(parquet|ndjson\.gz)", re.ASCII)


class Busy(Exception):
    """Another process makes a snapshot at this moment."""


def root() -> Path:
    return storage.root() / DATA


def name_at(taken_at: datetime) -> str:
    """What a snapshot of this instant is called."""
    return taken_at.astimezone(UTC).strftime(_TIME)


def is_snapshot(name: str) -> bool:
    return _SNAPSHOT.fullmatch(name) is not None


def is_file(name: str) -> bool:
    """A name that a file of a snapshot may have: no path, and nothing that begins with a dot."""
    return _FILE.fullmatch(name) is not None


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """An empty folder to write in, for one process at a time. Raises Busy where there is another.

    What dead processes left is removed first; of this one nothing stays that was not put up.
    """
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (root() / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with the process
        except BlockingIOError as error:
            raise Busy from error
        for left in root().glob(f"{WORK}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = root() / f"{WORK}{uuid.uuid4().hex}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def put_up(workshop: Path, name: str) -> None:
    """From a finished workshop to the newest snapshot, at once. Raises OSError."""
    if not storage.is_remote():
        swap_in(workshop, root() / name)
        return
    prefix = _key(name)
    try:
        files = sorted(workshop.iterdir(), key=lambda file: file.name == NAME)
        for file in files:
            bucket.send(file, f"{prefix}/{file.name}")
    except BaseException:
        with contextlib.suppress(OSError):
            bucket.remove(prefix)
        raise


def swap_in(workshop: Path, folder: Path) -> None:
    """Give a finished folder its name, so that it stays after a loss of power. Raises OSError."""
    for path in (*workshop.iterdir(), workshop):
        _to_disk(path)
    workshop.rename(folder)
    _to_disk(folder.parent)


def names() -> list[str]:
    """The snapshots that are whole, the newest first. Raises OSError."""
    if storage.is_remote():
        found = {name.partition("/")[0] for name in bucket.sizes(DATA) if name.endswith(f"/{NAME}")}
    else:
        found = {path.parent.name for path in root().glob(f"*/{NAME}")}
    return sorted(filter(is_snapshot, found), reverse=True)


def read(name: str, file: str = NAME) -> bytes:
    """A small file of a snapshot. Raises FileNotFoundError and OSError."""
    if storage.is_remote():
        return bucket.read(_key(name, file))
    return (root() / name / file).read_bytes()


def manifest(name: str) -> Manifest:
    """What a snapshot says of itself. Raises FileNotFoundError and OSError."""
    return Manifest.read(read(name))


def remove_old(*, now: datetime) -> None:
    """All but the newest few, and what was half sent to a bucket and given up."""
    for name in names()[settings.DATA_SNAPSHOTS_KEPT :]:
        if storage.is_remote():
            bucket.remove_one(_key(name, NAME))  # first, so that nobody finds half of it
            bucket.remove(_key(name))
        else:
            _remove_folder(root() / name)
    if storage.is_remote():
        _remove_unfinished(before=name_at(now - ON_ITS_WAY))


def _remove_unfinished(*, before: str) -> None:
    whole = set(names())
    begun = {name.partition("/")[0] for name in bucket.sizes(DATA)}
    for name in begun - whole:
        if is_snapshot(name) and name < before:
            bucket.remove(_key(name))
    moment = datetime.strptime(before, _TIME).replace(tzinfo=UTC)
    bucket.give_up_unfinished(DATA, before=moment)


def _remove_folder(folder: Path) -> None:
    """It is no snapshot any more before its first file goes."""
    going = folder.with_name(f"{WORK}{uuid.uuid4().hex}")
    folder.rename(going)
    shutil.rmtree(going, ignore_errors=True)


def _key(name: str, file: str = "") -> str:
    """What the bucket calls a snapshot, or a file of it."""
    return str(PurePosixPath(DATA) / name / file)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
