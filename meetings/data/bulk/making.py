"""Making snapshots: the nightly one, and one by hand into a folder of one's own."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog

from . import keeping
from .manifests import Manifest
from .snapshot import Report, take

log = structlog.get_logger(__name__)


class Taken(Exception):
    """There is something already where the snapshot should go."""


def nightly(*, now: datetime, report: Report | None = None) -> Manifest:
    """Take a snapshot, put it up for members, and remove the oldest. Raises Busy and OSError.

    Whatever happens, the snapshots that are there stay until the new one is whole.
    """
    with keeping.workshop() as workshop:
        manifest = take(workshop, report=report)
        name = keeping.name_at(manifest.taken_at)
        keeping.put_up(workshop, name)
        keeping.remove_old(now=now)
    log.info("snapshot_taken", name=name, rows=manifest.row_count, bytes=manifest.size_bytes)
    return manifest


def by_hand(folder: Path, *, report: Report | None = None) -> Manifest:
    """Take a snapshot into a new folder, which is there when it is whole.

    Raises Taken where the folder is there and not empty, Busy where another process is at it, and
    OSError.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Taken
    with _beside(folder) as workshop:
        manifest = take(workshop, report=report)
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()  # one that is empty may make room; one that is not any more says so
        keeping.swap_in(workshop, folder)
    return manifest


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """An empty folder on the same disk, for one process at a time. Raises Busy.

    A process that was killed leaves it behind, and the next one empties it.
    """
    workshop = folder.with_name(f".{folder.name}.partial")
    workshop.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(workshop, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise keeping.Busy from error
        for left in workshop.iterdir():
            left.unlink()
        try:
            yield workshop
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    finally:
        os.close(lock)
