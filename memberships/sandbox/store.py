"""Store: one JSON document for each object, in files that a kill -9 cannot leave half changed.

What changes together is first written down as a whole in `journal.json`, then file by file. A start
that finds a journal finishes it; one that was cut off before its rename never happened.
"""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Doc = dict[str, Any]  # JSON as Stripe has it


@dataclass
class Record:
    """A document as the API shows it, and what the sandbox alone knows about it."""

    doc: Doc
    aside: Doc = field(default_factory=dict)
    number: int = 0  # the order in which records were made


class Change:
    """Records to be written together. Reading sees what was put before."""

    def __init__(self, kept: dict[tuple[str, str], Record]) -> None:
        self._kept = kept
        self.put_records: dict[tuple[str, str], Record] = {}

    def get(self, kind: str, id_: str) -> Record | None:
        """A copy of the record: what is done to it counts once it is put."""
        found = self.put_records.get((kind, id_)) or self._kept.get((kind, id_))
        return copy.deepcopy(found)

    def put(self, kind: str, id_: str, record: Record) -> None:
        """Write this record when the change ends well."""
        self.put_records[kind, id_] = copy.deepcopy(record)


class Store:
    """All documents under one folder. One process, and one thread at a time, may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._journal = folder / "journal.json"
        folder.mkdir(parents=True, exist_ok=True)
        if self._journal.exists():
            self._apply(json.loads(self._journal.read_text()))
        self._kept: dict[tuple[str, str], Record] = {}
        for path in folder.glob("*/*.json"):
            self._kept[path.parent.name, path.stem] = Record(**json.loads(path.read_text()))
        self._numbers = max((record.number for record in self._kept.values()), default=0)

    def get(self, kind: str, id_: str) -> Record | None:
        """A copy of one record."""
        return copy.deepcopy(self._kept.get((kind, id_)))

    def newest_first(self, kind: str, **having: object) -> list[Record]:
        """Copies of the records of a kind whose documents have these values."""
        found = [
            record
            for (its_kind, _id), record in self._kept.items()
            if its_kind == kind
            and all(record.doc.get(name) == value for name, value in having.items())
        ]
        return copy.deepcopy(sorted(found, key=lambda record: record.number, reverse=True))

    @contextmanager
    def change(self) -> Iterator[Change]:
        """All that is put inside is kept together, or nothing of it where the block raises."""
        change = Change(self._kept)
        yield change
        if not change.put_records:
            return
        for key, record in change.put_records.items():
            before = self._kept.get(key)
            if before is None:
                self._numbers += 1
            record.number = before.number if before else self._numbers
        entries = [
            {"kind": kind, "id": id_, "record": asdict(record)}
            for (kind, id_), record in change.put_records.items()
        ]
        _write(self._journal, entries)
        self._apply(entries)
        self._kept |= change.put_records

    def _apply(self, entries: list[Doc]) -> None:
        for entry in entries:
            folder = self._folder / entry["kind"]
            folder.mkdir(exist_ok=True)
            _write(folder / f"{entry['id']}.json", entry["record"])
        self._journal.unlink()


def _write(path: Path, content: object) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=1))
    draft.replace(path)
