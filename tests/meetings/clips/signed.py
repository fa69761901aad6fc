"""Files of clips for tests of proof: rows, and the smallest files that are MP4 by their form."""

import hashlib
from datetime import UTC, datetime

from django.conf import settings

from meetings.clips.models import Clip, Rendering

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (8 + len(body)).to_bytes(4) + kind + body


def mp4(address: str = "", *, frames: bytes = b"frames" * 50, header_first: bool = True) -> bytes:
    """A file with this address where ffmpeg writes a comment: moov, udta, meta, ilst, ©cmt."""
    data = box(b"data", (1).to_bytes(4), bytes(4), address.encode())
    meta = box(b"meta", bytes(4), box(b"ilst", box(b"\xa9cmt", data)))
    header = box(b"moov", box(b"mvhd", bytes(100)), box(b"udta", meta))
    rest = box(b"mdat", frames)
    parts = (header, rest) if header_first else (rest, header)
    return box(b"ftyp", b"isom", bytes(4), b"isomiso2") + b"".join(parts)


def address_of(clip: Clip) -> str:
    return settings.SITE_URL + clip.get_absolute_url()


def made(clip: Clip, kind: str = Rendering.Kind.PLAIN, *, body: bytes = b"", **given) -> Rendering:
    """A file that was made of the clip, or is to be: the row."""
    body = body or mp4(address_of(clip))
    about = {
        "state": Rendering.State.READY,
        "content_key": hashlib.sha256(f"{clip.pk} {kind}".encode()).hexdigest(),
        "file_name": f"clips/{clip.pk}-{kind}.mp4",
        "sha256": hashlib.sha256(body).hexdigest(),
        "size_bytes": len(body),
        "asked_at": NOW,
    }
    return Rendering.objects.create(clip=clip, kind=kind, **about | given)
