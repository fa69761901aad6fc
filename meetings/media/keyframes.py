"""Key frames at even distances, taken out of a video in a process of its own.

    python -m meetings.media.keyframes FILE STREAM EVERY_MS COUNT TARGET

TARGET becomes a Matroska file with at most COUNT key frames: for each time that is a multiple of
EVERY_MS, the last one before it. Nothing is decoded, and where the file has an index, little of it
is read. It needs no Django, and prints one line of JSON: how many pictures were found.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from .containers import SAFELY
from .segments import INDEX

MILLISECONDS = Fraction(1, 1_000)
OURS = {"protocol_whitelist": "file"}  # a playlist that we wrote ourselves


def take(path: str, number: int, every_ms: int, count: int, target: str) -> int:
    """Write the key frames, and say how many there are."""
    taken = 0
    options = OURS if Path(path).name == INDEX else SAFELY  # no original has this name
    with (
        av.open(f"file:{path}", options=options) as file,
        av.open(target, "w", format="matroska") as kept,
    ):
        video = file.streams[number]
        if not isinstance(video, VideoStream):
            return 0
        copy = kept.add_stream_from_template(video)
        for place, packet in _spread(file, video, every_ms, count):
            packet.stream = copy
            packet.time_base = MILLISECONDS
            packet.pts = packet.dts = place * every_ms
            kept.mux(packet)
            taken += 1
    return taken


def _spread(
    file: InputContainer, video: VideoStream, every_ms: int, count: int
) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """Which picture belongs to which place. Places that the one before serves too are left out."""
    first_us, before = file.start_time or 0, None
    for place in range(count):
        try:
            file.seek(first_us + place * every_ms * 1_000, backward=True)
            packet = next((one for one in file.demux(video) if one.is_keyframe and one.size), None)
        except av.FFmpegError:
            continue  # what is damaged here may be whole further on
        if packet is None or packet.pts is None or packet.pts == before:
            continue
        before = packet.pts
        yield place, packet


if __name__ == "__main__":
    source, stream, every, most, written = sys.argv[1:]
    try:
        found = take(source, int(stream), int(every), int(most), written)
    except (av.FFmpegError, OSError, ValueError, IndexError):
        found = 0
    print(json.dumps({"pictures": found}))
