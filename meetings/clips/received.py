"""Files that somebody sends to have them checked: read as they arrive, and never kept.

Of a file of any size there remain its SHA-256, how long it is, its first megabyte (a manifest is no
longer), and the addresses of clips that stand in its MP4 header, `moov` (ISO/IEC 14496-12).
"""

import hashlib
import re
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

KEPT = 1024 * 1024
HEADER_MAX = 8 * 1024 * 1024  # ten minutes have less than one megabyte
ADDRESSES_MAX = 5  # ours name one, and whoever names thousands keeps the database busy
ADDRESS = re.compile(rb"https?://[\x21-\x7e]{1,200}?/clips/[A-Za-z0-9_-]{11,22}/")


class Header:
    """Looks for `moov` among the boxes of a file that comes by in pieces."""

    def __init__(self) -> None:
        self.found = bytearray()
        self._box = bytearray()  # the head of a box, until it is whole
        self._left = 0  # of the box that comes by
        self._is_wanted = False
        self._is_over = False

    def feed(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest and not self._is_over:
            if self._left:
                here = rest[: self._left]
                if self._is_wanted:
                    self.found += here
                self._left -= len(here)
                rest = rest[len(here) :]
                self._is_over = self._is_wanted and not self._left
            else:
                rest = self._begin(rest)

    def addresses(self) -> list[str]:
        """The first addresses of clips that the header names, each once."""
        named = dict.fromkeys(hit.decode() for hit in ADDRESS.findall(self.found))
        return list(named)[:ADDRESSES_MAX]

    def _begin(self, rest: memoryview) -> memoryview:
        """Read on in the head of the next box: its size, its kind, and its size if it is large."""
        wanted = 16 if self._box[:4] == b"\0\0\0\1" else 8
        missing = wanted - len(self._box)
        self._box += rest[:missing]
        if len(self._box) == wanted and not (wanted == 8 and self._box[:4] == b"\0\0\0\1"):
            size = int.from_bytes(self._box[8:] or self._box[:4])
            self._is_wanted = self._box[4:8] == b"moov"
            self._left = size - wanted
            # A box of size 0 reaches to the end of the file: after it there is none.
            self._is_over = self._left <= 0 or (self._is_wanted and self._left > HEADER_MAX)
            self._box.clear()
        return rest[missing:]


class Received(UploadedFile[bytes]):
    """A file that was sent, without the file."""

    def __init__(
        self, *, name: str, sha256: str, size: int, start: bytes, addresses: list[str]
    ) -> None:
        super().__init__(file=None, name=name, size=size)
        self.sha256, self.start, self.addresses = sha256, start, addresses

    @property
    def is_text(self) -> bool:
        """It begins as JSON does, and is no longer than a manifest."""
        start = self.start.removeprefix(b"\xef\xbb\xbf").lstrip()
        return start[:1] == b"{" and (self.size or 0) <= KEPT

    @property
    def is_mp4(self) -> bool:
        return self.start[4:8] == b"ftyp"


class Reading(FileUploadHandler):
    """Reads what is sent and lets go of it. Past the limit it reads no further: `is_too_long`."""

    chunk_size = 256 * 1024

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.megabytes: int = settings.VERIFY_MAX_MB
        self.limit = self.megabytes * 1024 * 1024
        self.is_too_long = False
        self._read = 0
        self._hash = hashlib.sha256()
        self._start = bytearray()
        self._header = Header()

    def why_not(self) -> str:
        """Why what is too long is not read, for whoever sent it."""
        sentence = gettext(
            "The file has more than %d MB, the most that we take here. Work out its SHA-256 on"
            " your own machine and paste that instead."
        )
        return sentence % self.megabytes

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's own name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[bytes]]] | None:
        """What is too long as a whole is not even begun."""
        self.is_too_long = content_length > self.limit + KEPT
        return (QueryDict(), MultiValueDict()) if self.is_too_long else None

    def new_file(self, *arguments: Any, **options: Any) -> None:
        super().new_file(*arguments, **options)
        self._hash, self._start, self._header = hashlib.sha256(), bytearray(), Header()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._read += len(raw_data)
        if self._read > self.limit:
            self.is_too_long = True
            raise StopUpload(connection_reset=True)
        self._hash.update(raw_data)
        self._start += raw_data[: KEPT - len(self._start)]
        self._header.feed(raw_data)

    def file_complete(self, file_size: int) -> Received:
        return Received(
            name=self.file_name or "",
            sha256=self._hash.hexdigest(),
            size=file_size,
            start=bytes(self._start),
            addresses=self._header.addresses(),
        )
