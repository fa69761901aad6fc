"""Writing rows as files: Parquet and gzipped NDJSON side by side, hashed on their way to disk.

A batch of rows becomes a row group of the Parquet file. A thread packs one batch while the next is
fetched, so two are in memory at a time.
"""

import contextlib
import gzip
import hashlib
import io
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .columns import Column, lines, schema

BATCH = 10_000  # rows
PARQUET, NDJSON = "parquet", "ndjson"
ENDINGS = {PARQUET: ".parquet", NDJSON: ".ndjson.gz"}
SQUEEZED = 5  # of nine: the next steps cost twice the time for some percent


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a snapshot."""

    name: str
    kind: str
    row_count: int
    size_bytes: int
    sha256: str


class Hashed(io.RawIOBase):
    """A new file that knows its SHA-256 and size when it is closed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.size_bytes = 0
        self._file = path.open("xb")
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """`Any`: whatever holds bytes."""
        with memoryview(data) as view:
            self._hash.update(view)
            self._file.write(view)
            self.size_bytes += view.nbytes
            return view.nbytes

    def tell(self) -> int:
        return self.size_bytes

    def close(self) -> None:
        if not self.closed:
            try:
                self._file.close()
            finally:
                super().close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class Pair:
    """The two files of some rows: `<stem>.parquet` and `<stem>.ndjson.gz`."""

    def __init__(
        self, folder: Path, stem: str, columns: tuple[Column, ...], about: dict[str, str]
    ) -> None:
        self.row_count = 0
        self._stem, self._columns = stem, columns
        self._schema = schema(columns, about)
        self._files = {kind: Hashed(folder / f"{stem}{end}") for kind, end in ENDINGS.items()}
        try:  # both write their first bytes at once
            # Neither a time nor a name inside: the same rows give the same bytes.
            self._ndjson = gzip.GzipFile(
                filename="", mode="wb", fileobj=self._files[NDJSON], compresslevel=SQUEEZED, mtime=0
            )
            self._parquet = pq.ParquetWriter(
                self._files[PARQUET], self._schema, compression="zstd", version="2.6"
            )
        except OSError:
            for file in self._files.values():
                file.close()
            raise
        self._packer = ThreadPoolExecutor(1, "packer")
        self._packing: Future[None] | None = None

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add a batch. Raises what became of the one before. `Any`: whatever the database has."""
        self._settle()
        self._packing = self._packer.submit(self._pack, rows)
        self.row_count += len(rows)

    def _pack(self, rows: Sequence[tuple[Any, ...]]) -> None:
        by_column = list(zip(*rows, strict=True))
        arrays = [
            column.as_arrow(values) for column, values in zip(self._columns, by_column, strict=True)
        ]
        self._parquet.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._ndjson.write(lines(self._columns, by_column).encode())

    def _settle(self) -> None:
        if self._packing is not None:
            self._packing.result()

    def close(self) -> list[Written]:
        """The files, which are whole now. Raises what became of the last batch."""
        self._settle()
        self._packer.shutdown()
        self._parquet.close()
        self._ndjson.close()
        for file in self._files.values():
            file.close()
        return [
            Written(
                name=f"{self._stem}{ENDINGS[kind]}",
                kind=kind,
                row_count=self.row_count,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
            )
            for kind, file in self._files.items()
        ]

    def give_up(self) -> None:
        """Close what is open, whatever became of it: the folder is thrown away."""
        self._packer.shutdown()
        for file in (self._parquet, self._ndjson, *self._files.values()):
            with contextlib.suppress(OSError, ValueError):  # the disk took no more, as before
                file.close()
        self._parquet.is_open = False  # or it tries again when it is forgotten, and complains
