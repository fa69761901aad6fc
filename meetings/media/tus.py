"""tus: the protocol of resumable uploads, as far as it is about HTTP.

Version 1.0.0 with creation, expiration, termination and checksum
(https://tus.io/protocols/resumable-upload). Refusals are sentences in plain text: the page shows
them as they are.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from . import pieces, uploads
from .models import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
PIECE_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460  # the protocol's own
_SUMS: dict[str, Callable[[], pieces.Hash]] = {
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),  # the one that servers must know
    "sha256": hashlib.sha256,
}
_METADATA_MAX = 8_000
_NUMBER_MAX = 15  # digits: as much as a browser counts exactly


class NotUnderstood(Exception):
    """The request does not follow the protocol. The message goes into the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to send. `metadata` is what the sender tells of it."""

    size_bytes: int
    metadata: dict[str, str]


def method_of(request: HttpRequest) -> str:
    """What is asked. Where a proxy knows no PATCH, it may be wrapped into a POST."""
    if request.method == "POST":
        return request.headers.get("X-HTTP-Method-Override", "POST").upper()
    return request.method or ""


def options() -> HttpResponse:
    """What this server can do."""
    return _answer(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(int(settings.UPLOAD_MAX_GB * uploads.GB)),
            "Tus-Checksum-Algorithm": ",".join(_SUMS),
        },
    )


def wish(request: HttpRequest) -> Wish:
    """Read a creation. Raises NotUnderstood."""
    _check_version(request)
    if "Upload-Defer-Length" in request.headers:
        raise NotUnderstood(_("The length of the file must be known at the beginning."))
    metadata = request.headers.get("Upload-Metadata", "")
    return Wish(_number(request, "Upload-Length"), _pairs(metadata))


def created(upload: Upload, url: str) -> HttpResponse:
    return _answer(201, {"Location": url, **_expiry(upload)})


def not_begun(error: uploads.NotBegun) -> HttpResponse:
    statuses = {uploads.TooLarge: 413, uploads.NoRoom: 507}
    return refused(statuses.get(type(error), 403), str(error))


def refused(status: int, sentence: str, headers: dict[str, str] | None = None) -> HttpResponse:
    answer = _answer(status, headers or {})
    answer.content = sentence.encode()
    answer["Content-Type"] = "text/plain; charset=utf-8"
    return answer


def head(request: HttpRequest, upload: Upload, *, now: datetime) -> HttpResponse:
    """How much of it is here."""
    _check_version(request)
    if upload.is_over(at=now):
        return _over()
    try:
        there = uploads.offset(upload)
    except pieces.Closed as error:
        return refused(410, str(error))
    return _answer(
        200,
        {
            "Upload-Offset": str(there),
            "Upload-Length": str(upload.size_bytes),
            **_expiry(upload),
        },
    )


def patch(request: HttpRequest, upload: Upload, *, now: datetime) -> HttpResponse:
    """Take a piece straight from the line. Raises NotUnderstood."""
    _check_version(request)
    if request.content_type != PIECE_TYPE:
        raise NotUnderstood(_("A piece has the type %s.") % PIECE_TYPE, 415)
    if not request.headers.get("Content-Length", "").isdigit():
        raise NotUnderstood(_("How long the piece is must be said before it comes."), 411)
    at, length = _number(request, "Upload-Offset"), _number(request, "Content-Length")
    checksum = _checksum(request.headers.get("Upload-Checksum", ""))
    if upload.is_over(at=now):
        return _over()
    try:
        there = uploads.append(
            upload=upload, at=at, length=length, read=_reading(request), checksum=checksum, now=now
        )
    except pieces.WrongOffset as error:
        return refused(409, str(error), {"Upload-Offset": str(error.there)})
    except pieces.Overflow as error:
        return refused(413, str(error))
    except pieces.Busy as error:
        return refused(423, str(error))
    except pieces.Closed as error:
        return refused(410, str(error))
    except pieces.NotTheSame as error:
        return refused(CHECKSUM_MISMATCH, str(error))
    except pieces.DiskFull as error:
        return refused(507, str(error))
    upload.refresh_from_db(fields=["expires_at"])
    return _answer(204, {"Upload-Offset": str(there), **_expiry(upload)})


def terminate(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Forget an upload."""
    _check_version(request)
    try:
        uploads.give_up(upload)
    except pieces.Closed as error:
        return refused(409, str(error))
    return _answer(204, {})


def _reading(request: HttpRequest) -> pieces.Read:
    """The line, by small parts. One that breaks has ended."""

    def read(size: int) -> bytes:
        try:
            return request.read(size)
        except OSError:  # Django's UnreadablePostError among others
            return b""

    return read


def _check_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise NotUnderstood(_("This server speaks tus %s.") % VERSION, 412)


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) <= _NUMBER_MAX):
        raise NotUnderstood(_("%s is a number of bytes.") % header)
    return int(value)


def _pairs(header: str) -> dict[str, str]:
    """`filename d29ybGQubXA0,modified MTIz`: a name and its value in Base64, or a name alone."""
    if len(header) > _METADATA_MAX:
        raise NotUnderstood(_("Too much is told of the file."))
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _space, value = pair.partition(" ")
        try:
            pairs[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise NotUnderstood(_("Upload-Metadata cannot be read.")) from error
    return pairs


def _checksum(header: str) -> pieces.Checksum | None:
    if not header:
        return None
    name, _space, value = header.partition(" ")
    if name not in _SUMS:
        raise NotUnderstood(_("Checksums are known of the kinds %s.") % ", ".join(_SUMS))
    try:
        return pieces.Checksum(_SUMS[name](), base64.b64decode(value, validate=True))
    except binascii.Error as error:
        raise NotUnderstood(_("Upload-Checksum cannot be read.")) from error


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires_at.timestamp())}


def _over() -> HttpResponse:
    return refused(410, _("Nobody went on with this upload in time. Begin anew."))


def _answer(status: int, headers: dict[str, str]) -> HttpResponse:
    answer = HttpResponse(status=status, headers={"Tus-Resumable": VERSION, **headers})
    answer["Cache-Control"] = "no-store"
    if status == 204:
        del answer["Content-Type"]
    return answer
