"""Playback: what a token opens, and how the bytes get to the reader.

None of it asks the database. Names are known in full, so that no path is ever made of something
that a reader wrote.
"""

import mimetypes
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase

from . import bucket, segments, storage, thumbnails, tokens
from .models import Recording

CHUNK = 256 * 1024
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
_SEGMENT = re.compile(r"(0|[1-9]\d{0,9})\.m4s", re.ASCII)
_OF_ALL = re.compile(rf"{re.escape(thumbnails.TIMES)}|sprite-[1-9]\d{{0,4}}\.jpg", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)
_TYPES = {
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
}


def token_for(recording: Recording, *, now: datetime) -> str:
    """A token for all of a recording that is ready."""
    leave = tokens.leave(
        recording=recording.key,
        version=recording.package_version,
        first=0,
        last=len(recording.segment_ends_ms) - 1,
        is_whole=True,
        now=now,
    )
    return tokens.issue(leave)


def leave_of(token: str, *, now: datetime) -> tokens.Leave | None:
    """What a token allows now."""
    try:
        leave = tokens.read(token)
    except tokens.NotGood:
        return None
    return None if leave.is_over(now=now) else leave


def opens(leave: tokens.Leave, name: str) -> bool:
    """May whoever holds this leave have the file of this name?"""
    if segment := _SEGMENT.fullmatch(name):
        return leave.covers(int(segment[1]))
    return name == segments.INIT or (leave.is_whole and _OF_ALL.fullmatch(name) is not None)


def file_of(leave: tokens.Leave, name: str) -> Path:
    """Where a file lies that the leave opens."""
    return storage.package_of(leave.recording, leave.version) / name


def answer(leave: tokens.Leave, name: str, request: HttpRequest) -> HttpResponseBase:
    """A file that the leave opens, from wherever it lies.

    In a bucket, the answer is where that gives it to whoever asks within a minute.
    """
    if storage.is_remote():
        there = storage.name_of(leave.recording, leave.version, name)
        return HttpResponseRedirect(bucket.address(there, method=request.method or "GET"))
    return send(file_of(leave, name), request)


def send(path: Path, request: HttpRequest) -> HttpResponseBase:
    """A whole file, or the one part that was asked for (RFC 9110, section 14). 404 if it is gone.

    It is read piece by piece while it is sent. With `PLAYBACK_ACCEL`, nginx sends it instead.
    """
    kind = (
        _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
    try:
        about = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return HttpResponse(status=404)
    if settings.PLAYBACK_ACCEL:
        inside = quote(str(path.relative_to(storage.root())))
        accel = f"{settings.PLAYBACK_ACCEL}/{inside}"
        return HttpResponse(content_type=kind, headers={"X-Accel-Redirect": accel})
    size, tag = about.st_size, f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
    asked = _range_of(request, tag)
    part = _part(asked, size)
    if part is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(len(part)), "ETag": tag}
    if is_part := asked is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    status = 206 if is_part else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=kind, headers=headers)
    return StreamingHttpResponse(
        _pieces(path, part), status=status, content_type=kind, headers=headers
    )


def _range_of(request: HttpRequest, tag: str) -> tuple[str, str] | None:
    """First and last byte that are asked for, as they are written; None where all of it is.

    Ranges are of GET alone (section 14.2). What is no range, or is several, asks for all; so does
    one of a file that has changed since (section 13.1.5).
    """
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or found is None or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = found.groups()
    is_none = not (first or last) or (first and last and int(last) < int(first))
    return None if is_none else (first, last)


def _part(asked: tuple[str, str] | None, size: int) -> range | None:
    """The bytes of a range that the file has; None where it has none of them."""
    if asked is None:
        return range(size)
    first, last = asked
    if not first:  # the last so many
        return range(max(size - int(last), 0), size) or None
    return range(int(first), min(int(last) + 1, size) if last else size) or None


def _pieces(path: Path, part: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
