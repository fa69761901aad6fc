"""What is on the disk counts: one at a time writes, the silent lose their turn, sweepers wait."""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.media import pieces, retention, turns, uploads
from meetings.media.models import Upload, UploadState
from meetings.media.pieces import Growing
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import UploadFactory
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import StaffFactory

KEPT = timedelta(hours=72)


def growing(folder: Path, size: int) -> Growing:
    key = uuid.uuid4()
    path = folder / f"{key}.mp4"
    path.touch()
    return Growing(path, key, size)


def line(*parts: bytes) -> pieces.Read:
    """A line that brings these parts, whatever is asked for, and then ends."""
    left = iter(parts)
    return lambda size: next(left, b"")[:size]


class Stuck:
    """A line that brings something and then is silent until it is let go."""

    def __init__(self, first: bytes, later: bytes) -> None:
        self.waits, self.goes_on = threading.Event(), threading.Event()
        self._parts = self._bring(first, later)

    def _bring(self, first: bytes, later: bytes) -> Iterator[bytes]:
        yield first
        self.waits.set()
        assert self.goes_on.wait(20)
        yield later

    def read(self, size: int) -> bytes:
        return next(self._parts, b"")


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at which
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def test_a_line_that_is_cut_leaves_what_came(tmp_path: Path) -> None:
    file = growing(tmp_path, 10)

    assert file.append(at=0, length=10, read=line(b"abc", b"de")) == 5
    assert file.offset() == 5
    assert file.append(at=5, length=5, read=line(b"fghij")) == 10
    assert file.path.read_bytes() == b"abcdefghij"
    assert file.sha256() == hashlib.sha256(b"abcdefghij").hexdigest()


def test_memory_is_bounded_however_long_a_piece_is(tmp_path: Path) -> None:
    asked: list[int] = []
    file = growing(tmp_path, 10_000_000)

    def read(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    file.append(at=0, length=10_000_000, read=read)

    assert max(asked) <= 32 * 1024
    assert file.offset() == 10_000_000


def test_two_at_once_are_refused_and_one_goes_on(tmp_path: Path) -> None:
    file, stuck = growing(tmp_path, 6), Stuck(b"abc", b"def")
    first, ended = in_thread(lambda: file.append(at=0, length=6, read=stuck.read))
    assert stuck.waits.wait(20)

    for at in (0, 3):
        with pytest.raises(pieces.Busy):
            file.append(at=at, length=3, read=line(b"XYZ"))

    stuck.goes_on.set()
    first.join()
    assert ended == [6]
    assert file.path.read_bytes() == b"abcdef"


def test_whoever_falls_silent_loses_the_turn_and_writes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, stuck = growing(tmp_path, 6), Stuck(b"abc", b"XYZ")
    first, ended = in_thread(lambda: file.append(at=0, length=6, read=stuck.read))
    assert stuck.waits.wait(20)
    long_ago = timezone.now().timestamp() - turns.SILENCE_S - 1
    for left in tmp_path.iterdir():
        os.utime(left, (long_ago, long_ago))

    assert file.append(at=3, length=2, read=line(b"de")) == 5
    stuck.goes_on.set()
    first.join()

    assert isinstance(ended[0], pieces.Busy)
    assert file.append(at=5, length=1, read=line(b"f")) == 6
    assert file.path.read_bytes() == b"abcdef"


def test_who_is_slow_keeps_the_turn(tmp_path: Path) -> None:
    file, stuck = growing(tmp_path, 6), Stuck(b"abc", b"def")
    first, ended = in_thread(lambda: file.append(at=0, length=6, read=stuck.read))
    assert stuck.waits.wait(20)
    lately = timezone.now().timestamp() - turns.SILENCE_S + 5
    for left in tmp_path.iterdir():
        os.utime(left, (lately, lately))

    with pytest.raises(pieces.Busy):
        file.append(at=3, length=3, read=line(b"XYZ"))
    stuck.goes_on.set()
    first.join()
    assert ended == [6]


def test_two_that_take_over_at_once_are_one(tmp_path: Path) -> None:
    file = tmp_path / "x.mp4"
    file.touch()
    with (
        turns.turn(file),
        turns.turn(file, takes_over=0) as second,
        turns.turn(file, takes_over=0) as third,
        file.open("r+b") as opened,
    ):
        with pytest.raises(turns.Taken), second.moment(opened.fileno()):
            pytest.fail("It wrote.")
        with third.moment(opened.fileno()):
            opened.write(b"third")


@settings(max_examples=40, deadline=None)
@given(
    data=st.binary(min_size=1, max_size=400),
    cuts=st.lists(st.integers(1, 120), max_size=8),
    sure=st.booleans(),
)
def test_however_it_is_cut_it_arrives_as_it_was(
    data: bytes, cuts: list[int], sure: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = growing(tmp_path_factory.mktemp("cut"), len(data))
    at = 0
    for cut in [*cuts, len(data)]:
        piece = data[at : at + cut]
        checksum = (
            pieces.Checksum(hashlib.sha256(), hashlib.sha256(piece).digest()) if sure else None
        )
        at = file.append(at=at, length=len(piece), read=line(piece), checksum=checksum)
        assert at == file.offset()

    assert file.path.read_bytes() == data
    assert file.sha256() == hashlib.sha256(data).hexdigest()


def test_a_piece_with_a_checksum_that_is_cut_leaves_nothing_of_itself(tmp_path: Path) -> None:
    file = growing(tmp_path, 6)
    file.append(at=0, length=3, read=line(b"abc"))
    checksum = pieces.Checksum(hashlib.sha256(), hashlib.sha256(b"def").digest())

    with pytest.raises(pieces.NotTheSame):
        file.append(at=3, length=3, read=line(b"de"), checksum=checksum)

    assert file.path.read_bytes() == b"abc"
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".lock", ".mp4"]


@pytest.fixture
def begun(db: None) -> Upload:
    upload = uploads.begin(
        owner=StaffFactory(), name="x.mp4", size_bytes=10, meeting=None, now=timezone.now()
    )
    uploads.append(upload=upload, at=0, length=3, read=line(b"abc"), now=timezone.now())
    return upload


def test_the_sweeper_takes_what_nobody_went_on_with(begun: Upload, media: Path) -> None:
    now = timezone.now()
    retention.sweep(now=now + KEPT - timedelta(minutes=1))
    assert uploads.file_of(begun).offset() == 3

    retention.sweep(now=now + KEPT + timedelta(minutes=1))

    assert not Upload.objects.exists()
    assert files_below(media) == set()


def test_the_sweeper_leaves_an_upload_that_grows_though_its_row_is_old(
    begun: Upload, media: Path
) -> None:
    """A server that was killed wrote bytes and could not note it."""
    now = timezone.now()
    Upload.objects.update(expires_at=now - timedelta(days=9))

    retention.sweep(now=now + timedelta(hours=1))

    assert uploads.file_of(begun).offset() == 3


def test_the_sweeper_leaves_whoever_writes_alone(begun: Upload) -> None:
    Upload.objects.update(expires_at=timezone.now() - timedelta(days=9))
    with turns.turn(uploads.file_of(begun).path):
        retention.sweep(now=timezone.now() + 3 * KEPT)

    assert Upload.objects.get() == begun


def test_the_sweeper_leaves_what_waits_for_a_worker(begun: Upload) -> None:
    Upload.objects.update(
        state=UploadState.ARRIVED, meeting=MeetingFactory(), expires_at=timezone.now()
    )

    retention.sweep(now=timezone.now() + 9 * KEPT)

    assert Upload.objects.exists()
    Upload.objects.update(meeting=None)
    retention.sweep(now=timezone.now() + 9 * KEPT)
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_the_sweeper_takes_files_that_belong_to_none(media: Path) -> None:
    folder = media / "uploads"
    folder.mkdir(parents=True)
    for name in (f"{uuid.uuid4()}.mp4", f"{uuid.uuid4()}.mp4.lock", "notes.txt"):
        (folder / name).write_text("litter")

    retention.sweep(now=timezone.now() + KEPT - timedelta(minutes=1))
    assert len(files_below(media)) == 3
    retention.sweep(now=timezone.now() + KEPT + timedelta(minutes=1))

    assert files_below(media) == {"uploads/notes.txt"}


@pytest.mark.django_db
def test_rows_of_what_was_taken_go_with_time() -> None:
    taken = UploadFactory(state=UploadState.TAKEN)

    retention.sweep(now=taken.expires_at + KEPT - timedelta(minutes=1))
    assert Upload.objects.exists()
    retention.sweep(now=taken.expires_at + KEPT + timedelta(minutes=1))

    assert not Upload.objects.exists()
