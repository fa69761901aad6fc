"""Recordings for tests: rows alone, and small real files that ffmpeg makes."""

import hashlib
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from meetings.media import ffmpeg, services
from meetings.media.models import Recording, State, Upload
from meetings.records.models import Meeting
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import StaffFactory

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)


class RecordingFactory(DjangoModelFactory[Recording]):
    """A row without files, waiting; `ready=True` makes one that can be played."""

    class Meta:
        model = Recording

    class Params:
        ready = factory.Trait(
            state=State.READY,
            progress=100,
            package_version=1,
            segment_ends_ms=[6_000, 12_000, 14_000],
            packaged_at=NOW,
        )

    meeting = factory.SubFactory(MeetingFactory)
    key = factory.LazyFunction(uuid.uuid4)
    original = factory.LazyAttribute(lambda row: f"recordings/{row.key}/original.mp4")
    original_name = "council.mp4"
    sha256 = factory.Sequence(lambda number: f"{number:064x}")
    size_bytes = 1_000
    duration_ms = 14_000
    width, height = 160, 90
    video_codec, audio_codec = "h264", "aac"
    added_at = NOW


class UploadFactory(DjangoModelFactory[Upload]):
    """A row without its file: `uploads.begin` makes one with it."""

    class Meta:
        model = Upload

    owner = factory.SubFactory(StaffFactory)
    name = "council.mp4"
    size_bytes = 1_000
    begun_at = NOW
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=3))


def make(path: Path, *options: str) -> Path:
    """Have ffmpeg write a file: a test picture of 10 frames a second, and a tone.

    Made once: what was made otherwise under the same name lies in a folder of its own.
    """
    path = path.parent / hashlib.sha256(repr(options).encode()).hexdigest()[:12] / path.name
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            *(ffmpeg.executable(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
            *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=10"),
            *("-f", "lavfi", "-i", "sine=frequency=330:sample_rate=22050"),
            *("-threads", "1", *options, str(path)),
        ],
        check=True,
    )
    return path


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "24k", "-ac", "1")


def video(folder: Path, *, seconds: float = 14) -> Path:
    """H.264 and AAC in MP4: what is copied as it is. Made once in a folder."""
    return make(folder / f"video-{seconds}.mp4", *H264, *AAC, "-t", str(seconds))


def record(meeting: Meeting, path: Path, *, packaged: bool = True) -> Recording:
    """Bring a file in as the meeting's recording, and package it."""
    key = uuid.uuid4()
    with (
        path.open("rb") as file,
        services.arriving(file=file, name=path.name) as incoming,
        services.sent_ahead(incoming=incoming, key=key),
    ):
        recording = services.add(meeting=meeting, incoming=incoming, key=key, now=NOW)
    if packaged:
        services.package(recording=recording, now=NOW)
        recording.refresh_from_db()
    return recording
