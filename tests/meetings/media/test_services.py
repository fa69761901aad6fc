"""Recordings come in whole, once, and under names that harm nobody."""

import io
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from meetings.media import originals, queries, retention, services, storage
from meetings.media.models import Recording, State
from meetings.media.services import Unplayable
from meetings.records.models import State as MeetingState
from tests.concurrency import at_once
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import AAC, H264, NOW, RecordingFactory, make, record
from tests.meetings.records.factories import MeetingFactory

pytestmark = pytest.mark.slow


@pytest.mark.django_db
def test_a_recording_is_kept_byte_by_byte(council: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)

    assert Path(recording.original.path).read_bytes() == council.read_bytes()
    assert recording.size_bytes == council.stat().st_size
    with recording.original.open() as kept:
        assert recording.sha256 == originals.digest(kept)
    assert (recording.state, recording.is_current) == (State.WAITING, True)
    assert Path(recording.original.path).stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_what_cannot_be_played_leaves_nothing(media: Path) -> None:
    with (
        pytest.raises(Unplayable),
        services.arriving(file=io.BytesIO(b"x" * 9_999), name="x.mp4"),
    ):
        pytest.fail("It was taken.")

    assert files_below(media) == set()


@pytest.mark.django_db
def test_an_upload_that_is_cut_in_the_middle_leaves_nothing(media: Path) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(10)

    with (
        pytest.raises(ConnectionResetError),
        services.arriving(file=Cut(b"x" * 9_999), name="x.mp4"),
    ):
        pytest.fail("It was taken.")

    assert files_below(media) == set()


@pytest.mark.django_db
def test_what_is_not_added_after_all_leaves_nothing(council: Path, media: Path) -> None:
    with council.open("rb") as file, services.arriving(file=file, name="x.mp4") as incoming:
        assert incoming.facts.duration_ms == 14_000

    assert files_below(media) == set()


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(council: Path, media: Path) -> None:
    meeting = MeetingFactory()
    first = record(meeting, council)
    before = Recording.objects.values().get(), files_below(media)

    assert record(meeting, council, packaged=False) == first

    assert (Recording.objects.values().get(), files_below(media)) == before


@pytest.mark.django_db
def test_a_better_recording_stands_beside_the_one_before(council: Path, made: Path) -> None:
    meeting = MeetingFactory()
    first = record(meeting, council, packaged=False)
    better = record(meeting, make(made / "better.mp4", *H264, *AAC, "-t", "9"), packaged=False)

    assert meeting.recordings.current().get() == better
    first.refresh_from_db()
    assert Path(first.original.path).read_bytes() == council.read_bytes()

    record(meeting, council, packaged=False)
    assert meeting.recordings.current().get() == first


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_recording(council: Path) -> None:
    meeting = MeetingFactory()

    def bring() -> int:
        return record(meeting, council, packaged=False).pk

    outcomes = at_once(bring, bring, bring)

    assert len(set(outcomes)) == 1
    assert Recording.objects.get().pk == outcomes[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\clerk\\Council 9-14.MP4", "Council 9-14.MP4"),
        ("\"; rm -rf '$HOME' #.mp4", "\"; rm -rf '$HOME' #.mp4"),
        ("a\nb\x00c\u202e.mp4", "a b c .mp4"),
        ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
        ("-i.mp4", "-i.mp4"),
        ("/", "recording"),
        ("..", "recording"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_a_name(
    name: str, kept: str, council: Path, media: Path
) -> None:
    with council.open("rb") as file, services.arriving(file=file, name=name) as incoming:
        recording = services.add(
            meeting=MeetingFactory(), incoming=incoming, key=uuid.uuid4(), now=NOW
        )

    assert recording.original_name == kept
    (stored,) = files_below(media)
    assert stored.startswith(f"recordings/{recording.key}/original")
    services.package(recording=recording, now=NOW)
    recording.refresh_from_db()
    assert recording.is_ready


@given(st.text(max_size=400))
@example("0 .")
@example(". . x")
@example("x" * 254 + " y" * 9)
def test_every_name_can_be_stored_and_shown(name: str) -> None:
    kept = services.clean_name(name)

    assert 0 < len(kept) <= Recording.NAME_MAX
    assert kept.isprintable()
    assert "/" not in kept
    assert "\\" not in kept
    assert services.clean_name(kept) == kept


@pytest.mark.django_db
def test_a_removed_recording_is_kept_for_a_month_and_can_come_back(
    council: Path, media: Path
) -> None:
    recording = record(MeetingFactory(state=MeetingState.DRAFT), council)
    before = files_below(media)

    services.remove(recording=recording, now=NOW)
    assert queries.current(recording.meeting) is None
    retention.sweep(now=NOW + timedelta(days=30))
    assert files_below(media) == before

    services.show(recording=recording)
    retention.sweep(now=NOW + timedelta(days=100))
    assert queries.playable(recording.meeting) == recording
    assert files_below(media) == before


@pytest.mark.django_db
def test_a_removed_recording_goes_with_its_files_in_the_end(council: Path, media: Path) -> None:
    recording = record(MeetingFactory(state=MeetingState.DRAFT), council)

    services.remove(recording=recording, now=NOW)
    retention.sweep(now=NOW + timedelta(days=30, seconds=1))

    assert not Recording.objects.exists()
    assert files_below(media) == set()


@pytest.mark.django_db
def test_whose_files_are_being_deleted_is_not_brought_back(
    council: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bucket refuses, so the row stays; meanwhile staff bring it back, or send it again."""
    meeting = MeetingFactory(state=MeetingState.DRAFT)
    recording = record(meeting, council)
    other = RecordingFactory(meeting=meeting, is_current=False)
    services.remove(recording=recording, now=NOW)
    late = NOW + timedelta(days=30, seconds=1)

    def refuses(key: uuid.UUID) -> None:
        raise OSError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "remove", refuses)
        with pytest.raises(OSError, match="refused"):
            retention.sweep(now=late)
    services.show(recording=other)
    with pytest.raises(services.NotRemovable):
        services.show(recording=recording)
    with pytest.raises(services.Unplayable, match="is being deleted"):
        record(meeting, council)
    assert queries.current(meeting) == other

    retention.sweep(now=late)
    assert list(meeting.recordings.all()) == [other]
    assert files_below(media) == set()


@pytest.mark.django_db
def test_no_transaction_waits_for_what_is_deleted(
    council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(MeetingFactory(state=MeetingState.DRAFT), council)
    services.remove(recording=recording, now=NOW)
    depth = len(connection.savepoint_ids)  # the test's own transaction is one more
    depths: list[int] = []
    really = storage.remove
    monkeypatch.setattr(
        storage, "remove", lambda key: (depths.append(len(connection.savepoint_ids)), really(key))
    )

    retention.sweep(now=NOW + timedelta(days=31))

    assert depths == [depth]


@pytest.mark.django_db
def test_what_was_removed_may_be_deleted_before_its_time_and_nothing_else(
    council: Path, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    recording = record(MeetingFactory(state=MeetingState.DRAFT), council)
    with pytest.raises(services.NotRemovable):
        services.delete(recording=recording)
    assert Path(recording.original.path).exists()
    services.remove(recording=recording, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete(recording=recording)

    assert not Recording.objects.exists()
    assert files_below(media) == set()


@pytest.mark.django_db
def test_a_file_that_was_removed_and_comes_again_is_back(council: Path) -> None:
    meeting = MeetingFactory(state=MeetingState.DRAFT)
    recording = record(meeting, council, packaged=False)
    services.remove(recording=recording, now=NOW)

    assert record(meeting, council, packaged=False) == recording

    recording.refresh_from_db()
    assert (recording.is_current, recording.removed_at) == (True, None)


@pytest.mark.django_db
def test_the_recording_before_can_be_shown_again(council: Path, made: Path) -> None:
    meeting = MeetingFactory()
    first = record(meeting, council, packaged=False)
    record(meeting, make(made / "better.mp4", *H264, *AAC, "-t", "9"), packaged=False)

    services.show(recording=first)

    assert meeting.recordings.current().get() == first
    assert meeting.recordings.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "state", [MeetingState.ANNOUNCED, MeetingState.PUBLISHED, MeetingState.WITHDRAWN]
)
def test_a_public_meetings_recording_stays(state: MeetingState, council: Path) -> None:
    recording = record(MeetingFactory(state=state), council, packaged=False)

    with pytest.raises(services.NotRemovable):
        services.remove(recording=recording, now=NOW)

    assert Path(recording.original.path).exists()


@pytest.mark.django_db
def test_replaced_packages_are_swept_when_no_token_can_be_good(council: Path) -> None:
    recording = record(MeetingFactory(), council)
    first = storage.package_of(recording.key, 1)
    (first / "1.m4s").unlink()
    services.package(recording=recording, now=NOW)
    second = storage.package_of(recording.key, 2)

    retention.sweep(now=NOW + timedelta(minutes=30))
    assert first.exists()
    retention.sweep(now=NOW + timedelta(hours=2))

    assert not first.exists()
    assert (second / "1.m4s").exists()
    assert Path(recording.original.path).exists()


@pytest.mark.django_db
def test_arrivals_that_nobody_goes_on_with_are_swept(media: Path) -> None:
    arrived = originals.receive(io.BytesIO(b"half"), suffix=".mp4")
    written = arrived.path.stat().st_mtime

    originals.sweep(now=written + 3_600)
    assert arrived.path.exists()
    originals.sweep(now=written + originals.OLD_S + 1)

    assert not arrived.path.exists()


@pytest.mark.django_db
def test_the_sweeper_leaves_whoever_works_alone(media: Path) -> None:
    recording = RecordingFactory()
    with storage.held(recording.key), storage.workshop(recording.key) as folder:
        (folder / "0.m4s").write_text("half")
        storage.sweep(now=folder.stat().st_mtime + 10 * storage.OLD_S)
        assert (folder / "0.m4s").exists()

    assert not folder.exists()


@pytest.mark.django_db
def test_folders_without_a_row_are_left_alone(media: Path) -> None:
    """After the database was restored from an older backup, they may be all that there is."""
    lost = storage.folder_of(uuid.uuid4()) / "original.mp4"
    lost.parent.mkdir(parents=True)
    lost.write_text("all that there is")

    storage.sweep(now=lost.stat().st_mtime + 100 * storage.OLD_S)

    assert lost.exists()
