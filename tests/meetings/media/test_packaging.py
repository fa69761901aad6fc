"""What was handed in becomes what players read: whole or not at all, and never at its cost."""

import itertools
import shutil
import subprocess
from pathlib import Path

import av
import pytest

from meetings.media import ffmpeg, packaging, segments, services, storage, thumbnails
from meetings.media.models import Recording, State
from meetings.media.probing import probe
from meetings.media.services import NotPackaged
from tests.concurrency import at_once
from tests.meetings.media.factories import AAC, H264, NOW, make, record
from tests.meetings.records.factories import MeetingFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def package_of(recording: Recording) -> Path:
    return storage.package_of(recording.key, recording.package_version)


def litter(recording: Recording) -> list[str]:
    """What lies in the recording's folder beside its original and its lock."""
    folder = storage.folder_of(recording.key)
    return sorted(p.name for p in folder.iterdir() if p.name not in {"original.mp4", ".lock"})


def codecs(folder: Path) -> list[str]:
    """What a package holds, as another reader sees it that opens the playlist."""
    with av.open(str(folder / segments.INDEX)) as file:
        return [stream.codec_context.name for stream in file.streams]


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as file:
        return [bytes(one) for one in file.demux(**{kind: 0}) if one.size]


def again(recording: Recording) -> None:
    services.package(recording=recording, now=NOW)
    recording.refresh_from_db()


def wrapper(folder: Path, script: str) -> str:
    """An ffmpeg that does something of its own first."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_h264_with_aac_is_packaged_without_encoding_it_again(council: Path) -> None:
    recording = record(MeetingFactory(), council)

    assert (recording.state, recording.error, recording.progress) == (State.READY, "", 100)
    assert (recording.video_codec, recording.audio_codec) == ("h264", "aac")
    assert (recording.width, recording.height) == (160, 90)
    assert recording.segment_ends_ms == [6_000, 12_000, 14_000]
    package = package_of(recording)
    assert codecs(package) == ["h264", "aac"]
    for kind in ("video", "audio"):
        assert packets(package / segments.INDEX, kind) == packets(council, kind)


def test_a_package_has_all_that_a_player_asks_for(council: Path) -> None:
    package = package_of(record(MeetingFactory(), council))

    names = {path.name for path in package.iterdir()}
    assert names == {
        *("index.m3u8", "init.mp4", "0.m4s", "1.m4s", "2.m4s"),
        *("poster.jpg", "thumbnails.vtt", "sprite-1.jpg"),
    }
    with av.open(str(package / "sprite-1.jpg")) as sheet:
        assert (sheet.streams.video[0].width, sheet.streams.video[0].height) == (1600, 900)
    times = (package / "thumbnails.vtt").read_text()
    assert times.count("-->") == 14
    assert "00:00:11.000 --> 00:00:12.000\nsprite-1.jpg#xywh=160,90,160,90\n" in times


@pytest.mark.parametrize(
    ("name", "options", "copied"),
    [
        ("old.avi", ("-c:v", "mpeg4", "-c:a", "mp3"), set()),
        ("web.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"), set()),
        ("mixed.mkv", (*H264, "-c:a", "mp3"), {"video"}),
        ("stream.ts", (*H264, *AAC), {"video", "audio"}),
    ],
)
def test_what_browsers_do_not_play_is_encoded_and_the_rest_is_copied(
    name: str, options: tuple[str, ...], copied: set[str], made: Path
) -> None:
    path = make(made / name, *options, "-t", "8")

    recording = record(MeetingFactory(), path)

    assert recording.state == State.READY
    package = package_of(recording)
    assert codecs(package) == ["h264", "aac"]
    assert recording.segment_ends_ms[-1] == pytest.approx(8_000, abs=150)
    for kind in ("video", "audio"):
        same = packets(package / segments.INDEX, kind) == packets(path, kind)
        assert same is (kind in copied and name != "stream.ts"), kind


def test_sound_alone_is_packaged_without_pictures(made: Path) -> None:
    recording = record(MeetingFactory(), make(made / "long.mp3", "-vn", "-t", "15"))

    assert (recording.state, recording.has_video, recording.has_poster) == ("ready", False, False)
    assert codecs(package_of(recording)) == ["aac"]
    assert len(recording.segment_ends_ms) == 3
    assert {p.name for p in package_of(recording).iterdir()} == {
        *("index.m3u8", "init.mp4", "0.m4s", "1.m4s", "2.m4s"),
    }


def test_copying_that_fails_gives_way_to_encoding(made: Path) -> None:
    """AVI keeps no times of pictures that are shown in another order than they are stored."""
    source = make(made / "b-frames.mp4", *H264, "-bf", "3", *AAC, "-t", "6")
    reordered = made / "reordered.avi"
    subprocess.run(
        [
            *(ffmpeg.executable(), "-loglevel", "error", "-y", "-i", str(source)),
            *("-c", "copy", str(reordered)),
        ],
        check=True,
    )

    recording = record(MeetingFactory(), reordered)

    assert recording.state == State.READY
    assert recording.segment_ends_ms[-1] == pytest.approx(6_000, abs=300)


def test_progress_rises_while_it_is_encoded(made: Path) -> None:
    recording = record(
        MeetingFactory(),
        make(made / "old.avi", "-c:v", "mpeg4", "-c:a", "mp3", "-t", "8"),
        packaged=False,
    )
    told: list[float] = []

    services.package(recording=recording, report=told.append, now=NOW)

    assert told
    assert all(before <= after for before, after in itertools.pairwise(told))
    assert 0.5 < told[-1] <= 1


def test_packaging_twice_changes_nothing(council: Path) -> None:
    recording = record(MeetingFactory(), council)
    row = Recording.objects.values().get()
    written = {path: path.stat().st_mtime_ns for path in package_of(recording).iterdir()}

    again(recording)

    assert Recording.objects.values().get() == row
    assert {p: p.stat().st_mtime_ns for p in package_of(recording).iterdir()} == written


def test_a_package_that_lost_a_segment_is_made_anew_beside_it(council: Path) -> None:
    recording = record(MeetingFactory(), council)
    (package_of(recording) / "1.m4s").unlink()

    again(recording)

    assert (recording.state, recording.package_version) == (State.READY, 2)
    assert segments.read_ends(package_of(recording)) == recording.segment_ends_ms


def test_who_died_before_saying_so_left_a_whole_package(
    council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(MeetingFactory(), council)
    Recording.objects.update(state=State.PACKAGING, package_version=0, segment_ends_ms=[])
    monkeypatch.setattr(ffmpeg, "run", lambda *_args, **_named: pytest.fail("It was made again."))

    again(recording)

    assert (recording.state, recording.package_version) == (State.READY, 1)
    assert recording.segment_ends_ms == [6_000, 12_000, 14_000]
    assert recording.has_poster


def test_a_full_disk_is_said_and_leaves_the_original_alone(
    council: Path, settings, tmp_path: Path
) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    real = ffmpeg.executable()
    settings.FFMPEG = wrapper(tmp_path, f'ulimit -f 16\nexec {real} "$@"')

    with pytest.raises(NotPackaged, match="disk is full"):
        again(recording)

    recording.refresh_from_db()
    assert (recording.state, recording.package_version) == (State.FAILED, 0)
    assert "Make room, then run this step again." in recording.error
    assert litter(recording) == []
    assert Path(recording.original.path).read_bytes() == council.read_bytes()

    settings.FFMPEG = real
    again(recording)
    assert (recording.state, recording.error) == (State.READY, "")


def test_a_damaged_original_is_said_and_kept(council: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    original = Path(recording.original.path)
    half = council.read_bytes()[: council.stat().st_size // 2]
    original.write_bytes(half)

    with pytest.raises(NotPackaged, match="cut short"):
        again(recording)

    recording.refresh_from_db()
    assert (recording.state, litter(recording)) == (State.FAILED, [])
    assert original.read_bytes() == half
    shutil.copy(council, original)
    again(recording)
    assert recording.state == State.READY


def test_an_original_that_is_gone_is_said(council: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)
    Path(recording.original.path).unlink()

    with pytest.raises(NotPackaged, match="Restore it from a backup"):
        again(recording)


def test_sound_that_breaks_off_fails_and_serves_nothing(
    made: Path, tmp_path: Path, settings
) -> None:
    """ffmpeg says that all went well, and only half is there."""
    recording = record(MeetingFactory(), make(made / "long.mp3", "-vn", "-t", "15"), packaged=False)
    real = ffmpeg.executable()
    settings.FFMPEG = wrapper(tmp_path, f'for last; do :; done; exec {real} -t 5 "$@" -t 5')
    settings.FFMPEG = wrapper(tmp_path, f'exec {real} -t 5 "$@"')

    with pytest.raises(NotPackaged, match="breaks off"):
        again(recording)

    recording.refresh_from_db()
    assert recording.state == State.FAILED
    assert not [name for name in litter(recording) if not name.startswith("original")]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("kill -9 $$", "signal 9"),
        ("echo 'x: Cannot allocate memory' >&2; exit 1", "not enough memory"),
        ("echo '[in#0 @ 0x5] /srv/media/x.mp4: Odd data' >&2; exit 1", ": x.mp4: Odd data$"),
    ],
)
def test_what_ffmpeg_complains_becomes_a_sentence(
    script: str, says: str, tmp_path: Path, settings
) -> None:
    settings.FFMPEG = wrapper(tmp_path, script)

    with pytest.raises(ffmpeg.Trouble, match=says) as trouble:
        ffmpeg.run([], folder=tmp_path)

    assert "/srv" not in str(trouble.value)


def test_an_ffmpeg_that_hangs_is_stopped(
    tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FFMPEG = wrapper(tmp_path, "exec sleep 600")
    monkeypatch.setattr(ffmpeg, "QUIET_S", 0.2)

    with pytest.raises(ffmpeg.TryAgain, match="hung"):
        ffmpeg.run([], folder=tmp_path)


def test_no_ffmpeg_is_said(tmp_path: Path, settings) -> None:
    settings.FFMPEG = str(tmp_path / "nothing")

    with pytest.raises(ffmpeg.TryAgain, match="could not be started"):
        ffmpeg.run([], folder=tmp_path)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_packages_and_the_other_knows(council: Path) -> None:
    recording = record(MeetingFactory(), council, packaged=False)

    def package() -> str:
        services.package(recording=Recording.objects.get(pk=recording.pk), now=NOW)
        return "done"

    outcomes = at_once(package, package, package)

    assert "done" in outcomes
    others = [outcome for outcome in outcomes if outcome != "done"]
    assert all(isinstance(outcome, services.UnderWay) for outcome in others)
    recording.refresh_from_db()
    assert (recording.state, recording.package_version) == (State.READY, 1)
    assert litter(recording) == ["1"]


@pytest.mark.slow
def test_ten_hours_are_packaged(made: Path) -> None:
    piece = make(made / "piece.mp4", *H264, *AAC, "-t", "60")
    long = made / "ten-hours.mp4"
    subprocess.run(
        [
            *(ffmpeg.executable(), "-loglevel", "error", "-y", "-stream_loop", "599"),
            *("-i", str(piece), "-c", "copy", str(long)),
        ],
        check=True,
    )

    recording = record(MeetingFactory(), long)

    assert recording.state == State.READY
    assert recording.duration_ms == pytest.approx(36_000_000, rel=0.01)
    assert len(recording.segment_ends_ms) > 5_900
    assert len(list(package_of(recording).glob("sprite-*.jpg"))) == 37


def test_pictures_are_as_many_as_are_needed() -> None:
    assert thumbnails.interval_s(14_000) == 1
    assert thumbnails.interval_s(1_080_000) == 10
    assert thumbnails.interval_s(36_000_000) == 10


def test_building_leaves_the_original_as_it_was(council: Path, tmp_path: Path) -> None:
    before = council.read_bytes()

    packaging.build(council, probe(council), tmp_path)

    assert council.read_bytes() == before
