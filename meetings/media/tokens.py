"""Playback tokens: leave to fetch a run of a recording's segments, until a moment that they name.

A token carries what it allows and an HMAC over that, so checking one asks nobody. Whoever holds it
may play, whoever they are: that is why it is short-lived.

    1 byte    the form of the token
    16 bytes  the recording's key
    4 bytes   the version of its package
    1 byte    1 where it opens all of the recording, 0 for a stretch of it
    4 bytes   the first segment
    4 bytes   the last one
    5 bytes   expiry, in seconds since 1970
    16 bytes  HMAC-SHA-256 over all this, cut in half (RFC 2104, section 5)
"""

import base64
import hmac
import re
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.utils.crypto import salted_hmac

FORM = 1
SALT = "meetings.media.playback"
SEGMENTS_MAX = 2**32 - 1
_SAID = struct.Struct(">B16sI?IIBI")
_MAC = 16
LENGTH = (_SAID.size + _MAC) * 4 // 3
assert (_SAID.size + _MAC) % 3 == 0  # noqa: S101 - so that base64 needs no padding
_WRITTEN = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}")


class NotGood(Exception):
    """Not a token of ours."""


@dataclass(frozen=True, slots=True)
class Leave:
    """What a token allows: segments `first` to `last`, both included."""

    recording: uuid.UUID
    version: int
    first: int
    last: int
    is_whole: bool
    """It opens the whole recording, and so what shows all of it: thumbnails, all captions."""
    expires_at: int
    """Seconds since 1970. At this second it is over."""

    def is_over(self, *, now: datetime) -> bool:
        return now.timestamp() >= self.expires_at

    def covers(self, segment: int) -> bool:
        return self.first <= segment <= self.last


def leave(
    *,
    recording: uuid.UUID,
    version: int,
    first: int,
    last: int,
    is_whole: bool,
    now: datetime,
) -> Leave:
    """Leave that begins now and lasts as long as `PLAYBACK_SECONDS` says."""
    until = now + timedelta(seconds=settings.PLAYBACK_SECONDS)
    return Leave(recording, version, first, last, is_whole, ceil(until.timestamp()))


def issue(leave: Leave) -> str:
    """The token for it: letters, digits, `-` and `_`, always of the same length."""
    high, low = divmod(leave.expires_at, 2**32)
    said = _SAID.pack(
        *(FORM, leave.recording.bytes, leave.version, leave.is_whole, leave.first, leave.last),
        *(high, low),
    )
    return base64.urlsafe_b64encode(said + _mac(said, settings.SECRET_KEY)).decode()


def read(token: str) -> Leave:
    """What a token allows, or allowed. Raises NotGood if it was changed or made by others."""
    if not _WRITTEN.fullmatch(token):
        raise NotGood
    whole = base64.urlsafe_b64decode(token)  # which would also take `+` and `/`
    said, mac = whole[: _SAID.size], whole[_SAID.size :]
    if not any(hmac.compare_digest(mac, _mac(said, key)) for key in _keys()):
        raise NotGood
    form, recording, version, is_whole, first, last, high, low = _SAID.unpack(said)
    if form != FORM:
        raise NotGood
    expires_at = high * 2**32 + low
    return Leave(uuid.UUID(bytes=recording), version, first, last, is_whole, expires_at)


def _keys() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _mac(said: bytes, key: str) -> bytes:
    return salted_hmac(SALT, said, secret=key, algorithm="sha256").digest()[:_MAC]
