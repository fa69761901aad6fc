"""Recordings come in by tus: in pieces, by whoever may, once, and every refusal is a sentence."""

import base64
import errno
import hashlib
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.utils import timezone

from meetings.intake import arrivals, tasks
from meetings.intake.models import Step
from meetings.media import originals, pieces, storage, uploads
from meetings.media.models import Recording, Upload, UploadState
from meetings.records.models import Meeting
from tests.meetings.intake.sending import PIECE, TUS, UPLOADS, Sender
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import video
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import StaffFactory, UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(scope="session")
def council(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return video(tmp_path_factory.mktemp("made"), seconds=2).read_bytes()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Workers that were called. None comes by itself."""
    called: list[str] = []
    monkeypatch.setattr(
        tasks.take_up_long, "apply_async", lambda **_options: called.append("take_up_long")
    )
    return called


@pytest.fixture
def sender(staff: Persona) -> Sender:
    return Sender(staff)


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory()


def says(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_server_says_what_it_can_do(staff: Persona) -> None:
    answer = staff.options(UPLOADS)

    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,expiration,termination,checksum"
    assert answer["Tus-Max-Size"] == "100000000000"
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_file_comes_in_pieces_and_becomes_a_recording(
    sender: Sender,
    meeting: Meeting,
    council: bytes,
    django_capture_on_commit_callbacks: Any,
    nudges: list[str],
) -> None:
    place = sender.place(len(council), filename="Council.mp4", meeting=meeting.pk)
    third = len(council) // 3
    assert sender.offset(place) == 0
    for at in (0, third):
        answer = sender.sends(place, council[at : at + third], at)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(at + third))
        assert answer["Upload-Expires"].endswith("GMT")
    assert sender.offset(place) == 2 * third
    assert nudges == []

    with django_capture_on_commit_callbacks(execute=True):
        sender.sends(place, council[2 * third :], 2 * third)
    assert nudges == ["take_up_long"]
    assert sender.offset(place) == len(council)
    with django_capture_on_commit_callbacks(execute=True):
        arrivals.take_in()

    recording = Recording.objects.get()
    upload = Upload.objects.get()
    assert (upload.state, upload.recording) == (UploadState.TAKEN, recording)
    assert (recording.meeting, recording.original_name) == (meeting, "Council.mp4")
    assert (recording.key, recording.duration_ms) == (upload.key, 2_000)
    assert recording.sha256 == hashlib.sha256(council).hexdigest()
    assert Path(recording.original.path).read_bytes() == council
    assert Path(recording.original.path).stat().st_mode & 0o077 == 0
    assert files_below(storage.root()) == {recording.original.name}
    assert Step.objects.get().name == Step.Name.PACKAGED
    assert sender.client.get(place).json()["state"] == "taken"

    arrivals.take_in()
    assert Recording.objects.count() == Step.objects.count() == 1


def test_the_hash_is_counted_from_the_file_where_it_came_through_several_servers(
    sender: Sender, meeting: Meeting, council: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sender.place(len(council), filename="x.mp4", meeting=meeting.pk)
    sender.sends(place, council[:999])
    monkeypatch.setattr(pieces, "_counting", pieces._Counting())
    sender.sends(place, council[999:], 999)
    assert Upload.objects.get().sha256 == ""

    arrivals.take_in()

    assert Recording.objects.get().sha256 == hashlib.sha256(council).hexdigest()


@pytest.mark.parametrize(
    ("headers", "status", "sentence"),
    [
        ({}, 412, "speaks tus 1.0.0"),
        ({"Tus-Resumable": "0.2.2"}, 412, "speaks tus 1.0.0"),
        (TUS, 400, "Upload-Length is a number"),
        ({**TUS, "Upload-Length": "-1"}, 400, "is a number"),
        ({**TUS, "Upload-Length": "1e9"}, 400, "is a number"),
        ({**TUS, "Upload-Length": "٣"}, 400, "is a number"),
        ({**TUS, "Upload-Length": "9" * 40}, 400, "is a number"),
        ({**TUS, "Upload-Defer-Length": "1"}, 400, "must be known"),
        ({**TUS, "Upload-Length": "0"}, 403, "The file is empty."),
        ({**TUS, "Upload-Length": "100000000001"}, 413, "100.0 GB are the most"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename ???"}, 400, "cannot be read"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename /w=="}, 400, "cannot be read"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "a" * 9_000}, 400, "Too much"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "meeting OTk5OQ=="}, 400, "no such"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "meeting JyBPUg=="}, 400, "no number"),
    ],
)  # fmt: skip
def test_what_cannot_begin_is_refused_and_leaves_nothing(
    headers: dict[str, str], status: int, sentence: str, staff: Persona, media: Path
) -> None:
    answer = staff.post(UPLOADS, headers=headers)

    assert answer.status_code == status
    assert sentence in says(answer)
    assert answer["Tus-Resumable"] == "1.0.0"
    assert not Upload.objects.exists()
    assert files_below(media) == set()


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"Tus-Resumable": "2.0.0"}, 412, "speaks tus"),
        ({"Upload-Offset": ""}, 400, "Upload-Offset is a number"),
        ({"Upload-Offset": "-3"}, 400, "is a number"),
        ({"Upload-Offset": "2"}, 409, "There are 3 bytes"),
        ({"Upload-Offset": "4"}, 409, "There are 3 bytes"),
        ({"Content-Type": "text/plain"}, 415, PIECE),
        ({"Upload-Checksum": "md5 AAAA"}, 400, "sha1, sha256"),
        ({"Upload-Checksum": "sha1 ???"}, 400, "cannot be read"),
        ({"Upload-Checksum": "sha1 AAAA"}, 460, "damaged on its way"),
    ],
)
def test_a_piece_that_does_not_fit_changes_nothing(
    change: dict[str, str], status: int, sentence: str, sender: Sender
) -> None:
    place = sender.place(10, filename="x.mp4")
    sender.sends(place, b"abc")
    headers = {**TUS, "Upload-Offset": "3", **change}
    kind = headers.pop("Content-Type", PIECE)

    answer = sender.client.patch(place, b"defg", content_type=kind, headers=headers)

    assert answer.status_code == status
    assert sentence in says(answer)
    assert sender.offset(place) == 3
    assert uploads.file_of(Upload.objects.get()).path.read_bytes() == b"abc"
    assert len(list((storage.root() / "uploads").glob("*.piece"))) == 0


def test_more_than_was_said_is_refused_and_nothing_of_it_kept(sender: Sender) -> None:
    place = sender.place(10, filename="x.mp4")
    sender.sends(place, b"abcdefgh")

    answer = sender.sends(place, b"ijk", 8)

    assert (answer.status_code, sender.offset(place)) == (413, 8)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_piece_with_its_checksum_is_taken(kind: str, sender: Sender) -> None:
    place = sender.place(4, filename="x.mp4")
    digest = base64.b64encode(hashlib.new(kind, b"abcd").digest()).decode()

    answer = sender.sends(place, b"abcd", **{"Upload-Checksum": f"{kind} {digest}"})

    assert (answer.status_code, sender.offset(place)) == (204, 4)
    assert Upload.objects.get().sha256 == hashlib.sha256(b"abcd").hexdigest()


def test_a_piece_may_come_wrapped_into_a_post(sender: Sender) -> None:
    place = sender.place(3, filename="x.mp4")
    headers = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

    answer = sender.client.post(place, b"abc", content_type=PIECE, headers=headers)

    assert (answer.status_code, sender.offset(place)) == (204, 3)


def test_a_full_disk_keeps_what_came_and_goes_on_later(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sender.place(200_000, filename="x.mp4")

    class Full(pieces.FileIO):
        room = 70_000

        def write(self, data: Any, /) -> int:
            part = bytes(data)[: Full.room]
            if not part:
                raise OSError(errno.ENOSPC, "No space left on device")
            Full.room -= len(part)
            return super().write(part)

    with monkeypatch.context() as full:
        full.setattr(pieces, "FileIO", Full)
        answer = sender.sends(place, b"x" * 200_000)

    assert answer.status_code == 507
    assert "The disk is full. What was sent is kept" in says(answer)
    assert sender.offset(place) == 70_000
    sender.sends(place, b"x" * 130_000, 70_000)
    assert sender.offset(place) == 200_000
    upload = Upload.objects.get()
    whole = hashlib.sha256(b"x" * 200_000).hexdigest()
    assert (upload.state, upload.sha256 or whole) == (UploadState.ARRIVED, whole)


def test_what_the_disk_has_no_room_for_does_not_begin(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.UPLOAD_SPARE_GB = 1
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _: Disk(0, 0, 21_000_000_000))
    sender.place(4_000_000_000, filename="x.mp4")  # with its package, 8 GB of 20

    answer = sender.begins(6_100_000_000, filename="y.mp4")

    assert answer.status_code == 507
    assert "need 12.2 GB, and 12.0 GB are free for it" in says(answer)
    sender.place(5_900_000_000, filename="z.mp4")


def test_each_member_of_staff_has_a_quota(sender: Sender, settings: Any) -> None:
    settings.UPLOAD_QUOTA_GB = 0.001
    first = sender.place(600_000, filename="x.mp4")

    answer = sender.begins(400_001, filename="y.mp4")
    assert answer.status_code == 403
    assert "Finish or remove some" in says(answer)

    other = Persona(StaffFactory())
    Sender(other).place(400_001, filename="y.mp4")
    sender.gives_up(first)
    sender.place(400_001, filename="y.mp4")


def test_nobody_begins_uploads_without_end(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MANY", 2)
    sender.place(1)
    sender.place(1)

    assert "You have 2 uploads" in says(sender.begins(1))


def test_giving_up_removes_row_and_file(sender: Sender, media: Path) -> None:
    place = sender.place(10, filename="x.mp4")
    sender.sends(place, b"abc")

    assert sender.gives_up(place).status_code == 204

    assert not Upload.objects.exists()
    assert files_below(media) == set()
    assert sender.asks(place).status_code == 404
    assert sender.sends(place, b"def", 3).status_code == 404


def test_a_recording_is_not_given_up_by_its_upload(
    sender: Sender, meeting: Meeting, council: bytes
) -> None:
    place = sender.place(len(council), filename="x.mp4", meeting=meeting.pk)
    sender.sends(place, council)
    arrivals.take_in()

    assert sender.gives_up(place).status_code == 409
    assert sender.sends(place, b"x", len(council)).status_code == 410
    assert Path(Recording.objects.get().original.path).read_bytes() == council


def test_what_nobody_goes_on_with_is_over(sender: Sender, media: Path) -> None:
    place = sender.place(10, filename="x.mp4")
    Upload.objects.update(expires_at=timezone.now())

    assert sender.asks(place).status_code == 410
    answer = sender.sends(place, b"abc")
    assert answer.status_code == 410
    assert "Begin anew" in says(answer)


@pytest.mark.parametrize("who", ["visitor", "member", "refunded_member"])
def test_nobody_else_sends_anything(who: str, request: pytest.FixtureRequest, media: Path) -> None:
    client: Client = request.getfixturevalue(who)
    theirs = Sender(Persona(StaffFactory())).place(5, filename="x.mp4")
    before = files_below(media), list(Upload.objects.values())

    sender = Sender(client)
    expected = 302 if who == "visitor" else 404
    for answer in (
        sender.begins(5),
        sender.asks(theirs),
        sender.sends(theirs, b"abcde"),
        sender.gives_up(theirs),
        client.get(theirs),
        client.options(UPLOADS),
    ):
        assert answer.status_code == expected
    assert (files_below(media), list(Upload.objects.values())) == before


def test_staff_without_the_right_send_nothing(db: None, media: Path) -> None:
    sender = Sender(Persona(UserFactory(is_staff=True)))

    answer = sender.begins(5)

    assert (answer.status_code, says(answer)) == (403, "You may not bring recordings in.")
    assert not Upload.objects.exists()


def test_anothers_upload_does_not_exist(sender: Sender) -> None:
    theirs = Sender(Persona(StaffFactory())).place(5, filename="x.mp4")

    for answer in (
        sender.asks(theirs),
        sender.sends(theirs, b"abcde"),
        sender.gives_up(theirs),
        sender.client.get(theirs),
        sender.asks(f"/uploads/{uuid.uuid4()}/"),
    ):
        assert answer.status_code == 404
    assert Upload.objects.get().is_arriving


@pytest.mark.parametrize("token", [None, "x" * 32])
def test_another_site_cannot_make_a_browser_send(token: str | None, staff: Persona) -> None:
    """Whoever has no token of the page is refused, whatever the method."""
    place = Sender(staff).place(5, filename="x.mp4")
    browser = Client(enforce_csrf_checks=True, HTTP_HOST=staff.defaults["HTTP_HOST"])
    browser.force_login(staff.user)
    if token:
        browser.cookies["csrftoken"] = "y" * 32
        browser.defaults["HTTP_X_CSRFTOKEN"] = token

    sender = Sender(browser)
    assert sender.begins(5).status_code == 403
    assert sender.sends(place, b"abcde").status_code == 403
    assert sender.gives_up(place).status_code == 403
    assert Sender(staff).offset(place) == 0


def test_the_token_of_the_page_opens_it(staff: Persona) -> None:
    browser = Client(enforce_csrf_checks=True, HTTP_HOST=staff.defaults["HTTP_HOST"])
    browser.force_login(staff.user)
    browser.cookies["csrftoken"] = browser.defaults["HTTP_X_CSRFTOKEN"] = "y" * 32

    sender = Sender(browser)
    place = sender.place(5, filename="x.mp4")
    assert sender.sends(place, b"abcde").status_code == 204


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\clerk\\Council 9-14.MP4", "Council 9-14.MP4"),
        ("\"; rm -rf '$HOME' #.mp4", "\"; rm -rf '$HOME' #.mp4"),
        ("جلسة \u202e4pm.exe", "جلسة 4pm.exe"),
        ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
        ("", "recording"),
        ("\x00\n", "recording"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_a_name(
    given: str, kept: str, sender: Sender, meeting: Meeting, council: bytes
) -> None:
    place = sender.place(len(council), filename=given, meeting=meeting.pk)
    sender.sends(place, council)
    (stored,) = {name for name in files_below(storage.root()) if not name.endswith(".lock")}
    assert stored.startswith(f"uploads/{Upload.objects.get().key}")
    arrivals.take_in()

    assert Recording.objects.get().original_name == kept
    assert all(name.startswith(("recordings/", "uploads/")) for name in files_below(storage.root()))


def test_what_is_no_recording_is_refused_with_a_sentence_and_can_be_looked_at_again(
    sender: Sender, meeting: Meeting, media: Path
) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"x" * 100
    place = sender.place(len(picture), filename="x.mp4", meeting=meeting.pk)
    sender.sends(place, picture)
    arrivals.take_in()

    told = sender.client.get(place).json()
    assert told["state"] == "refused"
    assert "PNG" in told["says"]
    assert not Recording.objects.exists()
    assert uploads.file_of(Upload.objects.get()).path.read_bytes() == picture
    arrivals.take_in()
    assert Upload.objects.get().tries == 1
    uploads.look_again(Upload.objects.get())
    assert Upload.objects.get().state == UploadState.ARRIVED
    arrivals.take_in()
    assert Upload.objects.get().state == UploadState.REFUSED


def test_the_same_file_again_is_the_recording_that_is_there(
    sender: Sender, meeting: Meeting, council: bytes, media: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    for _number in range(2):
        place = sender.place(len(council), filename="x.mp4", meeting=meeting.pk)
        with django_capture_on_commit_callbacks(execute=True):
            sender.sends(place, council)
            arrivals.take_in()

    recording = Recording.objects.get()
    assert {upload.recording for upload in Upload.objects.all()} == {recording}
    assert files_below(media) == {recording.original.name}


def test_an_upload_without_a_meeting_waits_for_one(
    sender: Sender, meeting: Meeting, council: bytes
) -> None:
    place = sender.place(len(council), filename="x.mp4")
    sender.sends(place, council)
    arrivals.take_in()
    assert Upload.objects.get().state == UploadState.ARRIVED

    uploads.give_to(upload=Upload.objects.get(), meeting=meeting)
    arrivals.take_in()

    assert Recording.objects.get().meeting == meeting


def test_a_server_that_was_killed_after_the_last_byte_is_made_up_for(
    sender: Sender, meeting: Meeting, council: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sender.place(len(council), filename="x.mp4", meeting=meeting.pk)
    with monkeypatch.context() as killed:
        killed.setattr(uploads, "close_if_whole", lambda upload: False)
        sender.sends(place, council)
    assert Upload.objects.get().is_arriving

    arrivals.take_in()

    assert Recording.objects.get().meeting == meeting


def test_a_worker_that_was_killed_before_the_row_is_made_up_for(
    sender: Sender, meeting: Meeting, council: bytes
) -> None:
    """It had put the file in its place already."""
    place = sender.place(len(council), filename="x.mp4", meeting=meeting.pk)
    sender.sends(place, council)
    upload = Upload.objects.get()
    path = uploads.file_of(upload).path
    arrived = originals.Arrived(path, upload.size_bytes, upload.sha256)
    originals.settle(arrived, originals.original_name(upload.key, arrived))
    assert not path.exists()

    arrivals.take_in()

    assert Path(Recording.objects.get().original.path).read_bytes() == council


def test_a_file_that_kills_its_worker_is_refused_in_the_end(
    sender: Sender, meeting: Meeting, council: bytes
) -> None:
    place = sender.place(len(council), filename="x.mp4", meeting=meeting.pk)
    sender.sends(place, council)
    Upload.objects.update(tries=Upload.TRIES_MAX)

    arrivals.take_in()

    assert "stopped each time" in Upload.objects.get().error
    assert not Recording.objects.exists()
