"""The index follows the log of changes: whole meetings are replaced, the checkpoint with them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from time import time

from meetings.records import changes
from meetings.records.following import BATCH
from meetings.records.models import Meeting

from .building import rebuild
from .documents import Places, documents
from .folder import Busy, Folder, begun_at
from .reading import Reader
from .writing import Checkpoint, Unusable, Writer, checkpoint, opened, writer

log = logging.getLogger(__name__)

TRUSTED = 3_600
"""Seconds for which a build that opens is not made again because a search failed: one that fails
on a sound index would have it built without end.
"""


class IndexFollower:
    """Keeps the index of a folder in step. It is the one writer of the build that is in use.

    Another process that comes meanwhile stands by, and takes over when the first one ends. What is
    missing, damaged, of another version or of another database is built anew.
    """

    name = "search"

    def __init__(
        self, folder: Folder, *, progress: Callable[[int], object] = lambda _documents: None
    ) -> None:
        """`progress` is called during a rebuild, for each meeting."""
        self._folder = folder
        self._progress = progress
        self._held = ExitStack()
        self._build: Path | None = None
        self._writer: Writer | None = None
        self._at = changes.Position(0, 0)
        self._stands_by = False

    def follow(self) -> bool:
        """One batch of changes, or a rebuild. Raises writing.NoRoom when the disk is full."""
        try:
            try:
                return self._follow()
            except Unusable as reason:
                self.leave()
                if not self._stands_by:
                    log.warning("The search index is built anew: %s", reason)
                rebuild(self._folder, progress=self._progress)
                return True
        except Busy:
            self.leave()
            if not self._stands_by:
                log.warning("Another process writes to the index. This one stands by.")
            self._stands_by = True
            return False
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Let the build go. What was not committed is done again by whoever comes next."""
        held, self._held = self._held, ExitStack()
        was_writing = self._writer is not None
        self._build = self._writer = None
        held.close()
        if was_writing:
            self._folder.tidy()

    def _follow(self) -> bool:
        build = self._folder.current()
        if self._build is not None and self._build != build:  # a rebuild was swapped in
            self.leave()
        if self._writer is None:
            self._enter(build)
        if self._writer is None or build is None:
            return True
        if not (build / "meta.json").exists():
            raise Unusable("Its files are gone.")
        if self._folder.take_doubt(build):
            if time() - begun_at(build) > TRUSTED:
                raise Unusable("It could not be searched.")
            self.leave()  # and open it anew, which sees to it that it is whole
            return True
        if changes.end().system != self._at.system:
            raise Unusable("It was made from another database.")
        batch = changes.after(self._at, limit=BATCH)
        if not batch:
            return False
        places = Places()
        for pk in dict.fromkeys(change.meeting_id for change in batch):
            found = Meeting.objects.select_related("body__place").filter(pk=pk).first()
            self._writer.replace(pk, documents(found, places) if found else ())
        last = changes.position_of(batch[-1])
        self._writer.commit(Checkpoint(last.system, last.xid, last.change))
        self._at = last
        return True

    def _enter(self, build: Path | None) -> None:
        """Become the writer of the build. Raises Busy, or Unusable where it cannot be trusted."""
        if build is None:
            raise Unusable("There is none.")
        self._held.enter_context(self._folder.writing(build))
        if self._folder.current() != build:
            self._held.close()  # it was swapped while we waited for its lock
            return
        self._at = checkpoint(opened(build).searcher()).position
        if not changes.is_ours(self._at):
            raise Unusable("It was made from another database, or from another state of this one.")
        self._writer = self._held.enter_context(writer(build))
        self._build, self._stands_by = build, False


def lag(reader: Reader, *, now: datetime) -> changes.Lag | None:
    """How far the index of a reader is behind; None where it is not. Raises Unusable."""
    at = reader.open().checkpoint.position
    if at.system != changes.end().system:
        raise Unusable("It was made from another database.")
    return changes.lag(at, now=now)
