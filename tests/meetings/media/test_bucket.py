"""Recordings in a bucket: whole or not there, and given out for a minute to who may have them."""

import errno
import os
import threading
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client

from meetings.intake import arrivals
from meetings.intake import services as intake
from meetings.media import bucket as door
from meetings.media import originals, playback, retention, services, storage, uploads
from meetings.media.models import Recording, State, UploadState
from meetings.records.models import State as MeetingState
from tests.meetings.media.buckets import names_in
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import NOW, record
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PACKAGE = {
    *("index.m3u8", "init.mp4", "0.m4s", "1.m4s", "2.m4s"),
    *("poster.jpg", "thumbnails.vtt", "sprite-1.jpg"),
}


@pytest.fixture
def ready(bucket: Any, council: Path) -> Recording:
    return record(MeetingFactory(state=MeetingState.PUBLISHED), council)


def package_in(bucket: Any, recording: Recording, version: int = 1) -> set[str]:
    return names_in(bucket, f"recordings/{recording.key}/{version}/")


def fetched(address: str, **headers: str) -> Any:
    asked = urllib.request.Request(address, headers=headers)  # noqa: S310 - on loopback
    return urllib.request.urlopen(asked, timeout=10)  # noqa: S310 - on loopback


def test_original_and_package_lie_in_the_bucket_and_nothing_stays_here(
    ready: Recording, bucket: Any, council: Path, media: Path
) -> None:
    assert (ready.state, ready.segment_ends_ms) == (State.READY, [6_000, 12_000, 14_000])
    assert names_in(bucket, f"recordings/{ready.key}/") == {
        "original.mp4",
        *(f"1/{name}" for name in PACKAGE),
    }
    kept = bucket.Object(f"recordings/{ready.key}/original.mp4").get()["Body"].read()
    assert kept == council.read_bytes()
    assert files_below(media) <= {f"recordings/{ready.key}/.lock"}


def test_members_are_sent_to_the_bucket_for_a_minute_and_others_are_not(
    ready: Recording, bucket: Any, member: Client, visitor: Client, objects: str
) -> None:
    playlist = member.get(f"/meetings/{ready.meeting_id}/playlist.m3u8")
    assert (playlist.status_code, playlist["Cache-Control"]) == (200, "private, no-store")
    text = playlist.content.decode()
    assert objects not in text
    token = text.partition("/playback/")[2].partition("/")[0]

    for name in PACKAGE - {"index.m3u8", "poster.jpg"}:
        answer = member.get(f"/playback/{token}/{name}")
        assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
        assert not answer.content
        there = urlsplit(answer["Location"])
        assert f"{there.scheme}://{there.netloc}" == objects
        assert parse_qs(there.query)["X-Amz-Expires"] == ["60"]
        assert "X-Amz-Signature" in parse_qs(there.query)
        got = fetched(answer["Location"])
        assert got.headers["Cache-Control"] == "private, no-store"
        assert got.read() == storage.read(ready.key, 1, name)

    segment = member.get(f"/playback/{token}/0.m4s")["Location"]
    assert fetched(segment).headers["Content-Type"] == "video/iso.segment"
    part = fetched(segment, Range="bytes=0-9")
    assert (part.status, len(part.read())) == (206, 10)
    for address in (f"/playback/{token}/9.m4s", f"/playback/{token[:-1]}A/0.m4s"):
        refused = visitor.get(address)
        assert (refused.status_code, refused.content, "Location" in refused) == (403, b"", False)
    assert visitor.get(f"/meetings/{ready.meeting_id}/playlist.m3u8").status_code == 402


def test_head_is_signed_for_head(ready: Recording, rf: Any) -> None:
    leave = playback.leave_of(playback.token_for(ready, now=NOW), now=NOW)
    assert leave is not None

    head = playback.answer(leave, "0.m4s", rf.head("/"))
    get = playback.answer(leave, "0.m4s", rf.get("/"))

    signed = [parse_qs(urlsplit(one["Location"]).query)["X-Amz-Signature"] for one in (head, get)]
    assert signed[0] != signed[1]


def test_being_sent_there_asks_neither_database_nor_bucket(
    ready: Recording, member: Client, objects: str, django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    token = playback.token_for(ready, now=datetime.now(UTC))
    client = door._client()
    monkeypatch.setattr(
        client._endpoint, "make_request", lambda *_args, **_named: pytest.fail("It was asked.")
    )

    with django_assert_num_queries(0):
        assert member.get(f"/playback/{token}/0.m4s").status_code == 302


def test_the_poster_comes_from_here(ready: Recording, visitor: Client) -> None:
    answer = visitor.get(f"/meetings/{ready.meeting_id}/poster.jpg")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.content == storage.read(ready.key, 1, "poster.jpg")


def test_packaging_again_changes_nothing_and_mends_what_was_lost(
    ready: Recording, bucket: Any
) -> None:
    services.package(recording=ready, now=NOW)
    assert package_in(bucket, ready) == PACKAGE
    assert package_in(bucket, ready, 2) == set()

    bucket.Object(f"recordings/{ready.key}/1/1.m4s").delete()
    services.package(recording=ready, now=NOW)

    ready.refresh_from_db()
    assert (ready.state, ready.package_version) == (State.READY, 2)
    assert package_in(bucket, ready, 2) == PACKAGE


def test_a_bucket_that_breaks_off_leaves_no_package_and_can_be_tried_again(
    bucket: Any, council: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    real = storage.bucket._about

    def breaks(name: str) -> Any:
        if name == "2.m4s":
            raise door.Unreachable("the bucket does not answer (ReadTimeoutError)")
        return real(name)

    monkeypatch.setattr(door, "_about", breaks)
    with pytest.raises(services.NotPackaged, match="does not answer"):
        services.package(recording=recording, now=NOW)

    recording.refresh_from_db()
    assert (recording.state, recording.package_version) == (State.FAILED, 0)
    assert names_in(bucket, f"recordings/{recording.key}/") == {"original.mp4"}
    assert files_below(media) <= {f"recordings/{recording.key}/.lock"}

    monkeypatch.setattr(door, "_about", real)
    services.package(recording=recording, now=NOW)
    recording.refresh_from_db()
    assert recording.is_ready


def test_the_playlist_is_brought_last(
    bucket: Any, council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies on the way leaves none, so what is there is never taken for whole."""
    recording = record(MeetingFactory(), council, packaged=False)
    seen: list[set[str]] = []
    real = door._about

    def look(name: str) -> Any:
        if name == "index.m3u8":
            seen.append(package_in(bucket, recording))
        return real(name)

    monkeypatch.setattr(door, "_about", look)
    services.package(recording=recording, now=NOW)

    assert seen == [PACKAGE - {"index.m3u8"}]


def test_what_a_dead_worker_brought_is_neither_used_nor_kept(bucket: Any, council: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    Recording.objects.update(state=State.PACKAGING)
    half = f"recordings/{recording.key}/1/"
    bucket.put_object(Key=f"{half}0.m4s", Body=b"half")

    retention.sweep(now=NOW)
    assert names_in(bucket, half) == set()

    bucket.put_object(Key=f"{half}0.m4s", Body=b"half")
    services.package(recording=recording, now=NOW)
    recording.refresh_from_db()
    assert (recording.state, recording.package_version) == (State.READY, 2)
    retention.sweep(now=NOW + timedelta(days=1))
    assert names_in(bucket, half) == set()
    assert package_in(bucket, recording, 2) == PACKAGE


def test_the_sweeper_leaves_alone_what_a_worker_elsewhere_brings(
    bucket: Any, council: Path
) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    bucket.put_object(Key=f"recordings/{recording.key}/1/0.m4s", Body=b"on its way")

    with storage.held(recording.key):
        retention.sweep(now=NOW)

    assert package_in(bucket, recording) == {"0.m4s"}


@pytest.mark.django_db(transaction=True)
def test_workers_on_two_machines_do_not_package_the_same_recording(
    bucket: Any, council: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The folder's lock is of one machine; the database's is of all."""
    recording = record(MeetingFactory(), council, packaged=False)
    begun, over = threading.Event(), threading.Event()

    def elsewhere() -> None:
        with storage.held(recording.key):
            begun.set()
            over.wait(60)
        connection.close()

    other = threading.Thread(target=elsewhere)
    other.start()
    try:
        assert begun.wait(60)
        monkeypatch.setattr(storage, "folder_of", lambda key: tmp_path / "here" / str(key))
        with pytest.raises(services.UnderWay):
            services.package(recording=recording, now=NOW)
    finally:
        over.set()
        other.join()
    services.package(recording=recording, now=NOW)

    assert package_in(bucket, recording) == PACKAGE
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)


def test_a_lost_original_is_said(bucket: Any, council: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    bucket.Object(f"recordings/{recording.key}/original.mp4").delete()

    with pytest.raises(services.NotPackaged, match="Restore it from a backup"):
        services.package(recording=recording, now=NOW)


def test_a_bucket_that_is_not_there_is_said(bucket: Any, council: Path, media: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    bucket.objects.delete()
    bucket.delete()

    with pytest.raises(services.NotPackaged, match="is gone"):
        services.package(recording=recording, now=NOW)
    with pytest.raises(OSError) as trouble:  # noqa: PT011 - its words are looked at below
        record(MeetingFactory(), council, packaged=False)

    assert trouble.value.errno == errno.EIO
    assert "refused" in str(trouble.value.strerror)
    assert files_below(media) <= {f"recordings/{recording.key}/.lock"}


@pytest.mark.django_db(transaction=True)
def test_the_original_is_sent_before_anybody_waits_for_it(
    bucket: Any, council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    real = door.send

    def note(*args: Any, **named: Any) -> None:
        held.append(connection.in_atomic_block)
        real(*args, **named)

    monkeypatch.setattr(door, "send", note)
    with council.open("rb") as file:
        intake.bring_recording(meeting=MeetingFactory(), file=file, name="x.mp4", now=NOW)

    assert held == [False]


@pytest.mark.django_db(transaction=True)
def test_what_becomes_no_recording_leaves_nothing_in_the_bucket(
    bucket: Any, council: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = MeetingFactory()
    record(meeting, council, packaged=False)
    before = names_in(bucket)
    with council.open("rb") as file:  # the same again
        intake.bring_recording(meeting=meeting, file=file, name="x.mp4", now=NOW)
    assert names_in(bucket) == before

    monkeypatch.setattr(intake, "ask_for_packaging", lambda **_named: 1 / 0)
    with council.open("rb") as file, pytest.raises(ZeroDivisionError):
        intake.bring_recording(meeting=MeetingFactory(), file=file, name="x.mp4", now=NOW)
    assert names_in(bucket) == before
    assert files_below(media) == set()


def test_a_removed_recording_leaves_the_bucket(
    ready: Recording, bucket: Any, django_capture_on_commit_callbacks: Any
) -> None:
    storage.remove(ready.key)

    assert names_in(bucket) == set()


def test_transfers_that_somebody_died_over_are_given_up(bucket: Any, media: Path) -> None:
    begun = bucket.Object(f"recordings/{uuid.uuid4()}/original.mp4").initiate_multipart_upload()
    begun.Part(1).upload(Body=b"x" * 100)

    door.give_up_unfinished("recordings", before=datetime(2000, 1, 1, tzinfo=UTC))
    assert len(list(bucket.multipart_uploads.all())) == 1
    storage.sweep(now=datetime.now(UTC).timestamp() + storage.OLD_S + 60)

    assert list(bucket.multipart_uploads.all()) == []


def test_copies_of_originals_that_nobody_reads_are_swept(
    bucket: Any, council: Path, media: Path
) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    late = datetime.now(UTC).timestamp() + originals.ABANDONED_S + 60
    with originals.on_disk(str(recording.original)) as copy:
        assert copy.read_bytes() == council.read_bytes()
        assert copy.stat().st_mode & 0o077 == 0
        originals.sweep(now=late)
        assert copy.exists()
    assert not copy.exists()

    copy.write_bytes(b"left by somebody who died")
    originals.sweep(now=late)
    assert not copy.exists()


def test_progress_is_told_by_the_thread_that_asked(bucket: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(20 * 2**20))
    told: list[tuple[float, str]] = []

    def report(done: float) -> None:
        told.append((done, threading.current_thread().name))

    door.send(large, "recordings/x/large.bin", report=report)
    with (tmp_path / "back.bin").open("wb") as back:
        door.fetch("recordings/x/large.bin", back, report=report)

    assert (tmp_path / "back.bin").read_bytes() == large.read_bytes()
    assert {name for _done, name in told} == {threading.current_thread().name}
    assert told[-1][0] == 1


def test_refusals_of_the_bucket_name_no_key(bucket: Any) -> None:
    with pytest.raises(door.Unreachable) as trouble, door._said_plainly():
        door._client().get_object(Bucket="nobody-has-this", Key="secret-place")

    assert "secret-place" not in str(trouble.value)


@pytest.mark.django_db(transaction=True)
def test_an_upload_in_pieces_is_brought_to_the_bucket_and_leaves_the_folder(
    bucket: Any, council: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = council.read_bytes()
    upload = uploads.begin(
        owner=StaffFactory(), name="x.mp4", size_bytes=len(data), meeting=MeetingFactory(), now=NOW
    )
    uploads.file_of(upload).path.write_bytes(data)
    real = door.send
    monkeypatch.setattr(door, "send", _silent)
    arrivals.take_in()
    upload.refresh_from_db()
    assert (upload.state, names_in(bucket)) == (UploadState.REFUSED, set())
    assert "the bucket does not answer" in upload.error
    assert uploads.file_of(upload).path.read_bytes() == data

    monkeypatch.setattr(door, "send", real)
    uploads.look_again(upload)
    arrivals.take_in()

    recording = Recording.objects.get()
    assert names_in(bucket) == {f"recordings/{upload.key}/original.mp4"}
    assert recording.key == upload.key
    assert not [name for name in files_below(media) if name.startswith("uploads/")]
    services.package(recording=recording, now=NOW)
    recording.refresh_from_db()
    assert recording.is_ready


def _silent(*_args: Any, **_named: Any) -> None:
    raise door.Unreachable("the bucket does not answer (ReadTimeoutError)")
