"""The pictures of a stretch: as many as can be are copied, the others are encoded again.

What is encoded has parameter sets of its own, with a number that the recording does not use. They
stand beside the recording's in the configuration of the track, so that any decoder of H.264 shows
both, one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.codec.context import Flags
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from . import h264
from .h264 import NotH264

QUALITY = ("veryfast", "18")  # preset and CRF: a few seconds, which are to look like the rest
PROFILES = {66: "baseline", 77: "main"}
ROUNDED = Fraction(1, 1_000)
"""Ends are told in whole milliseconds, so a picture may begin so much beside them."""


@dataclass(slots=True)
class Sample:
    """A packet of a track, in ticks of its clock. What is encoded has no place to be decoded at."""

    data: bytes
    pts: int
    dts: int | None
    duration: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Half-open, in ticks of a track."""

    start: int
    end: int


class Pictures:
    """The video track of a package, from which stretches are taken."""

    def __init__(self, source: VideoStream, *, threads: int) -> None:
        """Raises NotH264 where the track cannot be read, or leaves no number for our sets."""
        told = source.codec_context
        if source.time_base is None or told.extradata is None or told.pix_fmt is None:
            raise NotH264  # not a picture of it can be read
        self.tick: Fraction = source.time_base
        self.threads = threads
        self.told = told
        self.rate = source.average_rate or source.guessed_rate or Fraction(30)
        self.theirs = h264.read(bytes(told.extradata))
        self.number = self.theirs.free_number()
        encoder = self._encoder()
        self.ours = h264.of_encoder(bytes(encoder.extradata or b""))
        self.configuration = h264.written(self.theirs, self.ours)
        self.rounded = int(ROUNDED / self.tick)
        self.delay = 0  # between decoding and showing, in ticks, as the recording has it
        self.copied = self.encoded = 0

    def cut(self, samples: Iterator[Sample], stretch: Stretch) -> Iterator[Sample]:
        """The pictures that are seen in a stretch, in the order in which they are decoded.

        The first may begin before it, where it is the one that is seen when it begins.
        """
        for group, ends in self._groups(samples):
            self.delay = self.delay or group[0].pts - (group[0].dts or 0)
            if group[0].pts >= stretch.end - self.rounded:
                return
            seen = self._seen(group, ends, stretch)
            if not seen:
                continue
            count = 0
            if seen[0] is group[0] and self._stands_alone(group[0]):
                count = _decodable(group, seen)
            self.copied += count
            yield from group[:count]
            if rest := seen[count:]:
                self.encoded += len(rest)
                yield from self._encode(group, rest)

    def _groups(self, samples: Iterator[Sample]) -> Iterator[tuple[list[Sample], int]]:
        """Packets from one place where pictures begin anew to the next, and when that one is."""
        group: list[Sample] = []
        for sample in samples:
            if sample.is_key and h264.begins_anew(sample.data, self.theirs.length_size):
                if group:
                    yield _told_apart(group), sample.pts
                group = [sample]
            elif group or sample.is_key:  # what comes before any key frame, nothing shows
                group.append(sample)
        if group:
            yield _told_apart(group), max(one.pts + one.duration for one in group)

    def _seen(self, group: Sequence[Sample], ends: int, stretch: Stretch) -> list[Sample]:
        """In the order in which they are seen."""
        shown = sorted(group, key=lambda one: one.pts)
        following = [*(one.pts for one in shown[1:]), max(ends, shown[-1].pts + 1)]
        first, last = stretch.start + self.rounded, stretch.end - self.rounded
        return [
            one
            for one, until in zip(shown, following, strict=True)
            if until > first and one.pts < last
        ]

    def _stands_alone(self, sample: Sample) -> bool:
        """Nothing is needed to show it but itself and the track's configuration."""
        size = self.theirs.length_size
        return h264.begins_anew(sample.data, size) and (
            h264.brings_sets(sample.data, size) <= self.theirs.sets
        )

    def _encode(self, group: Sequence[Sample], wanted: Sequence[Sample]) -> Iterator[Sample]:
        """Decode what is needed of a group, and make these pictures anew."""
        until = max(group.index(one) for one in wanted) + 1
        times = {one.pts: one.duration for one in wanted}
        encoder = self._encoder()
        for frame in self._decoded(group[:until]):
            if frame.pts in times:
                yield from self._samples(encoder.encode(self._plain(frame)), times)
        yield from self._samples(encoder.encode(None), times)

    def _decoded(self, samples: Sequence[Sample]) -> Iterator[VideoFrame]:
        decoder: Any = av.CodecContext.create("h264", "r")  # `Any`: its type knows no decoding
        decoder.extradata = self.told.extradata
        decoder.thread_count = self.threads
        for sample in samples:
            packet = Packet(sample.data)
            packet.pts, packet.dts, packet.time_base = sample.pts, sample.dts, self.tick
            yield from decoder.decode(packet)
        yield from decoder.decode(None)

    def _plain(self, frame: VideoFrame) -> VideoFrame:
        pts = frame.pts
        told = self.told
        if (frame.format.name, frame.width, frame.height) != (
            *(told.pix_fmt, told.width, told.height),
        ):
            frame = frame.reformat(told.width, told.height, told.pix_fmt)
        frame.pts, frame.time_base = pts, self.tick
        frame.pict_type = PictureType.NONE  # the encoder chooses
        return frame

    def _samples(self, packets: Sequence[Packet[Any]], times: dict[int, int]) -> Iterator[Sample]:
        for packet in packets:
            data = h264.as_packet(bytes(packet), self.theirs.length_size)
            pts = packet.pts or 0
            yield Sample(data, pts, None, times.get(pts, 0), packet.is_keyframe)

    def _encoder(self) -> VideoCodecContext:
        """One whose pictures look like the recording's and name sets of their own."""
        told, (preset, quality) = self.told, QUALITY
        encoder = VideoCodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = told.width, told.height, told.pix_fmt
        encoder.time_base, encoder.framerate = self.tick, self.rate
        if told.sample_aspect_ratio:
            encoder.sample_aspect_ratio = told.sample_aspect_ratio
        encoder.color_range, encoder.colorspace = told.color_range, told.colorspace
        encoder.color_primaries, encoder.color_trc = told.color_primaries, told.color_trc
        encoder.thread_count = self.threads
        encoder.flags |= Flags.global_header
        own = f"sps-id={self.number}:bframes=0:keyint=infinite:scenecut=0:stitchable=1:aud=0"
        encoder.options = {
            "preset": preset,
            "crf": quality,
            "profile": PROFILES.get(self.theirs.profile, "high"),
            "x264-params": own,
        }
        encoder.open()
        return encoder


def _told_apart(group: list[Sample]) -> list[Sample]:
    """The group, in which no two pictures are seen at the same time.

    Where a segment begins with a key picture that is seen only after the next one or two (an open
    group), ffmpeg writes that it is seen as soon as those.
    """
    times = Counter(one.pts for one in group)
    for one in group:
        while one.is_key and times[one.pts] > 1 and one.duration > 0:
            times[one.pts] -= 1
            one.pts += one.duration
            times[one.pts] += 1
    return group


def _decodable(group: Sequence[Sample], seen: Sequence[Sample]) -> int:
    """How many packets from the start are exactly the first pictures that are seen.

    A decoder that gets these and no more shows these and no more: a picture that rests on a later
    one is not among them.
    """
    for count in range(min(len(seen), len(group)), 0, -1):
        if max(one.pts for one in group[:count]) <= seen[count - 1].pts:
            return count
    return 0
