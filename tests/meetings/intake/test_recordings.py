"""Staff send recordings from the admin, show them, remove them and bring them back."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from meetings.intake import arrivals, tasks
from meetings.intake.models import Step
from meetings.media import originals, storage, uploads
from meetings.media.models import Recording, Upload, UploadState
from meetings.records.models import Meeting, State
from tests.meetings.intake.sending import Sender
from tests.meetings.intake.test_admin import BRING_IN, CAPTIONS, page
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import NOW, RecordingFactory, UploadFactory, video
from tests.meetings.records.factories import BodyFactory, MeetingFactory
from tests.memberships.factories import StaffFactory, UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db
FORM = {"body": "council", "held_on": "2026-09-14", "title": "Regular meeting"}


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return video(tmp_path_factory.mktemp("made"), seconds=2).read_bytes()


@pytest.fixture(autouse=True)
def _alone(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    for task in (tasks.take_up_long, tasks.take_up_waiting):
        monkeypatch.setattr(task, "apply_async", lambda **_options: None)


def screen(meeting: Meeting) -> str:
    return f"/admin/meetings/meeting/{meeting.pk}/recordings/"


def sent(staff: Persona, data: bytes, **told: object) -> Upload:
    sender = Sender(staff)
    place = sender.place(len(data), filename="council.mp4", **told)
    sender.sends(place, data)
    return Upload.objects.get(key=place.split("/")[2])


def captions() -> SimpleUploadedFile:
    return SimpleUploadedFile("harbor.vtt", CAPTIONS)


def test_a_meeting_is_brought_in_with_the_recording_that_was_sent_before(
    staff: Persona, film: bytes
) -> None:
    BodyFactory(slug="council")
    upload = sent(staff, film)

    answer = staff.post(
        BRING_IN, {**FORM, "captions": [captions()], "recording": str(upload.key)}, follow=True
    )
    assert "harbor.vtt was taken" in page(answer)
    arrivals.take_in()

    recording = Recording.objects.get()
    assert (recording.meeting, recording.key) == (Meeting.objects.get(), upload.key)
    assert Step.objects.filter(name=Step.Name.PACKAGED).exists()


@pytest.mark.parametrize("what", ["unfinished", "another's", "of a meeting", "gone", "no key"])
def test_a_recording_that_cannot_be_taken_is_an_error_of_the_form(
    what: str, staff: Persona, film: bytes
) -> None:
    BodyFactory(slug="council")
    match what:
        case "unfinished":
            sender = Sender(staff)
            key = sender.place(10, filename="x.mp4").split("/")[2]
        case "another's":
            key = str(sent(Persona(StaffFactory()), film).key)
        case "of a meeting":
            key = str(sent(staff, film, meeting=MeetingFactory().pk).key)
        case "gone":
            upload = sent(staff, film)
            uploads.give_up(upload)
            key = str(upload.key)
        case _:
            key = "../../etc/passwd"
    before = Meeting.objects.count()

    answer = staff.post(BRING_IN, {**FORM, "captions": [captions()], "recording": key})

    assert answer.status_code == 422
    expected = {"unfinished": "has not arrived yet", "no key": "valid UUID"}
    assert expected.get(what, "no longer here") in page(answer)
    assert Meeting.objects.count() == before


def test_one_recording_is_not_of_two_meetings(staff: Persona, film: bytes) -> None:
    BodyFactory(slug="council")
    key = str(sent(staff, film).key)

    answer = staff.post(BRING_IN, {**FORM, "captions": [captions(), captions()], "recording": key})

    assert "and here are 2" in page(answer)
    assert not Meeting.objects.exists()


def test_a_folder_with_its_manifest_brings_the_recording_along(staff: Persona, film: bytes) -> None:
    BodyFactory(slug="council")
    told = {
        "title": "Regular meeting",
        "body": "council",
        "held_on": "2026-09-28",
        "files": ["captions.vtt"],
        "recording": "council.mp4",
    }
    folder = [
        SimpleUploadedFile("meeting.json", json.dumps(told).encode()),
        SimpleUploadedFile("captions.vtt", CAPTIONS),
        SimpleUploadedFile("council.mp4", film),
    ]

    staff.post(BRING_IN, {"folder": folder})

    assert Recording.objects.get().meeting == Meeting.objects.get()


def test_a_full_disk_at_the_last_step_leaves_neither_meeting_nor_file(
    staff: Persona, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    BodyFactory(slug="council")
    told = {**FORM, "files": ["captions.vtt"], "recording": "council.mp4"}
    folder = [
        SimpleUploadedFile("meeting.json", json.dumps(told).encode()),
        SimpleUploadedFile("captions.vtt", CAPTIONS),
        SimpleUploadedFile("council.mp4", film),
    ]

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(originals, "settle", full)
    answer = staff.post(BRING_IN, {"folder": folder})

    assert answer.status_code == 422
    assert "The files cannot be written: No space left on device." in page(answer)
    assert not Meeting.objects.exists()
    assert not Step.objects.exists()
    assert files_below(storage.root()) == set()


def test_the_screen_says_what_was_sent_and_by_whom(staff: Persona, film: bytes) -> None:
    meeting = MeetingFactory()
    mine = Sender(staff).place(10, filename="<b>x\u202e.mp4", meeting=meeting.pk)
    Sender(staff).sends(mine, b"abc")
    other = StaffFactory()
    Sender(Persona(other)).place(10, filename="y.mp4", meeting=meeting.pk)

    shown = page(staff.get(screen(meeting)))

    assert "30 %" in shown
    assert "<bdi>&lt;b&gt;x .mp4</bdi>" in shown
    assert f"{other} is sending it." in shown
    assert shown.count("data-key=") == 1


def test_an_upload_that_was_refused_can_be_looked_at_again_or_removed(
    staff: Persona, film: bytes
) -> None:
    meeting = MeetingFactory()
    upload = sent(staff, b"\x89PNG" + b"x" * 99, meeting=meeting.pk)
    arrivals.take_in()
    assert "the kind PNG" in page(staff.get(screen(meeting)))

    staff.post(screen(meeting), {"do": "again", "row": upload.pk})
    upload.refresh_from_db()
    assert upload.state == UploadState.ARRIVED

    staff.post(screen(meeting), {"do": "give up", "row": upload.pk})
    assert not Upload.objects.exists()
    assert not uploads.file_of(upload).path.exists()


def test_staff_remove_a_drafts_recording_and_bring_it_back(staff: Persona) -> None:
    recording = RecordingFactory(meeting__state=State.DRAFT)

    staff.post(screen(recording.meeting), {"do": "remove", "row": recording.pk})
    recording.refresh_from_db()
    assert recording.removed_at is not None
    assert "Its file is kept for 30 days" in page(staff.get(screen(recording.meeting)))

    staff.post(screen(recording.meeting), {"do": "show", "row": recording.pk})
    recording.refresh_from_db()
    assert (recording.is_current, recording.removed_at) == (True, None)
    assert Step.objects.get().name == Step.Name.PACKAGED


def test_a_public_meetings_recording_is_not_removed(staff: Persona) -> None:
    recording = RecordingFactory()

    answer = staff.post(
        screen(recording.meeting), {"do": "remove", "row": recording.pk}, follow=True
    )

    assert "is or was public" in page(answer)
    recording.refresh_from_db()
    assert recording.is_current


def test_staff_show_the_recording_before_again(staff: Persona) -> None:
    first = RecordingFactory(is_current=False, ready=True)
    RecordingFactory(meeting=first.meeting)

    staff.post(screen(first.meeting), {"do": "show", "row": first.pk})

    assert first.meeting.recordings.current().get() == first
    assert not Step.objects.exists()  # it is packaged


@pytest.mark.parametrize("row", ["", "x", "-1", "٣", "9" * 30, "999999"])
@pytest.mark.parametrize("verb", ["show", "remove", "again", "give up", "", "drop"])
def test_what_the_screen_does_not_name_changes_nothing(verb: str, row: str, staff: Persona) -> None:
    theirs = RecordingFactory(ready=True)
    upload = UploadFactory(meeting=theirs.meeting)
    before = list(Recording.objects.values()), list(Upload.objects.values())

    answer = staff.post(screen(MeetingFactory()), {"do": verb, "row": row or str(theirs.pk)})

    assert answer.status_code in {403, 404}
    assert (list(Recording.objects.values()), list(Upload.objects.values())) == before
    assert upload.pk


def test_a_removed_recording_is_deleted_for_good_in_the_admin_and_no_other(
    staff: Persona, django_capture_on_commit_callbacks: Any
) -> None:
    kept = RecordingFactory(meeting__state=State.DRAFT)
    gone = RecordingFactory(meeting__state=State.DRAFT, is_current=False, removed_at=NOW)

    for recording, status in ((kept, 403), (gone, 302)):
        answer = staff.post(f"/admin/meetings/recording/{recording.pk}/delete/", {"post": "yes"})
        assert answer.status_code == status

    assert Recording.objects.get() == kept


def test_the_list_of_recordings_leads_to_meetings_without_one(staff: Persona) -> None:
    has = RecordingFactory(meeting__title="Has a film").meeting
    MeetingFactory(title="Has none")

    shown = page(staff.get("/admin/meetings/recording/bring-in/"))
    assert "Has none" in shown
    assert "Has a film" not in shown
    assert screen(has) in page(staff.get("/admin/meetings/recording/bring-in/?q=a film"))
    recording = has.recordings.get()
    answer = staff.get(f"/admin/meetings/recording/{recording.pk}/all-of-meeting/")
    assert answer.url == screen(has)


@pytest.mark.parametrize("who", ["visitor", "member", "refunded_member", "clerk"])
def test_nobody_else_sees_or_does_anything(who: str, request: pytest.FixtureRequest) -> None:
    clerk = who == "clerk"
    client = Persona(UserFactory(is_staff=True)) if clerk else request.getfixturevalue(who)
    recording = RecordingFactory(meeting__state=State.DRAFT)
    status = {"visitor": 302, "clerk": 403}.get(who, 404)

    for address in (screen(recording.meeting), "/admin/meetings/recording/bring-in/"):
        assert client.get(address).status_code == status
    answer = client.post(screen(recording.meeting), {"do": "remove", "row": recording.pk})
    assert answer.status_code == status
    recording.refresh_from_db()
    assert recording.removed_at is None
