"""Each kind of bad file, from its arrival to what staff read in the admin and do about it.

What is refused at the door never becomes a recording; what goes wrong later is one, with its
original, in a state that can be tried again. In between no reader gets anything.
"""

import errno
import os
import random
import shutil
import subprocess
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import av
import pytest
from django.test import Client
from django.urls import reverse

from meetings.intake import services as intake
from meetings.intake import steps
from meetings.intake.models import Step
from meetings.intake.repairs import Refused
from meetings.media import ffmpeg, segments, services, storage
from meetings.media.models import Recording, State
from meetings.records.models import State as MeetingState
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import AAC, H264, NOW, make, record
from tests.meetings.media.playlists import check_playlist
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db


def copy_of(path: Path, *options: str, to: Path) -> Path:
    """What ffmpeg makes of a file without encoding it again."""
    command = [ffmpeg.executable(), "-loglevel", "error", "-y", "-i", str(path), "-c", "copy"]
    subprocess.run([*command, *options, str(to)], check=True)
    return to


def truncated(made: Path, council: Path) -> Path:
    path = made / "truncated.mp4"
    path.write_bytes(council.read_bytes()[: council.stat().st_size // 2])
    return path


def broken_off(made: Path, council: Path) -> Path:
    """Its index comes first, so it opens; it ends long before it says."""
    whole = copy_of(council, "-movflags", "+faststart", to=made / "index-first.mp4")
    path = made / "broken-off.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def picture(made: Path, council: Path) -> Path:
    made_as = make(made / "one.png", "-frames:v", "1", "-update", "1")
    return Path(shutil.copy(made_as, made / "picture.mp4"))


def silent(made: Path, council: Path) -> Path:
    return copy_of(council, "-an", to=made / "silent.mp4")


def nothing(made: Path, council: Path) -> Path:
    return make(made / "zero.mp4", *H264, *AAC, "-t", "0")


def empty(made: Path, council: Path) -> Path:
    (made / "empty.mp4").touch()
    return made / "empty.mp4"


BAD: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "truncated MP4": (truncated, "cut short: the index"),
    "ends before it says": (broken_off, "cut short: it says that it lasts 0:00:14"),
    "PNG named .mp4": (picture, "a file of the kind PNG"),
    "video without audio": (silent, "The video has no sound"),
    "zero seconds": (nothing, "0 seconds|neither sound nor picture"),
    "empty file": (empty, "The file is empty"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_bad_on_arrival_is_refused_with_a_sentence_and_leaves_nothing(
    kind: str, made: Path, council: Path, media: Path
) -> None:
    build, sentence = BAD[kind]
    meeting = MeetingFactory()
    path = build(made, council)

    with path.open("rb") as file, pytest.raises(Refused, match=sentence):
        intake.bring_recording(meeting=meeting, file=file, name=path.name, now=NOW)

    assert not Recording.objects.exists()
    assert not Step.objects.exists()
    assert files_below(media) == set()
    assert path.exists()


def packaged(meeting: Any) -> Step:
    """Let the worker take the step up, as it does."""
    step = steps.ask_for(meeting=meeting, name=Step.Name.PACKAGED)
    claimed = steps.claim(now=NOW, among=steps.LONG)
    assert claimed == step
    steps.run(claimed)
    step.refresh_from_db()
    return step


@pytest.mark.slow
@pytest.mark.parametrize("kind", BAD)
def test_what_went_bad_since_is_said_in_the_admin_and_can_be_run_again(
    kind: str, made: Path, council: Path, staff: Client, member: Client
) -> None:
    """The disk may spoil what was whole. The original is never touched, whatever it is."""
    build, sentence = BAD[kind]
    recording = record(MeetingFactory(state=MeetingState.PUBLISHED), council, packaged=False)
    original = Path(recording.original.path)
    spoiled = build(made, council).read_bytes()
    original.write_bytes(spoiled)

    step = packaged(recording.meeting)

    recording.refresh_from_db()
    assert (recording.state, step.state) == (State.FAILED, Step.State.FAILED)
    shown = staff.get(reverse("admin:meetings_recording_change", args=[recording.pk]))
    listed = staff.get(reverse("admin:meetings_step_changelist"))
    assert step.error == recording.error
    for page in (shown, listed):
        assert any(part in page.content.decode() for part in sentence.split("|")), kind
    assert original.read_bytes() == spoiled
    assert not [path for path in original.parent.iterdir() if path.name.isdigit()]
    assert member.get(f"/meetings/{recording.meeting_id}/playlist.m3u8").status_code == 404

    shutil.copy(council, original)
    chosen = {"action": "run_again", "_selected_action": [step.pk]}
    staff.post(reverse("admin:meetings_step_changelist"), chosen)
    step.refresh_from_db()
    assert (step.state, step.error) == (Step.State.WAITING, "")
    assert packaged(recording.meeting).state == Step.State.DONE
    assert member.get(f"/meetings/{recording.meeting_id}/playlist.m3u8").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["mp4", "ts", "mkv"])
def test_damage_in_the_middle_is_played_around_or_said(
    suffix: str, made: Path, council: Path, tmp_path: Path
) -> None:
    whole = copy_of(council, to=made / f"whole.{suffix}").read_bytes()
    damaged = bytearray(whole)
    middle, length = len(whole) // 2, len(whole) // 20
    damaged[middle : middle + length] = random.Random(4).randbytes(length)
    path = tmp_path / f"damaged.{suffix}"
    path.write_bytes(damaged)

    recording = record(MeetingFactory(), path, packaged=False)
    step = packaged(recording.meeting)

    recording.refresh_from_db()
    assert Path(recording.original.path).read_bytes() == bytes(damaged)
    if step.state == Step.State.FAILED:
        assert recording.error
        assert storage.sizes(recording.key, 1) == {}
    else:
        assert recording.is_ready
        check_playlist(storage.package_of(recording.key, 1))
        assert recording.segment_ends_ms[-1] == pytest.approx(14_000, abs=500)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("picture", "rate"),
    [
        (("-vf", "select='not(mod(n,3))+gt(t,3)'", "-fps_mode", "vfr"), "uneven"),
        (("-vf", "setpts='if(lt(N,40),N,N*3-80)/(10*TB)'", "-fps_mode", "vfr"), "slowing"),
    ],
)
@pytest.mark.parametrize("codec", [H264, ("-c:v", "mpeg4")])
def test_pictures_that_come_unevenly_stay_with_the_sound(
    picture: tuple[str, ...], rate: str, codec: tuple[str, ...], made: Path
) -> None:
    name = f"{rate}-{codec[1]}.mp4"
    path = make(made / name, *picture, *codec, *AAC, "-t", "14")

    recording = record(MeetingFactory(), path)

    assert recording.state == State.READY, recording.error
    package = storage.package_of(recording.key, 1)
    check_playlist(package)
    with av.open(str(path)) as before, av.open(str(package / segments.INDEX)) as after:
        ends = [
            max(float((p.pts + p.duration) * p.time_base) for p in file.demux(audio=0) if p.size)
            for file in (before, after)
        ]
    assert ends[1] == pytest.approx(ends[0], abs=0.15)
    assert recording.segment_ends_ms[-1] == pytest.approx(recording.duration_ms, abs=500)


NAMES = [
    "council/2026/../../etc/passwd.mp4",
    "He said \"no\"; rm -rf '$HOME' `id`.mp4",
    "x" * 300 + ".mp4",
    "<script>alert(1)</script>.mp4",
    "-i -f lavfi.mp4",
    "file:concat:a|b.mp4",
    "Sitzung № 14 – Rat der Stadt 市議会.mp4",
    "%2e%2e%2fx.mp4",
    ".mp4",
    "",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_name_harms_anybody_and_each_is_shown(
    name: str, council: Path, media: Path, staff: Client
) -> None:
    meeting = MeetingFactory()
    with council.open("rb") as file:
        recording = intake.bring_recording(meeting=meeting, file=file, name=name, now=NOW)

    assert packaged(meeting).state == Step.State.DONE
    inside = f"recordings/{recording.key}/"
    assert all(path.startswith(inside) for path in files_below(media))
    page = staff.get(reverse("admin:meetings_recording_change", args=[recording.pk]))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert len(recording.original_name) <= Recording.NAME_MAX


def test_captions_that_go_on_after_the_video_are_served_as_they_are(
    council: Path, member: Client
) -> None:
    """Somebody cut the video, or took the wrong one; the words stay readable, all of them."""
    meeting = MeetingFactory(state=MeetingState.PUBLISHED, held_on=date(2026, 9, 14))
    recording = record(meeting, council)
    said = [Utterance(n * 5_000, n * 5_000 + 4_000, f"Sentence {n}.", "Chair") for n in range(20)]
    transcribe(said, meeting=meeting)

    playlist = member.get(f"/meetings/{meeting.pk}/playlist.m3u8").content.decode()
    token = playlist.partition("/playback/")[2].partition("/")[0]
    captions = member.get(f"/playback/{token}/captions.vtt").getvalue().decode()
    page = member.get(meeting.get_absolute_url())

    assert recording.is_ready
    assert captions.count("-->") == 20
    assert "00:01:35.000 --> 00:01:39.000" in captions
    assert playlist.endswith("2.m4s\n#EXT-X-ENDLIST\n")
    assert page.status_code == 200
    assert "Sentence 19." in b"".join(page.streaming_content).decode()


@pytest.mark.slow
def test_progress_is_seen_in_the_admin_while_it_is_encoded(made: Path, staff: Client) -> None:
    path = make(made / "slow.avi", "-c:v", "mpeg4", "-c:a", "mp3", "-t", "30")
    recording = record(MeetingFactory(), path, packaged=False)
    seen: list[str] = []

    def look(done: float) -> None:
        page = staff.get(reverse("admin:meetings_recording_changelist"))
        assert "Being packaged" in page.content.decode()
        seen.append(str(Recording.objects.get().progress))

    services.package(recording=recording, report=look, now=NOW)

    assert int(seen[-1]) > 0
    assert [int(one) for one in seen] == sorted(int(one) for one in seen)


def test_a_disk_that_is_full_on_arrival_is_said_and_leaves_nothing(
    council: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by ffmpeg this time, but where the file itself is copied."""
    real = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with council.open("rb") as file, pytest.raises(OSError, match="No space left"):
        intake.bring_recording(meeting=MeetingFactory(), file=file, name="x.mp4", now=NOW)
    assert files_below(media) == set()

    monkeypatch.setattr(os, "fsync", real)
    recording = record(MeetingFactory(), council, packaged=False)
    monkeypatch.setattr(os, "fsync", full)
    step = packaged(recording.meeting)
    assert step.error == "The disk is full. Make room, then run this step again."
    assert files_below(media) == {
        f"recordings/{recording.key}/original.mp4",
        f"recordings/{recording.key}/.lock",
    }


def test_a_folder_that_may_not_be_written_to_is_said(
    council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(MeetingFactory(), council, packaged=False)

    def denied(*_args: Any, **_named: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", denied)
    step = packaged(recording.meeting)

    assert step.error == "The files cannot be written: Permission denied."


def test_a_package_that_is_half_there_is_not_served(council: Path, member: Client) -> None:
    """A worker that died left files behind; no row names them, so no token can."""
    recording = record(MeetingFactory(state=MeetingState.PUBLISHED), council, packaged=False)
    folder = storage.folder_of(recording.key)
    (folder / f".work-{uuid.uuid4().hex}").mkdir()
    (folder / "1").mkdir()
    (folder / "1" / "0.m4s").write_bytes(b"half")
    Recording.objects.update(state=State.PACKAGING)

    assert member.get(f"/meetings/{recording.meeting_id}/playlist.m3u8").status_code == 404
