"""Clips of a site that keeps its files in a bucket: cut out of it, put into it, given out of it."""

import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meetings.clips import files, services, tasks
from meetings.records.models import State
from tests.meetings.clips.factories import cut
from tests.meetings.media.buckets import bucket, names_in, objects
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import record
from tests.meetings.records.factories import MeetingFactory

__all__ = ["bucket", "objects"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_files_of_clips_lie_in_the_bucket_as_long_as_the_clip_stands(
    bucket: Any,
    council: Path,
    media: Path,
    visitor: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    recording = record(MeetingFactory(state=State.PUBLISHED), council)
    clip = cut((7_100, 9_300), recording=recording)
    tasks.make_waiting()

    audio, ends, plain = clip.renderings.order_by("kind")
    assert (audio.state, ends.state, plain.state, plain.error) == ("ready", "ready", "ready", "")
    there = names_in(bucket)
    assert {name for name in there if name.startswith("clips/")} == {
        *files.names_of(audio),
        *files.names_of(ends),
        *files.names_of(plain),
    }
    assert files_below(media / files.CLIPS) == set()

    answer = visitor.get(f"/clips/{clip.slug}.mp4")
    assert answer.status_code == 302
    given = urllib.request.urlopen(answer["Location"], timeout=10)  # noqa: S310 - on loopback
    assert len(given.read()) == plain.size_bytes
    assert given.headers["Content-Disposition"].startswith("attachment; filename=")
    sound = visitor.get(f"/clips/{clip.slug}.m4a")
    given = urllib.request.urlopen(sound["Location"], timeout=10)  # noqa: S310 - on loopback
    assert (given.headers["Content-Type"], len(given.read())) == ("audio/mp4", audio.size_bytes)
    assert visitor.get(f"/clips/{clip.slug}/poster.jpg").status_code == 302

    bucket.Object(f"clips/{clip.slug}/plain-0.mp4").put(Body=b"litter")
    assert files.sweep() == 1
    assert names_in(bucket) == there

    with django_capture_on_commit_callbacks(execute=True):
        services.delete(clip=clip, now=timezone.now())
    assert not names_in(bucket, "clips/")
