"""A strict reader of playlists and their files, and ffprobe's word on them where it is there."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av

FFPROBE = shutil.which("ffprobe")


def check_playlist(package: Path, text: str | None = None) -> list[float]:
    """Hold a playlist and its files to RFC 8216, by our own reading. The lengths of its segments.

    `text` is the playlist as players get it, with addresses that end in the files' names; else the
    one in the folder is taken.
    """
    lines = (text if text is not None else (package / "index.m3u8").read_text()).splitlines()
    assert lines[0] == "#EXTM3U"  # 4.3.1.1
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in lines
    assert text is None or "#EXT-X-INDEPENDENT-SEGMENTS" in lines  # ffmpeg's own may leave it out
    tags = dict(line[1:].split(":", 1) for line in lines if ":" in line and line[0] == "#")
    assert int(tags["EXT-X-VERSION"]) >= 7  # 7: EXT-X-MAP without I-frames only, from 6 on
    init = re.fullmatch(r'URI="(?:[^"]*/)?([^"/]+)"', tags["EXT-X-MAP"])
    assert init is not None
    assert init[1] == "init.mp4"
    lengths = [float(line[8:].split(",")[0]) for line in lines if line.startswith("#EXTINF:")]
    names = [line.rsplit("/", 1)[-1] for line in lines if line and line[0] != "#"]
    assert names == [f"{number}.m4s" for number in range(len(lengths))]
    target = int(tags["EXT-X-TARGETDURATION"])
    assert all(round(length) <= target for length in lengths)  # 4.3.3.1
    head = (package / "init.mp4").read_bytes()
    assert head[4:8] == b"ftyp"
    _check_segments(package, head, names, lengths)
    return lengths


def _check_segments(package: Path, head: bytes, names: list[str], lengths: list[float]) -> None:
    """Each can be read with the init segment alone, begins with a key frame, and follows on."""
    end_before = 0.0
    for name, length in zip(names, lengths, strict=True):
        with av.open(io.BytesIO(head + (package / name).read_bytes()), format="mp4") as file:
            first = file.streams.video[0] if file.streams.video else file.streams.audio[0]
            packets = [p for p in file.demux(first) if p.size and p.pts is not None]
        assert packets, name
        assert packets[0].is_keyframe, name
        start = min(float(p.pts * p.time_base) for p in packets)
        end = max(float((p.pts + (p.duration or 0)) * p.time_base) for p in packets)
        if name != names[0]:
            assert abs(start - end_before) < 0.6, name
        assert end - start < length + 1.5, name
        end_before = end


def probed(playlist: Path) -> dict[str, Any]:
    """What ffprobe reads of a playlist and its files. It complains of nothing."""
    assert FFPROBE is not None
    told = subprocess.run(
        [
            *(FFPROBE, "-v", "warning", "-of", "json", "-show_streams", "-show_format"),
            *("-count_packets", str(playlist)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    read: dict[str, Any] = json.loads(told.stdout)
    return read
