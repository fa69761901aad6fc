"""Cutting stretches out of a package and joining them, in a process of its own.

    python -m meetings.media.splicing PLAN

PLAN is a file of JSON: `init`, `head` (the first segment of the package), `spans` (each with
`start_ms`, `end_ms` and its `files`), `target`, `is_piece`, `is_sound` (without the picture),
`about` and `threads`. It needs no Django. What is done so far is printed as numbers from 0 to 1, a
line for each, and at last one line of JSON.

Pictures are copied from where one begins anew (an IDR picture) to the end of a stretch. Those
before the first such place, and at the end those that rest on what comes after it, are encoded
again. So both ends are exact to one picture, and hardly any of it is made anew.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from .fragments import HEAD, NotFragments, clock_begins_at, split, tracks
from .h264 import NotH264
from .splicedpictures import Pictures, Sample, Stretch
from .splicedsound import Sound

# A file by itself begins with its index.
WHOLE = {"movflags": "faststart", "fflags": "+bitexact"}
# A piece of a playlist is one fragment on the package's own clock.
PIECE = {
    "movflags": "empty_moov+default_base_moof+frag_custom+skip_trailer",
    "use_editlist": "0",
    "fflags": "+bitexact",
}
# What a file of sound alone is called by its kind: others take it for a video without a picture.
SOUND = {"brand": "M4A "}
MILLISECOND = Fraction(1, 1_000)


class NotSpliced(Exception):
    """There is no picture in a stretch, or their order cannot be kept."""


class Chain:
    """Files one behind the other, read once from start to end, and counted."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.waiting, self.count = list(paths), 0
        self.open_now: BinaryIO | None = None

    def read(self, size: int = -1) -> bytes:
        while self.open_now or self.waiting:
            if self.open_now is None:
                self.open_now = self.waiting.pop(0).open("rb")
            if got := self.open_now.read(size):
                self.count += len(got)
                return got
            self.open_now.close()
            self.open_now = None
        return b""

    def close(self) -> None:
        if self.open_now is not None:
            self.open_now.close()


class Splice:
    """One file in the making, out of a plan (`Any`: JSON that `cutting` wrote)."""

    def __init__(self, plan: dict[str, Any], target: OutputContainer) -> None:
        self.plan, self.target = plan, target
        self.is_piece = plan["is_piece"]
        self.is_joined = len(plan["spans"]) > 1
        self.whole_ms = sum(span["end_ms"] - span["start_ms"] for span in plan["spans"])
        with Path(plan["head"]).open("rb") as file:
            head = file.read(HEAD)
        self.read_bytes = len(head)
        self.zero = clock_begins_at(Path(plan["init"]).read_bytes(), head)
        self.pictures: Pictures | None = None
        self.sound: Sound | None = None
        self.decoded_at: int | None = None
        self.begins: dict[int, Fraction] = {}  # of a piece: the second at which a track begins

    def make(self) -> dict[str, Any]:
        """Write the target, and tell what of it was copied."""
        for name, text in self.plan["about"].items():
            self.target.metadata[name] = text
        done_ms = 0
        for span in self.plan["spans"]:
            self._add(span, done_ms)
            done_ms += span["end_ms"] - span["start_ms"]
        if self.sound is not None:
            self._hear(self.sound.rest())
        return {
            "read_bytes": self.read_bytes,
            "copied": self.pictures.copied if self.pictures else 0,
            "encoded": self.pictures.encoded if self.pictures else 0,
        }

    def _add(self, span: dict[str, Any], done_ms: int) -> None:
        paths = [Path(path) for path in (self.plan["init"], *span["files"])]
        with contextlib.closing(Chain(paths)) as chain, av.open(chain, "r", format="mp4") as source:
            video = None if self.plan["is_sound"] else next(iter(source.streams.video), None)
            audio = next(iter(source.streams.audio), None)
            if not self.target.streams:
                self._begin(video, audio)
            start, end = (self.zero + span[name] * MILLISECOND for name in ("start_ms", "end_ms"))
            moved = Fraction(0) if self.is_piece else done_ms * MILLISECOND - start
            heard: list[Packet[Any]] = []
            samples = self._samples(source, audio, heard, (start, end), moved)
            if video is not None and self.pictures is not None:
                self._show(self.pictures, samples, (start, end), moved)
            for _sample in samples:  # behind the last picture there may be sound
                pass
            if self.sound is not None:
                self._hear(self.sound.stretch(heard, start, end))
            self.read_bytes += chain.count

    def _begin(self, video: VideoStream | None, audio: AudioStream | None) -> None:
        """Make the tracks like those of the package."""
        if video is not None:
            self.pictures = Pictures(video, threads=self.plan["threads"])
            track = self.target.add_stream_from_template(video)
            track.codec_context.extradata = self.pictures.configuration
        if audio is not None:
            heard = self.target.add_stream_from_template(audio)
            if self.is_joined:
                self.sound = Sound(audio)
                heard.codec_context.extradata = self.sound.encoder.extradata

    def _samples(
        self,
        source: InputContainer,
        audio: AudioStream | None,
        heard: list[Packet[Any]],
        span: tuple[Fraction, Fraction],
        moved: Fraction,
    ) -> Iterator[Sample]:
        """The pictures of a source. Sound goes its way meanwhile: written, or kept to be joined."""
        for packet in source.demux():
            if packet.pts is None or packet.dts is None or not packet.size:
                continue
            if packet.stream is not audio:
                data, duration = bytes(packet), packet.duration or 0
                yield Sample(data, packet.pts, packet.dts, duration, packet.is_keyframe)
            elif self._is_heard(packet, span):
                if self.is_joined:
                    heard.append(packet)
                else:
                    if self.plan["is_sound"]:  # no picture says when it is over
                        left = round((span[1] - packet.pts * packet.time_base) / packet.time_base)
                        packet.duration = min(packet.duration or left, left)
                    packet.pts = packet.dts = packet.pts + round(moved / packet.time_base)
                    self._hear([packet])

    def _is_heard(self, packet: Packet[Any], span: tuple[Fraction, Fraction]) -> bool:
        """Of a file by itself, the packet before the start too: decoders need it to come in."""
        begins = (packet.pts or 0) * packet.time_base
        lasts = (packet.duration or 0) * packet.time_base
        first = span[0] - lasts / 2 if self.is_piece else span[0] - 2 * lasts
        return bool(first < begins < span[1])

    def _show(
        self,
        pictures: Pictures,
        samples: Iterator[Sample],
        span: tuple[Fraction, Fraction],
        moved: Fraction,
    ) -> None:
        """Write pictures. The first is seen from the start on, the last until the end."""
        tick = pictures.tick
        stretch = Stretch(round(span[0] / tick), round(span[1] / tick))
        held: Sample | None = None
        for sample in pictures.cut(samples, stretch):
            if held is not None:
                self._write(pictures, held, stretch.start, round(moved / tick))
            held = sample
        if held is None:
            raise NotSpliced
        held.duration = max(stretch.end - held.pts, 1)
        self._write(pictures, held, stretch.start, round(moved / tick))

    def _write(self, pictures: Pictures, sample: Sample, start: int, moved: int) -> None:
        pts = max(sample.pts, start) + moved
        dts = (sample.pts - pictures.delay if sample.dts is None else sample.dts) + moved
        if self.decoded_at is not None:
            dts = max(dts, self.decoded_at + 1)
        if dts > pts:
            raise NotSpliced
        self.decoded_at = dts
        packet = Packet(sample.data)
        packet.pts, packet.dts, packet.duration = pts, dts, sample.duration
        packet.time_base, packet.is_keyframe = pictures.tick, sample.is_key
        self._put(packet, self.target.streams.video[0])
        if not self.is_piece:
            print(min(float(pts * pictures.tick) * 1_000 / self.whole_ms, 1.0), flush=True)

    def _hear(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._put(packet, self.target.streams.audio[0])

    def _put(self, packet: Packet[Any], track: VideoStream | AudioStream) -> None:
        if self.is_piece:  # each track begins at 0, and is put on its clock afterwards
            first = self.begins.setdefault(track.index, (packet.dts or 0) * packet.time_base)
            ticks = round(first / packet.time_base)
            packet.pts, packet.dts = (packet.pts or 0) - ticks, (packet.dts or 0) - ticks
        packet.stream = track
        self.target.mux_one(packet)

    def beginnings(self) -> dict[int, int]:
        """When each track of a piece begins, by its number in the file, in its ticks."""
        return {
            track.index + 1: round(self.begins[track.index] / track.time_base)
            for track in self.target.streams
            if track.time_base is not None and track.index in self.begins
        }


def splice(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out a plan. Raises NotSpliced, NotH264, NotFragments, av.FFmpegError and OSError."""
    ticks = [track.tick for track in tracks(Path(plan["init"]).read_bytes()).values()]
    # When tracks begin is written in ticks of the file: they are to fit those of every track.
    exact = {"movie_timescale": str(min(lcm(*(tick.denominator for tick in ticks)), 2**31 - 1))}
    options = PIECE if plan["is_piece"] else WHOLE | exact | (SOUND if plan["is_sound"] else {})
    with av.open(plan["target"], "w", format="mp4", options=options) as target:
        splicing = Splice(plan, target)
        told = splicing.make()
        begins = splicing.beginnings()
    if plan["is_piece"]:
        path = Path(plan["target"])
        first, media = split(path.read_bytes(), begins)
        path.write_bytes(first + media)
        told["init_bytes"] = len(first)
    return told


if __name__ == "__main__":
    try:
        answer = splice(json.loads(Path(sys.argv[1]).read_text()))
    except OSError as error:  # PyAV's are among them; a number tells a full disk
        answer = {"failed": type(error).__name__, "errno": error.errno}
    except (NotSpliced, NotH264, NotFragments, av.FFmpegError, ValueError) as error:
        answer = {"failed": type(error).__name__}
    print(json.dumps(answer), flush=True)
