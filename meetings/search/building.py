"""Building the index anew, from the database alone, beside the one that is in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meetings.records import changes

from .documents import Places, documents
from .folder import Folder
from .queries import indexable
from .writing import Checkpoint, opened, writer


@dataclass(frozen=True, slots=True)
class Built:
    """What became of a build."""

    folder: Path
    meetings: int
    documents: int


def rebuild(
    folder: Folder, *, progress: Callable[[int], object] = lambda _done: None, threads: int = 1
) -> Built:
    """Build aside, then swap. Until then, and where it fails, the old index stays in use.

    `progress` is called with the number of documents of each meeting. Raises folder.Busy while
    another build is made, writing.NoRoom when the disk is full.

    The checkpoint is taken first: a change during the build is followed afterwards, and doing it
    twice changes nothing.
    """
    start = changes.end()
    meetings, count = 0, 0
    with folder.rebuilding() as build:
        with writer(build, threads=threads) as index:
            places = Places()
            for meeting in indexable().iterator(chunk_size=200):
                added = index.add(documents(meeting, places))
                meetings, count = meetings + 1, count + added
                progress(added)
            index.commit(Checkpoint(system=start.system, xid=start.xid))
        opened(build)
        folder.use(build)
    return Built(build, meetings, count)
