"""Every kind of package is accepted by ffprobe where it is there, and by our own strict reader."""

import subprocess
from pathlib import Path

import pytest

from meetings.media import ffmpeg, packaging, segments
from meetings.media.probing import probe
from tests.meetings.media.factories import AAC, H264, make
from tests.meetings.media.playlists import FFPROBE, check_playlist, probed

pytestmark = pytest.mark.slow

KINDS: dict[str, tuple[str, ...]] = {
    "copied.mp4": (*H264, *AAC),
    "copied.mkv": (*H264, *AAC),
    "copied.ts": (*H264, *AAC),
    "copied-b-frames.mp4": (*H264, "-bf", "2", *AAC),
    "picture-copied.mkv": (*H264, "-c:a", "mp3"),
    "sound-copied.mkv": ("-c:v", "mpeg4", *AAC),
    "encoded.avi": ("-c:v", "mpeg4", "-c:a", "mp3"),
    "encoded.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "uneven.mp4": ("-vf", "select='not(mod(n,3))+gt(t,3)'", "-fps_mode", "vfr", *H264, *AAC),
    "odd-size.mkv": ("-vf", "scale=161:91", "-c:v", "mpeg4", *AAC),
    "sound.mp3": ("-vn",),
    "sound.m4a": ("-vn", *AAC),
    "sound.flac": ("-vn",),
}


@pytest.fixture(scope="module", params=KINDS)
def package(
    request: pytest.FixtureRequest, made: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    name: str = request.param
    path = make(made / name, *KINDS[name], "-t", "14")
    folder = tmp_path_factory.mktemp("package")
    packaging.build(path, probe(path), folder)
    return name, folder


def test_our_strict_reader_accepts_it(package: tuple[str, Path]) -> None:
    name, folder = package

    lengths = check_playlist(folder)

    assert sum(lengths) == pytest.approx(14, abs=0.4), name
    assert len(lengths) <= 4


def test_so_it_does_as_players_get_it(package: tuple[str, Path]) -> None:
    name, folder = package
    ends = segments.read_ends(folder)

    served = "".join(segments.playlist(ends, base="/playback/token/"))

    assert check_playlist(folder, served) == pytest.approx(check_playlist(folder), abs=0.002), name


@pytest.mark.skipif(FFPROBE is None, reason="there is no ffprobe here (Debian: ffmpeg)")
@pytest.mark.parametrize("whose", ["ffmpeg's", "ours"])
def test_ffprobe_accepts_it(whose: str, package: tuple[str, Path]) -> None:
    name, folder = package
    playlist = folder / segments.INDEX
    if whose == "ours":
        playlist = folder / "served.m3u8"
        playlist.write_text("".join(segments.playlist(segments.read_ends(folder), base="")))

    told = probed(playlist)

    kinds = {stream["codec_type"]: stream for stream in told["streams"]}
    assert kinds["audio"]["codec_name"] == "aac"
    assert ("video" in kinds) is not name.startswith("sound.")
    if "video" in kinds:
        assert kinds["video"]["codec_name"] == "h264"
        assert kinds["video"]["pix_fmt"] in {"yuv420p", "yuvj420p"}
    assert all(int(stream["nb_read_packets"]) > 0 for stream in kinds.values())
    duration = float(told["format"]["duration"])
    assert duration == pytest.approx(14, abs=0.4)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("#EXT-X-ENDLIST", ""),
        lambda text: text.replace('URI="init.mp4"', 'URI="other.mp4"'),
        lambda text: text.replace("TARGETDURATION:6", "TARGETDURATION:3"),
        lambda text: text.replace("1.m4s", "2.m4s"),
        lambda text: "\n" + text,
    ],
)
def test_the_strict_reader_sees_what_is_wrong(damage, council: Path, tmp_path: Path) -> None:
    packaging.build(council, probe(council), tmp_path)
    text = (tmp_path / segments.INDEX).read_text()
    assert damage(text) != text

    with pytest.raises((AssertionError, KeyError, FileNotFoundError, IndexError)):
        check_playlist(tmp_path, damage(text))


def test_the_strict_reader_sees_a_segment_without_a_key_frame(
    council: Path, tmp_path: Path
) -> None:
    packaging.build(council, probe(council), tmp_path)
    subprocess.run(  # a second before the key frame, so that the segments begin without one
        [
            *(ffmpeg.executable(), "-loglevel", "error", "-y", "-i", str(council), "-c", "copy"),
            *("-f", "hls", "-hls_time", "5", "-hls_flags", "split_by_time"),
            *("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
            *("-hls_segment_filename", "%d.m4s", "index.m3u8"),
        ],
        cwd=tmp_path,
        check=True,
    )
    text = (tmp_path / segments.INDEX).read_text()
    marked = text.replace("#EXTINF", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXTINF", 1)

    with pytest.raises(AssertionError, match=r"\.m4s"):
        check_playlist(tmp_path, marked)
