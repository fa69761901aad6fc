"""The command takes what it can, says why it refuses the rest, and ends with status 1 then."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from meetings.intake.models import Import, Step
from meetings.media.models import Recording
from meetings.records.models import Meeting, State
from meetings.transcripts.models import Segment, Transcript
from tests.meetings.media.factories import video
from tests.meetings.records.factories import BodyFactory

CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Mayor Ruiz>Good evening.\n"


def bring(*paths: Path, **options: object) -> str:
    said = StringIO()
    call_command("import_meeting", *map(str, paths), stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest, in a folder with a loose file and one that is no caption file."""
    BodyFactory(slug="council")
    whole = tmp_path / "regular"
    whole.mkdir()
    facts = {
        "title": "Regular meeting",
        "body": "council",
        "held_on": "2026-09-14",
        "agenda": [{"title": "Opening", "start": "00:00:01"}],
        "files": ["captions.vtt"],
    }
    (whole / "meeting.json").write_text(json.dumps(facts))
    (whole / "captions.vtt").write_text(CAPTIONS)
    (tmp_path / "council-2026-09-21.vtt").write_text(CAPTIONS)
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    return tmp_path


@pytest.mark.django_db
def test_a_folder_is_taken_with_all_that_is_in_it(folder: Path) -> None:
    said = bring(folder, body="council")

    assert "2 of 2 taken, 0 refused." in said
    assert {(m.title, str(m.held_on), m.state) for m in Meeting.objects.all()} == {
        ("Regular meeting", "2026-09-14", State.DRAFT),
        ("Council", "2026-09-21", State.DRAFT),
    }


@pytest.mark.django_db
def test_taking_a_folder_twice_changes_nothing(folder: Path) -> None:
    bring(folder, body="council")
    before = Segment.objects.count(), Import.objects.count()

    said = bring(folder, body="council")

    assert said.count("nothing changed") == 2
    assert (Segment.objects.count(), Import.objects.count()) == before


@pytest.mark.django_db
def test_publish_publishes(folder: Path) -> None:
    bring(folder, body="council", publish=True)
    bring(folder, body="council", publish=True)

    assert set(Meeting.objects.values_list("state", flat=True)) == {State.PUBLISHED}


@pytest.mark.django_db
def test_one_refusal_does_not_hold_up_the_others(folder: Path) -> None:
    (folder / "broken-2026-09-22.vtt").write_text("<html>Not found</html>")

    said = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("import_meeting", str(folder), body="council", stdout=said)

    assert ended.value.returncode == 1
    assert "2 of 3 taken, 1 refused." in said.getvalue()
    assert "✗ broken-2026-09-22.vtt: " in said.getvalue()
    assert Meeting.objects.count() == 2


@pytest.mark.django_db
def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no file or folder"):
        bring(tmp_path / "nowhere", body="council")


@pytest.mark.slow
@pytest.mark.django_db
def test_the_real_hearings_of_california_are_taken_but_for_three(
    sample_data: Path, staff: Client
) -> None:
    BodyFactory(slug="demo")
    files = sorted((sample_data / "captions" / "ca-legislature").glob("*.vtt"))

    said = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("import_meeting", *map(str, files), body="demo", stdout=said)

    assert ended.value.returncode == 1
    assert "23 of 26 taken, 3 refused." in said.getvalue()
    assert Meeting.objects.count() == Import.objects.count() == 23
    refused = [line for line in said.getvalue().splitlines() if line.startswith("✗")]
    assert len(refused) == 3
    for line, reason in zip(refused, ("web page", "has times", "empty"), strict=True):
        assert reason in line
    largest = Import.objects.order_by("-cue_count").first()
    assert largest is not None
    assert largest.cue_count == 14_974
    page = staff.get(largest.meeting.get_absolute_url())
    words = b"".join(page).count(b'<span id="s-')
    assert words == Segment.objects.filter(transcript__meeting=largest.meeting).count()


@pytest.mark.django_db
def test_a_file_that_does_not_say_its_language_is_heard(sample_data: Path) -> None:
    BodyFactory(slug="demo")
    (french, *_others) = sorted((sample_data / "captions" / "french-meetings").glob("*.ctm"))

    bring(french, body="demo", held_on=date(2026, 9, 14))

    assert Transcript.objects.get().language == "fr"


@pytest.mark.django_db
def test_a_recording_comes_with_its_meeting_and_waits_to_be_packaged(
    folder: Path, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.MEDIA_ROOT = folder / "media"
    film = video(tmp_path_factory.mktemp("film"), seconds=2)

    for _time in range(2):
        said = bring(folder / "regular", recording=film)

    assert "1 of 1 taken, 0 refused." in said
    recording = Recording.objects.get()
    assert recording.meeting == Meeting.objects.get()
    assert Path(recording.original.path).read_bytes() == film.read_bytes()
    assert Step.objects.get(name=Step.Name.PACKAGED).state == Step.State.WAITING


@pytest.mark.django_db
def test_a_recording_that_cannot_be_played_is_refused_with_the_reason(
    folder: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = folder / "media"
    picture = folder / "picture.mp4"
    picture.write_bytes(b"\x89PNG" + b"x" * 999)
    said = StringIO()

    with pytest.raises(CommandError, match="1 of 1 refused"):
        call_command("import_meeting", str(folder / "regular"), recording=picture, stdout=said)

    assert "kind PNG" in said.getvalue()
    assert not Recording.objects.exists()
    assert not Step.objects.filter(name=Step.Name.PACKAGED).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Council (final) “1”.mp4", "مجلس.mp4"])
def test_a_manifest_names_the_recording_beside_it(
    name: str, folder: Path, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.MEDIA_ROOT = folder / "media"
    film = video(tmp_path_factory.mktemp("film"), seconds=2)
    told = json.loads((folder / "regular" / "meeting.json").read_text())
    (folder / "regular" / "meeting.json").write_text(json.dumps(told | {"recording": name}))
    (folder / "regular" / name).write_bytes(film.read_bytes())

    for _time in range(2):
        assert "1 of 1 taken, 0 refused." in bring(folder / "regular")

    recording = Recording.objects.get()
    assert (recording.meeting, recording.original_name) == (Meeting.objects.get(), name)
    assert Step.objects.get(name=Step.Name.PACKAGED).state == Step.State.WAITING


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["path", "absolute", "link", "link of captions", "missing"])
def test_a_parcel_leads_out_of_its_folder_by_no_way(way: str, folder: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = folder / "media"
    secret = folder / "secret.vtt"
    secret.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\nThe secret.\n")
    parcel = folder / "regular"
    told = json.loads((parcel / "meeting.json").read_text())
    match way:
        case "path":
            told["recording"] = "../secret.vtt"
        case "absolute":
            told["recording"] = str(secret)
        case "link":
            (parcel / "film.mp4").symlink_to(secret)
            told["recording"] = "film.mp4"
        case "link of captions":
            (parcel / "words.vtt").symlink_to(secret)
            told["files"] = ["words.vtt"]
        case _:
            told["recording"] = "film.mp4"
    (parcel / "meeting.json").write_text(json.dumps(told))
    said = StringIO()

    with pytest.raises(CommandError, match="1 of 1 refused"):
        call_command("import_meeting", str(parcel), stdout=said)

    assert ("leads out" if "link" in way else "not beside it") in said.getvalue()
    assert not Meeting.objects.exists()
    assert not Recording.objects.exists()


@pytest.mark.django_db
def test_a_meeting_whose_recording_is_refused_is_not_half_taken(
    folder: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = folder / "media"
    parcel = folder / "regular"
    told = json.loads((parcel / "meeting.json").read_text())
    (parcel / "meeting.json").write_text(json.dumps(told | {"recording": "film.mp4"}))
    (parcel / "film.mp4").write_bytes(b"\x89PNG" + b"x" * 999)

    with pytest.raises(CommandError, match="1 of 1 refused"):
        call_command("import_meeting", str(parcel), stdout=StringIO())

    assert not Meeting.objects.exists()
    assert not Step.objects.exists()
    assert [path for path in (folder / "media").rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_recording_belongs_to_one_meeting(folder: Path) -> None:
    with pytest.raises(CommandError, match="here are 2"):
        bring(folder, body="council", recording=folder / "x.mp4")
    assert not Meeting.objects.exists()
