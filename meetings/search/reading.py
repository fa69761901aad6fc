"""The index as it is searched: opened once in a process, and again whenever it has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from tantivy import Index, Searcher

from .folder import Folder
from .writing import Checkpoint, Unusable, checkpoint, opened

_Mark = tuple[Path, int, int]
"""A build, and the file by which a commit shows."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The index as it was at one moment."""

    searcher: Searcher
    families: Sequence[str]
    """The families of languages that it has words of."""
    checkpoint: Checkpoint

    @classmethod
    def of(cls, index: Index) -> Opened:
        searcher = index.searcher()
        families = [term for term, _count in searcher.terms_with_prefix("language", "")]
        return cls(searcher, sorted(families), checkpoint(searcher))


@contextmanager
def searched() -> Iterator[None]:
    """While the index is searched: what the engine says of a damaged file is raised as Unusable."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Unusable(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        # The engine stumbled over what it read. Its binding has no name for this to be caught by,
        # and it is no Exception, so it would end the server's thread without an answer.
        raise Unusable(str(error)) from error


class Reader:
    """Gives the newest state of the index in a folder. Threads may share one."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._lock = Lock()
        self._mark: _Mark | None = None
        self._index: Index | None = None
        self._opened: Opened | None = None

    def open(self) -> Opened:
        """The index as it is now. Raises Unusable where there is none, or a damaged one."""
        for last_try in (False, True):
            try:
                return self._newest()
            except Unusable:
                if last_try:  # once more, because the build may have been swapped meanwhile
                    raise
        raise AssertionError

    def _newest(self) -> Opened:
        mark = self._look()
        with self._lock:
            if self._opened is not None and mark == self._mark:
                return self._opened
            if self._index is None or self._mark is None or self._mark[0] != mark[0]:
                self._index = opened(mark[0])
            try:
                self._index.reload()
                self._opened = Opened.of(self._index)
            except (ValueError, OSError) as error:
                self._index = self._opened = None
                raise Unusable(str(error)) from error
            self._mark = mark
            return self._opened

    def _look(self) -> _Mark:
        build = self._folder.current()
        if build is None:
            raise Unusable("There is no index yet.")
        try:
            meta = (build / "meta.json").stat()
        except OSError as error:
            raise Unusable(str(error)) from error
        return build, meta.st_ino, meta.st_mtime_ns


def reader() -> Reader:
    """The reader of the site's own index."""
    return _reader(Path(settings.INDEX_ROOT))


@cache
def _reader(root: Path) -> Reader:
    return Reader(Folder(root))
