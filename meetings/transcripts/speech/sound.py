"""Sound: a recording as pieces of samples on its own clock, however long it is.

A model wants the whole sound in memory. Four hours would take several gigabytes, so it is given
pieces of five minutes at most, cut where hardly anything can be heard.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from meetings.media.containers import SAFELY

RATE = 16_000  # samples a second, one channel: what models of the Whisper family hear
PIECE_MS = 300_000
# A piece ends at the quietest half second of its last so many.
CUT_MS, QUIET_MS = 30_000, 500
# The stream's times are believed where they leave a gap of more than this; below it they round.
GAP_MS = 250
LONGEST_MS = 48 * 3_600_000

Samples = NDArray[np.float32]


class Unhearable(Exception):
    """No sound can be read from the recording. The message is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of sound between -1 and 1, and when it begins on the recording's clock."""

    start_ms: int
    samples: Samples

    @property
    def end_ms(self) -> int:
        return self.start_ms + len(self.samples) * 1000 // RATE


def pieces(file: IO[bytes], *, from_ms: int = 0, piece_ms: int = PIECE_MS) -> Iterator[Piece]:
    """The sound from a time on, without a gap, in pieces of `piece_ms` at most.

    The same file from the same time gives the same pieces. What comes before is decoded too: only
    so is the place exact. Raises Unhearable.
    """
    at = from_ms * RATE // 1000
    skip, size = at, piece_ms * RATE // 1000
    held: list[NDArray[np.int16]] = []
    length = 0
    for block in _blocks(file):
        rest = block[skip:]
        skip -= len(block) - len(rest)
        held.append(rest)
        length += len(rest)
        while length >= size:
            whole = np.concatenate(held)
            cut = quietest(whole[:size])
            yield _piece(at, whole[:cut])
            at += cut
            held, length = [whole[cut:]], length - cut
    if length:
        yield _piece(at, np.concatenate(held))


def samples_at(file: IO[bytes], *, places_ms: Sequence[int], lasting_ms: int) -> Iterator[Samples]:
    """The sound at some places, about where they are said to be. Raises Unhearable."""
    for place in places_ms:
        file.seek(0)
        with _opened(file) as container:
            stream = _stream(container)
            if place:
                try:
                    container.seek((container.start_time or 0) + place * 1000)
                except av.FFmpegError:
                    continue
            blocks: list[NDArray[np.int16]] = []
            length, wanted = 0, lasting_ms * RATE // 1000
            for block in _resampled(container, stream, keeps_time=False):
                blocks.append(block)
                length += len(block)
                if length >= wanted:
                    break
            if blocks:
                yield _floats(np.concatenate(blocks)[:wanted])


def quietest(samples: NDArray[np.int16]) -> int:
    """Where to cut near the end: the middle of the quietest half second, or the end."""
    step = RATE // 100
    tail = samples[max(len(samples) // 2, len(samples) - CUT_MS * RATE // 1000) :]
    frames = len(tail) // step
    width = QUIET_MS * RATE // 1000 // step
    if frames <= width:
        return len(samples)
    energy = (tail[: frames * step].astype(np.float64) ** 2).reshape(frames, step).sum(axis=1)
    smooth = np.convolve(energy, np.ones(width), mode="valid")
    middle = (len(smooth) - 1 - int(np.argmin(smooth[::-1]))) + width // 2
    return len(samples) - len(tail) + middle * step


def loudness(samples: Samples) -> float:
    """The mean level in dB below the loudest that can be stored; -120 for silence."""
    if not len(samples):
        return -120.0
    power = float(np.mean(samples.astype(np.float64) ** 2))
    return float(max(-120.0, 10 * np.log10(power + 1e-12)))


def _piece(at: int, samples: NDArray[np.int16]) -> Piece:
    return Piece(at * 1000 // RATE, _floats(samples))


def _floats(samples: NDArray[np.int16]) -> Samples:
    return samples.astype(np.float32) / np.float32(32_768)


def _blocks(file: IO[bytes]) -> Iterator[NDArray[np.int16]]:
    with _opened(file) as container:
        yield from _resampled(container, _stream(container), keeps_time=True)


def _opened(file: IO[bytes]) -> InputContainer:
    try:
        return av.open(file, "r", options=SAFELY, metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Unhearable(_("The recording cannot be read.")) from error


def _stream(container: InputContainer) -> AudioStream:
    """The sound that is packaged too: the first that can be decoded."""
    for stream in container.streams.audio:
        if stream.codec_context is not None and stream.codec_context.sample_rate:
            return stream
    raise Unhearable(_("The recording has no sound that can be decoded."))


def _resampled(
    container: InputContainer, stream: AudioStream, *, keeps_time: bool
) -> Iterator[NDArray[np.int16]]:
    """The stream as samples. With `keeps_time`, a gap in its times is filled with silence."""
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    zero_s = (container.start_time or 0) / 1_000_000
    told_s = 0.0  # how much the frames so far last, with the gaps between them
    for frame in _frames(container, stream):
        if keeps_time and frame.time is not None:
            gap_s = frame.time - zero_s - told_s
            if gap_s * 1000 > GAP_MS:
                if frame.time - zero_s > LONGEST_MS / 1000:
                    return
                yield from _silence(round(gap_s * RATE))
                told_s += gap_s
            elif gap_s * 1000 < -GAP_MS:  # its clock was set back: what follows, follows
                zero_s += gap_s
        told_s += frame.samples / frame.sample_rate
        frame.pts = None
        yield from _arrays(resampler.resample(frame))
    yield from _arrays(resampler.resample(None))


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """What can be decoded. A damaged packet is passed over; a file that breaks off ends there."""
    decoded = container.decode(stream)
    while True:
        try:
            yield next(decoded)
        except StopIteration:
            return
        except av.error.InvalidDataError:
            continue
        except av.FFmpegError:
            return


def _silence(length: int) -> Iterator[NDArray[np.int16]]:
    while length > 0:
        part = min(length, RATE * 60)
        yield np.zeros(part, dtype=np.int16)
        length -= part


def _arrays(frames: Sequence[Any]) -> Iterator[NDArray[np.int16]]:
    """`Any`: what the resampler returns has no useful type."""
    for frame in frames:
        if frame.samples:
            yield frame.to_ndarray().reshape(-1)
