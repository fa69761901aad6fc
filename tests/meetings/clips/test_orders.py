"""A clip's files are made once, whole, and leave nothing behind, whatever happens on the way."""

import os
from datetime import timedelta
from pathlib import Path

import av
import pytest
from django.utils import timezone

from meetings.clips import files, orders, playing, rendering, services, tasks
from meetings.clips.models import Clip, Rendering
from meetings.media import cutting, ffmpeg
from meetings.media.models import State as RecordingState
from tests.concurrency import at_once
from tests.meetings.clips.factories import ClipFactory, cut
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import RecordingFactory, record
from tests.meetings.records.factories import MeetingFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

Kind, State = Rendering.Kind, Rendering.State


@pytest.fixture
def clip(council: Path) -> Clip:
    """Seconds 4.5 to 8.2 and 11 to 13 of a real recording, just cut."""
    return cut((4_500, 8_200), (11_000, 13_000), recording=record(MeetingFactory(), council))


def lying(media: Path) -> set[str]:
    return files_below(media / files.CLIPS)


def named() -> set[str]:
    return {
        name.removeprefix("clips/")
        for row in Rendering.objects.select_related("clip")
        for name in files.names_of(row)
    }


def claimed(among=frozenset(Kind)) -> Rendering:
    row = orders.claim(now=timezone.now(), among=among)
    assert row is not None
    return row


@pytest.mark.slow
def test_what_a_new_clip_needs_is_made_without_being_asked_for(clip: Clip, media: Path) -> None:
    tasks.make_waiting()

    audio, ends, plain = clip.renderings.order_by("kind")
    assert [one.kind for one in (audio, ends, plain)] == ["audio", "ends", "plain"]
    assert {one.state for one in (audio, ends, plain)} == {"ready"}
    assert lying(media) == named()
    assert len(lying(media)) == 1 + len(ends.parts) + 2  # poster, pieces, video, sound
    video = files.path_of(plain.file_name)
    assert video.stat().st_size == plain.size_bytes
    with video.open("rb") as file, av.open(file) as opened:
        assert abs(opened.duration / 1_000_000 - 5.7) < 0.1
        assert opened.metadata["comment"].endswith(clip.get_absolute_url())


@pytest.mark.slow
def test_the_playlist_of_a_clip_with_its_ends_holds_nothing_outside(clip: Clip) -> None:
    before = "".join(playing.playlist(clip, now=timezone.now()))
    tasks.make_waiting()
    after = "".join(playing.playlist(clip, now=timezone.now()))

    assert "/pieces/" not in before
    lasts = [float(line[8:].rstrip(",")) for line in after.split() if line.startswith("#EXTINF:")]
    assert abs(sum(lasts) - 5.7) < 0.001
    assert "/pieces/" in after


def test_end_pieces_fill_a_span_together_with_whole_segments() -> None:
    ends_ms = [6_000, 12_000, 18_000]
    one = Kind.ENDS
    assert one
    assert rendering.ends([(1_000, 15_000)], ends_ms) == [
        (0, 0, (1_000, 6_000)),
        (0, 2, (12_000, 15_000)),
    ]
    assert rendering.ends([(6_000, 12_000)], ends_ms) == []
    assert rendering.ends([(7_000, 8_000)], ends_ms) == [(0, 1, (7_000, 8_000))]
    assert rendering.ends([(0, 7_000), (17_000, 19_000)], ends_ms) == [
        (0, 1, (6_000, 7_000)),
        (1, 2, (17_000, 18_000)),
    ]


@pytest.mark.slow
def test_the_same_content_is_made_once(clip: Clip) -> None:
    tasks.make_waiting()
    before = clip.renderings.get(kind=Kind.PLAIN)

    services.have_made(clip=clip, kind=Kind.PLAIN, now=timezone.now())
    tasks.make_waiting()

    after = clip.renderings.get(kind=Kind.PLAIN)
    assert (after.pk, after.sha256, after.tries) == (before.pk, before.sha256, 1)


def test_what_a_file_depends_on_is_in_its_key(clip: Clip) -> None:
    spans = playing.spans_of(clip)
    keys = {rendering.content_key(clip, kind, some) for kind in Kind for some in (spans, spans[:1])}
    plain = rendering.content_key(clip, Kind.PLAIN, spans)
    wide = rendering.content_key(clip, Kind.WIDE, spans)
    assert len(keys) == 12

    clip.title = "Another title"
    assert rendering.content_key(clip, Kind.WIDE, spans) == wide
    clip.transcript_version = 7
    assert rendering.content_key(clip, Kind.WIDE, spans) != wide
    assert rendering.content_key(clip, Kind.PLAIN, spans) == plain
    clip.recording.sha256 = "f" * 64
    assert rendering.content_key(clip, Kind.PLAIN, spans) != plain


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Kind.WIDE, Kind.SQUARE, Kind.TALL])
def test_captions_are_drawn_into_a_picture_of_the_shape(kind: str, council: Path) -> None:
    clip = cut((4_500, 5_500), recording=record(MeetingFactory(), council))
    services.have_made(clip=clip, kind=kind, now=timezone.now())
    tasks.make_long()

    row = clip.renderings.get(kind=kind)
    assert (row.state, row.error) == ("ready", "")
    with av.open(str(files.path_of(row.file_name))) as file:
        picture = next(file.decode(video=0))
        assert file.metadata["comment"].endswith(clip.get_absolute_url())
        assert len(file.streams.audio) == 1
    sizes = {Kind.WIDE: (1280, 720), Kind.SQUARE: (1080, 1080), Kind.TALL: (1080, 1920)}
    assert (picture.width, picture.height) == sizes[Kind(kind)]
    gray = picture.to_ndarray(format="gray")[:, : picture.width]
    low = gray[picture.height * 55 // 100 :]
    assert (low > 240).sum() > 200  # letters


def test_a_rendering_that_is_cancelled_stops_and_leaves_nothing(
    clip: Clip, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "SAID_EVERY_S", 0.0)
    row = claimed({Kind.PLAIN})
    services.call_off(clip=clip, kind=Kind.PLAIN)

    orders.run(row)

    row.refresh_from_db()
    assert (row.state, row.file_name) == (State.CANCELLED, "")
    assert lying(media) == set()


def test_a_clip_that_is_deleted_while_a_file_is_made_keeps_no_file(
    clip: Clip, media: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    real = rendering.make

    def made_too_late(row: Rendering, *, report: ffmpeg.Report) -> rendering.Made:
        made = real(row, report=lambda _done: None)
        with django_capture_on_commit_callbacks(execute=True):
            services.delete(clip=clip, now=timezone.now())
        return made

    monkeypatch.setattr(rendering, "make", made_too_late)
    orders.run(claimed({Kind.PLAIN}))

    assert lying(media) == set()
    assert not Rendering.objects.exists()


@pytest.mark.slow
def test_a_deleted_clip_takes_its_files_along(
    clip: Clip, media: Path, django_capture_on_commit_callbacks
) -> None:
    tasks.make_waiting()
    assert lying(media)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete(clip=clip, now=timezone.now())

    assert lying(media) == set()


def test_two_workers_never_take_the_same_order(transactional_db, media: Path) -> None:
    clip = ClipFactory()
    orders.ask(clip=clip, kinds=orders.FIRST, now=timezone.now())

    def take() -> int | None:
        row = orders.claim(now=timezone.now(), among=orders.QUICK)
        return row and row.pk

    taken = [one for one in at_once(take, take, take) if one is not None]
    assert len(taken) == len(set(taken)) == 2


def test_a_worker_that_was_killed_is_followed_by_another(clip: Clip, media: Path) -> None:
    row = claimed({Kind.PLAIN})
    work = media / files.CLIPS / f"{files.WORK}killed"
    work.mkdir(parents=True)
    (work / files.LOCK).touch()
    (work / "cut.mp4").write_bytes(b"half")
    assert orders.claim(now=timezone.now(), among={Kind.PLAIN}) is None

    later = timezone.now() + Rendering.SILENCE + timedelta(seconds=1)
    again = orders.claim(now=later, among={Kind.PLAIN})
    assert again is not None
    assert (again.pk, again.tries) == (row.pk, 2)
    orders.run(row)  # the first one was not dead after all
    row.refresh_from_db()
    assert row.state == State.RUNNING
    orders.run(again)
    row.refresh_from_db()
    assert row.state == State.READY
    files.sweep()
    assert lying(media) == named()


def test_what_kills_its_worker_each_time_is_not_tried_for_ever(clip: Clip) -> None:
    now = timezone.now()
    for _time in range(Rendering.TRIES_MAX):
        assert orders.claim(now=now, among={Kind.PLAIN})
        now += Rendering.SILENCE + timedelta(seconds=1)

    given_up = orders.claim(now=now, among={Kind.PLAIN})

    assert given_up is not None
    assert (given_up.state, given_up.error != "") == (State.FAILED, True)


@pytest.mark.slow
def test_a_full_disk_is_waited_for_and_then_said(
    clip: Clip, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(files, "put_up", full)
    now = timezone.now()
    for tried in range(1, Rendering.TRIES_MAX + 1):
        row = orders.claim(now=now, among={Kind.PLAIN})
        assert row is not None
        orders.run(row)
        row.refresh_from_db()
        assert "disk is full" in row.error
        assert row.state == (State.FAILED if tried == Rendering.TRIES_MAX else State.WAITING)
        assert orders.claim(now=timezone.now(), among={Kind.PLAIN}) is None  # not at once again
        now = timezone.now() + timedelta(minutes=1)
    assert lying(media) == set()
    monkeypatch.undo()

    services.have_made(clip=clip, kind=Kind.PLAIN, now=timezone.now())
    tasks.make_waiting()
    assert clip.renderings.get(kind=Kind.PLAIN).state == State.READY


def test_while_the_recording_is_being_replaced_a_rendering_waits(clip: Clip, media: Path) -> None:
    recordings = type(clip.recording).objects.filter(pk=clip.recording_id)
    recordings.update(state=RecordingState.PACKAGING)
    tasks.make_waiting()

    row = clip.renderings.get(kind=Kind.PLAIN)
    assert row.state == State.WAITING
    assert "being replaced" in row.error
    assert lying(media) == set()


def test_a_recording_that_cannot_be_cut_ends_in_a_sentence(media: Path) -> None:
    clip = cut((4_000, 8_000), recording=RecordingFactory(ready=True, has_poster=True))
    tasks.make_waiting()

    assert {row.state for row in clip.renderings.all()} == {State.WAITING}  # its files are gone
    assert all(row.error for row in clip.renderings.all())
    assert lying(media) == set()


def test_ffmpeg_that_is_killed_is_tried_again(
    clip: Clip, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_arguments: object, **_options: object) -> None:
        raise ffmpeg.TryAgain("ffmpeg was stopped by the system (signal 9).")

    monkeypatch.setattr(cutting, "cut", killed)
    orders.run(claimed({Kind.PLAIN}))

    row = clip.renderings.get(kind=Kind.PLAIN)
    assert (row.state, row.tries) == (State.WAITING, 1)
    assert "signal 9" in row.error
    assert lying(media) == set()


def test_what_nobody_expected_is_kept_on_the_row_and_rises(
    clip: Clip, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cutting, "cut", broken)
    with pytest.raises(ZeroDivisionError):
        orders.run(claimed({Kind.PLAIN}))

    row = clip.renderings.get(kind=Kind.PLAIN)
    assert (row.state, row.error) == (State.FAILED, "Something unexpected: ZeroDivisionError")
    assert lying(media) == set()


@pytest.mark.slow
def test_the_sweeper_removes_what_no_row_names_and_nothing_else(clip: Clip, media: Path) -> None:
    tasks.make_waiting()
    kept = lying(media)
    folder = media / files.CLIPS
    for name in (f"{clip.slug}/plain-0.mp4", "a-clip-of-nobody/wide-1.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"litter")

    assert files.sweep() == 2
    assert lying(media) == kept
    assert not (folder / "a-clip-of-nobody").exists()


def test_the_sweeper_leaves_what_is_being_made(clip: Clip, media: Path) -> None:
    claimed({Kind.PLAIN})
    (media / files.CLIPS / clip.slug).mkdir(parents=True)
    (media / files.CLIPS / clip.slug / "plain-1.mp4").write_bytes(b"just put there")
    with files.workshop() as work:
        (work / "cut.mp4").write_bytes(b"half")

        assert files.sweep() == 0
        assert (work / "cut.mp4").exists()
    assert lying(media) == {f"{clip.slug}/plain-1.mp4"}
