"""The sound of stretches that are joined: decoded, cut to the sample, and encoded as one.

Packets of AAC last some twenty milliseconds and overlap, so between two stretches they cannot be
joined without a click or a shift. Each stretch comes in and goes out within a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.packet import Packet
from numpy.typing import NDArray

FADE_S = Fraction(5, 1_000)
BITRATE = 64_000  # for each channel
LAYOUTS = {1: "mono", 2: "stereo"}

Samples = NDArray[np.float32]
"""A row for each channel, between -1 and 1."""


class Sound:
    """The sound track of a package, from which stretches are taken and encoded together."""

    def __init__(self, source: AudioStream) -> None:
        told = source.codec_context
        self.rate, self.channels = told.sample_rate, told.channels
        self.layout = LAYOUTS.get(self.channels, told.layout.name)
        self.extradata = told.extradata
        self.written = 0
        self.encoder = AudioCodecContext.create("aac", "w")
        self.encoder.sample_rate, self.encoder.layout = self.rate, self.layout
        self.encoder.format = "fltp"
        self.encoder.time_base = Fraction(1, self.rate)
        self.encoder.bit_rate = BITRATE * self.channels
        self.encoder.flags |= Flags.global_header
        self.encoder.open()

    def stretch(
        self, packets: list[Packet[Any]], start: Fraction, end: Fraction
    ) -> Iterator[Packet[Any]]:
        """Add a stretch, in seconds of the packets' clock, as long as it is to the sample."""
        length = round((end - start) * self.rate)
        heard = np.zeros((self.channels, length), dtype=np.float32)
        for at, samples in self._decoded(packets):
            place = round((at - start) * self.rate)
            first, last = max(place, 0), min(place + samples.shape[1], length)
            if first < last:
                heard[:, first:last] = samples[:, first - place : last - place]
        yield from self._encode(_faded(heard, self.rate))

    def rest(self) -> Iterator[Packet[Any]]:
        yield from self.encoder.encode(None)

    def _decoded(self, packets: list[Packet[Any]]) -> Iterator[tuple[Fraction, Samples]]:
        """Samples, and the second at which they begin."""
        decoder: Any = av.CodecContext.create("aac", "r")  # `Any`: its type knows no decoding
        decoder.extradata = self.extradata
        resampler = av.AudioResampler(format="fltp", layout=self.layout, rate=self.rate)
        for packet in [*packets, None]:
            for frame in decoder.decode(packet):
                at = frame.pts * frame.time_base
                for plain in resampler.resample(frame):
                    yield at, plain.to_ndarray().astype(np.float32, copy=False)

    def _encode(self, samples: Samples) -> Iterator[Packet[Any]]:
        step = self.rate  # a second at a time; the encoder keeps what is no whole packet
        for at in range(0, samples.shape[1], step):
            some = np.ascontiguousarray(samples[:, at : at + step])
            frame = AudioFrame.from_ndarray(some, format="fltp", layout=self.layout)
            frame.sample_rate, frame.time_base = self.rate, Fraction(1, self.rate)
            frame.pts = self.written
            self.written += some.shape[1]
            yield from self.encoder.encode(frame)


def _faded(samples: Samples, rate: int) -> Samples:
    count = min(int(FADE_S * rate), samples.shape[1] // 2)
    if count:
        rise = np.linspace(0, 1, count, dtype=np.float32)
        samples[:, :count] *= rise
        samples[:, -count:] *= rise[::-1]
    return samples
