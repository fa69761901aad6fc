"""Writing to a build of the index: whole meetings at a time, and the checkpoint with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tantivy import Document, Index, IndexWriter, Query, Searcher

from meetings.records.changes import Position

from .schema import CHECKPOINT, VERSION, on_disk, schema

MEMORY = 128_000_000  # bytes that documents wait in before they are written


class Unusable(Exception):
    """What lies there is no index of ours, or a damaged one: it is built anew, never trusted."""


class NoRoom(Exception):
    """The index could not be written: no space on the disk, or no permission."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Up to where the index has followed the log of changes: to (`xid`, `change`), and with it.

    `system` names the database cluster. A log of another one has nothing to do with this index.
    """

    system: int
    xid: int
    change: int = 0
    version: int = VERSION

    @property
    def position(self) -> Position:
        """The same, as a place in the log."""
        return Position(self.system, self.xid, self.change)


class Writer:
    """Writes to one build. Nothing is seen by readers, or survives a crash, before `commit`."""

    def __init__(self, index: Index, threads: int) -> None:
        self._writer: IndexWriter = index.writer(MEMORY, threads)

    def replace(self, meeting: int, documents: Iterable[Document]) -> int:
        """All documents of a meeting, instead of those that are there. Returns how many.

        Doing it again changes nothing.
        """
        with _room():  # by term, the binding takes the number for a signed one and finds nothing
            there = Query.term_query(schema(), "meeting", meeting)
            self._writer.delete_documents_by_query(there)
        return self.add(documents)

    def add(self, documents: Iterable[Document]) -> int:
        """The documents of a meeting of which there is nothing yet. Returns how many."""
        count = 0
        for document in documents:
            with _room():
                self._writer.add_document(document)
            count += 1
        return count

    def commit(self, checkpoint: Checkpoint) -> None:
        """Make what was written visible, with the checkpoint, in one step."""
        document = Document()
        document.add_text("kind", CHECKPOINT)
        document.add_text(CHECKPOINT, json.dumps(asdict(checkpoint)))
        with _room():
            self._writer.delete_documents_by_term("kind", CHECKPOINT)
            self._writer.add_document(document)
            self._writer.commit()

    def close(self) -> None:
        """Wait for what still goes on in the background. The writer is of no use afterwards."""
        with _room():
            self._writer.wait_merging_threads()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise NoRoom(str(error)) from error


@contextmanager
def writer(build: Path, *, threads: int = 1) -> Iterator[Writer]:
    """A writer for a build that the caller has locked. What was not committed is forgotten.

    Raises Unusable where the build cannot be opened, NoRoom where it cannot be written.
    """
    try:
        opened = Writer(on_disk(build), threads)
    except (ValueError, OSError) as error:
        raise Unusable(str(error)) from error
    try:
        yield opened
    except BaseException:
        with suppress(NoRoom):  # what went wrong first is what is told
            opened.close()
        raise
    opened.close()


def opened(build: Path) -> Index:
    """The index of a build, to read. Raises Unusable unless it is whole and of our version."""
    try:
        if not Index.exists(str(build)) or not Index.is_compatible(str(build)):
            raise Unusable("There is no index of this version.")
        index = on_disk(build)
        index.reload()
        checkpoint(index.searcher())
    except (ValueError, OSError) as error:
        raise Unusable(str(error)) from error
    return index


def checkpoint(searcher: Searcher) -> Checkpoint:
    """Up to where an index has followed. Raises Unusable where it does not say so."""
    query = Query.term_query(schema(), "kind", CHECKPOINT)
    hits = searcher.search(query, limit=2).hits
    if len(hits) != 1:
        raise Unusable("The index has no checkpoint.")
    stored = json.loads(str(searcher.doc(hits[0][1]).get_first(CHECKPOINT)))
    if stored.get("version") != VERSION:
        raise Unusable("The index is of another version.")
    return Checkpoint(**stored)
