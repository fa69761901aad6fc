"""A whole upload becomes a recording once, by however many workers, in a folder or a bucket."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from meetings.intake import arrivals, tasks
from meetings.intake.models import Step
from meetings.media import storage, uploads
from meetings.media.models import Recording, Upload, UploadState
from tests.concurrency import at_once
from tests.meetings.media.buckets import bucket, names_in, objects
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import video
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import StaffFactory

__all__ = ["bucket", "objects"]
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _alone(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    monkeypatch.setattr(tasks.take_up_long, "apply_async", lambda **_options: None)


@pytest.fixture
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return video(tmp_path_factory.mktemp("film"), seconds=2).read_bytes()


def whole(data: bytes) -> Upload:
    """An upload for a meeting, all of it here."""
    upload = uploads.begin(
        owner=StaffFactory(),
        name="council.mp4",
        size_bytes=len(data),
        meeting=MeetingFactory(),
        now=timezone.now(),
    )
    parts = iter([data[at : at + 9_999] for at in range(0, len(data), 9_999)])
    uploads.append(
        upload=upload,
        at=0,
        length=len(data),
        read=lambda _size: next(parts, b""),
        now=timezone.now(),
    )
    assert uploads.close_if_whole(upload)
    return upload


@pytest.mark.django_db(transaction=True)
def test_many_workers_make_one_recording(film: bytes) -> None:
    upload = whole(film)

    at_once(*[arrivals.take_in] * 4)
    arrivals.take_in()

    recording = Recording.objects.get()
    assert Path(recording.original.path).read_bytes() == film
    assert Upload.objects.get().recording == recording
    assert Step.objects.count() == 1
    assert files_below(storage.root()) == {recording.original.name}
    assert not uploads.file_of(upload).path.exists()


@pytest.mark.django_db(transaction=True)
def test_with_a_bucket_the_worker_brings_it_there(film: bytes, bucket: Any) -> None:
    upload = whole(film)
    assert names_in(bucket) == set()

    arrivals.take_in()

    recording = Recording.objects.get()
    assert names_in(bucket) == {recording.original.name}
    assert bucket.Object(recording.original.name).get()["Body"].read() == film
    assert files_below(storage.root()) == set()
    assert Upload.objects.get(pk=upload.pk).state == UploadState.TAKEN


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_refuses_leaves_the_upload_to_be_tried_again(
    film: bytes, bucket: Any
) -> None:
    upload = whole(film)
    bucket.delete()
    arrivals.take_in()

    upload.refresh_from_db()
    assert upload.state == UploadState.REFUSED
    assert "bucket" in upload.error
    assert uploads.file_of(upload).path.read_bytes() == film
    bucket.create()
    uploads.look_again(upload)
    arrivals.take_in()

    assert names_in(bucket) == {Recording.objects.get().original.name}
