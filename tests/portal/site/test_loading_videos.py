"""Loading the demonstration brings its videos in once, ready to be played."""

import itertools
import shutil
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from meetings.intake import services as intake
from meetings.intake import steps
from meetings.intake.models import Step
from meetings.media import ffmpeg, packaging, storage
from meetings.media.models import Recording, State
from portal.site import demonstration
from tests.meetings.media.factories import video

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT, settings.FFMPEG_THREADS = tmp_path / "media", 1
    return settings.MEDIA_ROOT


@pytest.fixture
def short(monkeypatch, tmp_path):
    """The council's meeting with a video of a few seconds, and no other."""
    folder = tmp_path / "demo" / demonstration.PUBLISHED
    shutil.copytree(demonstration.DATA, tmp_path / "demo", ignore=shutil.ignore_patterns("*.mp4"))
    shutil.copyfile(video(tmp_path, seconds=8), folder / demonstration.RECORDING)
    monkeypatch.setattr(demonstration, "DATA", tmp_path / "demo")
    return folder / demonstration.RECORDING


def load():
    """Load the meetings with their videos, and nothing else: what is said of it."""
    demonstration._places()
    return list(demonstration.load_recordings(now=timezone.now()))


def packaged():
    return Step.objects.get(name=Step.Name.PACKAGED)


def test_members_can_press_play_before_any_worker_is_up(short, member, visitor):
    said = StringIO()
    call_command("load_demo", stdout=said)
    assert "A video of 0 minutes: City Council regular meeting" in said.getvalue()
    recording = Recording.objects.get()
    assert (recording.is_current, recording.state) == (True, State.READY)
    assert packaged().state == Step.State.DONE
    assert steps.claim(now=timezone.now(), among=steps.LONG) is None
    where = f"/meetings/{recording.meeting_id}/playlist.m3u8"
    assert "#EXTINF" in member.get(where).content.decode()
    assert visitor.get(where).status_code == 402


def test_loading_again_changes_no_video_and_writes_nothing(short, root):
    load()
    before = Recording.objects.values().get()
    files = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert load() == []
    assert Recording.objects.values().get() == before
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == files


def test_video_that_staff_brought_instead_stays(short, tmp_path):
    load()
    meeting = Recording.objects.get().meeting
    with video(tmp_path, seconds=4).open("rb") as file:
        other = intake.bring_recording(
            meeting=meeting, file=file, name="other.mp4", now=timezone.now()
        )
    load()
    assert meeting.recordings.current().get() == other
    assert meeting.recordings.count() == 2
    assert packaged().state == Step.State.WAITING  # what staff brought is left to the workers


def test_video_made_anew_takes_the_place_of_the_one_before(short, tmp_path):
    load()
    old = Recording.objects.get()
    shutil.copyfile(video(tmp_path, seconds=5), short)
    load()
    new = old.meeting.recordings.current().get()
    assert (new.pk != old.pk, new.state) == (True, State.READY)


def test_what_cannot_be_packaged_now_is_left_to_the_workers(short, monkeypatch):
    def full(*_arguments, **_options):
        raise ffmpeg.TryAgain("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(packaging, "build", full)
        assert load() == []
    recording = Recording.objects.get()
    assert (recording.state, recording.error) == (State.FAILED, "The disk is full.")
    step = steps.claim(now=timezone.now(), among=steps.LONG)
    assert step is not None
    steps.run(step)
    recording.refresh_from_db()
    assert recording.state == State.READY


def test_loader_that_was_killed_while_packaging_leaves_the_step_to_the_workers(short, monkeypatch):
    def killed(*_arguments, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(packaging, "build", killed)
        with pytest.raises(KeyboardInterrupt):
            load()
    assert packaged().state == Step.State.WAITING
    load()
    assert Recording.objects.get().state == State.READY
    assert packaged().state == Step.State.DONE


def test_loader_leaves_a_video_that_a_worker_packages_to_it(short, tmp_path):
    load()
    meeting = Recording.objects.get().meeting
    shutil.copyfile(video(tmp_path, seconds=5), short)
    with short.open("rb") as file:
        recording = intake.bring_recording(
            meeting=meeting, file=file, name=short.name, now=timezone.now()
        )
    with storage.held(recording.key):
        assert load() == []
    assert packaged().state == Step.State.WAITING


def test_images_without_the_videos_load_the_rest(short):
    short.unlink()
    assert load() == []
    assert not Recording.objects.exists()


def test_both_real_videos_are_ready_after_loading():
    load()
    lengths = {}
    for recording in Recording.objects.select_related("meeting__body"):
        assert recording.state == State.READY
        assert recording.has_poster
        starts = [0, *recording.segment_ends_ms]
        assert {end - start for start, end in itertools.pairwise(starts)} == {6_000}
        transcript = recording.meeting.transcripts.current().get()
        assert transcript.last_ms < recording.duration_ms
        lengths[recording.meeting.body.slug] = recording.duration_ms // 60_000
    assert lengths == {"osier-ferry-city-council": 25, "osier-ferry-school-board": 20}
