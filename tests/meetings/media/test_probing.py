"""What is no recording of a meeting is refused, each kind with its own sentence."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from meetings.media import ffmpeg, probing
from meetings.media.probing import Unplayable, probe
from tests.meetings.media.factories import AAC, H264, make, video

pytestmark = pytest.mark.slow


def test_a_video_is_known_by_its_streams(council: Path) -> None:
    facts = probe(council)

    assert (facts.video_codec, facts.audio_codec) == ("h264", "aac")
    assert (facts.width, facts.height, facts.duration_ms) == (160, 90, 14_000)
    assert facts.copies_video
    assert facts.copies_audio


@pytest.mark.parametrize("suffix", ["mp3", "flac", "wav", "ogg"])
def test_sound_alone_is_enough(suffix: str, made: Path) -> None:
    facts = probe(make(made / f"sound.{suffix}", "-vn", "-t", "4"))

    assert facts.video is None
    assert facts.audio_codec
    assert not facts.copies_audio
    assert facts.duration_ms == pytest.approx(4_000, abs=100)


def test_a_picture_on_a_sleeve_is_no_video(made: Path) -> None:
    sleeve = make(made / "sleeve.jpg", "-frames:v", "1", "-update", "1")
    song = made / "with-sleeve.mp3"
    plain = make(made / "plain.mp3", "-vn", "-t", "2")
    subprocess.run(
        [
            *(ffmpeg.executable(), "-loglevel", "error", "-y", "-i", str(plain)),
            *("-i", str(sleeve), "-map", "0", "-map", "1", "-c", "copy", str(song)),
        ],
        check=True,
    )

    assert probe(song).video is None


def test_other_codecs_are_accepted_and_will_be_encoded(made: Path) -> None:
    facts = probe(make(made / "old.avi", "-c:v", "mpeg4", "-c:a", "mp3", "-t", "3"))

    assert (facts.video_codec, facts.audio_codec) == ("mpeg4", "mp3")
    assert not facts.copies_video
    assert not facts.copies_audio


def test_h264_that_browsers_do_not_show_will_be_encoded(made: Path) -> None:
    pixels = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")

    assert not probe(make(made / "444.mp4", *pixels, *AAC, "-t", "2")).copies_video


def test_key_frames_that_are_too_rare_will_be_encoded(made: Path) -> None:
    rare = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "9999")
    once = make(made / "rare.mp4", *rare, *AAC, "-t", "70", "-force_key_frames", "0,40")

    assert not probe(once).copies_video


def test_variable_frame_rate_is_accepted(made: Path) -> None:
    uneven = ("-vf", "select='not(mod(n,3))+gt(t,2)'", "-fps_mode", "vfr")
    facts = probe(make(made / "uneven.mp4", *uneven, *H264, *AAC, "-t", "5"))

    assert facts.copies_video
    assert facts.duration_ms == pytest.approx(5_000, abs=200)


def cut(source: Path, target: Path, share: float) -> Path:
    whole = source.read_bytes()
    target.write_bytes(whole[: int(len(whole) * share)])
    return target


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_an_mp4_without_its_index_is_cut_short(share: float, council: Path, tmp_path: Path) -> None:
    with pytest.raises(Unplayable, match="cut short: the index"):
        probe(cut(council, tmp_path / "cut.mp4", share))


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_file_that_ends_before_it_says_is_cut_short(
    suffix: str, made: Path, tmp_path: Path
) -> None:
    index_first = ("-movflags", "+faststart") if suffix == "mp4" else ()
    whole = make(made / f"index-first.{suffix}", *H264, *AAC, *index_first, "-t", "14")

    with pytest.raises(Unplayable, match=r"lasts 0:00:1[34].*comes after 0:00:0\d"):
        probe(cut(whole, tmp_path / f"cut.{suffix}", 0.5))


def test_a_picture_with_the_name_of_a_video_is_called_what_it_is(
    made: Path, tmp_path: Path
) -> None:
    picture = make(made / "picture.png", "-frames:v", "1", "-update", "1")
    shutil.copy(picture, tmp_path / "picture.mp4")

    with pytest.raises(Unplayable, match="kind PNG"):
        probe(tmp_path / "picture.mp4")


def test_a_playlist_is_not_followed(council: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.mp4"
    trap.write_text(f"#EXTM3U\n#EXTINF:3,\n{council}\n#EXT-X-ENDLIST\n")
    with pytest.raises(Unplayable, match="M3U8"):
        probe(trap)
    trap.write_text(f"ffconcat version 1.0\nfile '{council}'\n")
    with pytest.raises(Unplayable, match="no video or audio"):
        probe(trap)


def test_a_video_without_sound_is_refused(made: Path) -> None:
    with pytest.raises(Unplayable, match="has no sound"):
        probe(make(made / "mute.mp4", *H264, "-an", "-t", "2"))


def test_zero_seconds_are_refused(made: Path, tmp_path: Path) -> None:
    with pytest.raises(Unplayable, match=r"0 seconds|neither sound nor picture"):
        probe(make(made / "nothing.mp4", *H264, *AAC, "-t", "0"))
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(Unplayable, match="is empty"):
        probe(tmp_path / "empty.mp4")


@pytest.mark.parametrize("data", [b"\0" * 5_000, b"WEBVTT\n\n", b"hello" * 999, bytes(range(256))])
def test_what_is_no_recording_at_all_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(data)

    with pytest.raises(Unplayable, match="no video or audio file"):
        probe(path)


def streams(**facts: object) -> dict[str, object]:
    sound = {"index": 1, "type": "audio", "codec": "aac", "is_picture": False}
    picture = {"index": 0, "type": "video", "codec": "h264", "is_picture": False}
    picture |= {"width": 640, "height": 360, "pixels": "yuv420p", "gap_ms": 2_000}
    sound |= {"channels": 2, "rate": 48_000}
    return {"container": "mov", "said_ms": 1_000, "end_ms": 1_000} | {
        "streams": [picture | facts, sound]
    }


def test_ten_hours_are_accepted_and_three_days_are_not() -> None:
    ten = streams() | {"said_ms": 36_000_000, "end_ms": 36_000_000}
    assert probing.judge(ten, b"").duration_ms == 36_000_000

    with pytest.raises(Unplayable, match="lasts 72:00:00"):
        probing.judge(ten | {"said_ms": 259_200_000, "end_ms": 259_200_000}, b"")


def test_a_picture_of_impossible_size_is_refused() -> None:
    with pytest.raises(Unplayable, match="30000 × 30000"):
        probing.judge(streams(width=30_000, height=30_000), b"")


def test_a_file_that_kills_its_reader_has_not_been_read(
    monkeypatch: pytest.MonkeyPatch, council: Path, tmp_path: Path
) -> None:
    killer = tmp_path / "killer"
    killer.write_text("#!/bin/sh\nkill -SEGV $$\n")
    killer.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(killer))

    with pytest.raises(Unplayable):
        probe(council)


def test_the_reader_needs_no_settings(council: Path) -> None:
    looked = subprocess.run(
        [sys.executable, "-m", "meetings.media.streams", str(council)],
        env={},
        cwd=Path(probing.__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert b'"h264"' in looked.stdout


def test_what_is_made_here_is_what_it_says(made: Path) -> None:
    assert video(made).stat().st_size < 500_000
