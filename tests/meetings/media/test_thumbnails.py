"""Pictures on the seek bar: one for each time, taken from few frames and at no great cost."""

import math
from pathlib import Path

import av
import pytest

from meetings.media import ffmpeg, probing, segments, thumbnails
from tests.meetings.media.factories import AAC, H264, make

# The picture turns from black to white after eight seconds.
TURNS = ("-vf", "geq=lum='if(lt(T,8),0,255)':cb=128:cr=128")


def brightness(folder: Path, count: int) -> list[bool]:
    """Of each small picture in turn, whether it is white in its middle."""
    with av.open(str(folder / "sprite-1.jpg")) as file:
        sheet = next(file.decode(video=0)).to_ndarray(format="gray")
    places = [divmod(number, thumbnails.SIDE) for number in range(count)]
    return [bool(sheet[row * 90 + 45, column * 160 + 80] > 128) for row, column in places]


@pytest.fixture
def turning(made: Path) -> Path:
    return make(made / "turning.mp4", *TURNS, *H264, *AAC, "-t", "14")


def test_each_picture_shows_its_time(turning: Path, tmp_path: Path) -> None:
    thumbnails.make(turning, 0, tmp_path, duration_ms=14_000)

    assert brightness(tmp_path, 14) == [False] * 8 + [True] * 6
    assert (tmp_path / thumbnails.TIMES).read_text().count("-->") == 14
    assert not (tmp_path / thumbnails.FRAMES).exists()


def test_where_key_frames_are_rare_the_last_one_stands(made: Path, tmp_path: Path) -> None:
    rare = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "9999")
    once = make(made / "once.mp4", *TURNS, *rare, *AAC, "-t", "14", "-force_key_frames", "0,9")

    thumbnails.make(once, 0, tmp_path, duration_ms=14_000)

    assert brightness(tmp_path, 14) == [False] * 9 + [True] * 5


def test_only_the_frames_that_are_shown_are_taken(turning: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.mkv"

    told = probing.look_apart("keyframes", turning, 0, 4_000, 4, kept)

    assert told == {"pictures": 4}
    with av.open(str(kept)) as file:
        packets = [packet for packet in file.demux(video=0) if packet.size]
    assert all(packet.is_keyframe for packet in packets)
    assert [round(float(p.pts * p.time_base)) for p in packets] == [0, 4, 8, 12]


@pytest.mark.parametrize("number", [1, 7])
def test_what_has_no_pictures_gives_none(number: int, turning: Path, tmp_path: Path) -> None:
    told = probing.look_apart("keyframes", turning, number, 1_000, 14, tmp_path / "kept.mkv")

    assert told == {"pictures": 0}


def test_a_playlist_in_disguise_names_no_other_file(turning: Path, tmp_path: Path) -> None:
    """Only a playlist that we wrote is read as one."""
    trap = tmp_path / "original.mp4"
    trap.write_text(f"#EXTM3U\n#EXTINF:14,\nfile:{turning}\n#EXT-X-ENDLIST\n")

    told = probing.look_apart("keyframes", trap, 0, 1_000, 14, tmp_path / "kept.mkv")

    assert told == {"pictures": 0}
    assert trap.name != segments.INDEX


def test_without_frames_taken_out_the_whole_is_looked_at(
    turning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "look_apart", lambda *_arguments: {"unreadable": ""})

    thumbnails.make(turning, 0, tmp_path, duration_ms=14_000)

    assert brightness(tmp_path, 14) == [False] * 8 + [True] * 6
    assert (tmp_path / thumbnails.POSTER).exists()


def test_a_long_meeting_has_a_picture_for_each_ten_seconds() -> None:
    lines = "".join(thumbnails.times(36_000_000, sheets=36)).splitlines()

    assert lines[-2:] == ["09:59:50.000 --> 10:00:00.000", "sprite-36.jpg#xywh=1440,810,160,90"]
    assert sum("-->" in line for line in lines) == math.ceil(36_000 / 10)


def test_what_cannot_be_written_is_said(turning: Path, tmp_path: Path, settings) -> None:
    settings.FFMPEG = str(tmp_path / "nothing")

    with pytest.raises(ffmpeg.TryAgain):
        thumbnails.make(turning, 0, tmp_path, duration_ms=14_000)
