"""Clips: a file of 60 seconds out of three hours of H.264 and AAC.

Method, in one run:

- three hours of 720p are made (30 seconds, encoded once and repeated by copying; `--quick`: ten
  minutes of 360p), or the first video under `--data DIR` is taken, and packaged as the worker does
  it. The encoder places key frames as it does by default, up to 250 pictures apart, so that there
  is something to encode at the start of nearly every clip;
- at three places (`--quick`: one), none of them a key frame, 60 seconds are cut as the worker does
  it, starting its process included, and encoded anew by ffmpeg out of the original with the preset
  and the quality that the ends of our clips are encoded with. What is compared is the sum of each;
- *exact to one frame*: first and last picture of each clip are hashed (1,024 bits: is a point
  brighter than its neighbor?) and compared with the original's pictures from ten before to ten
  after. The nearest must be the one that the original shows at that time;
- *sound in its place*: the first and the last ten seconds of a clip are laid over the original's
  sound and moved until they fit best (cross-correlation, up to 100 ms to each side);
- the bytes that were read are counted, and so are the pictures that were copied.

No database is needed. The last line is JSON.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = Path(tempfile.mkdtemp(prefix="bench-clips-"))
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DATABASE_URL", "postgres://nobody:none@127.0.0.1:1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ["MEDIA_ROOT"] = str(FOLDER / "media")

import django

django.setup()

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from meetings.media import cutting, ffmpeg, packaging, probing, storage
from meetings.media.models import Recording, State
from meetings.media.splicedpictures import QUALITY

BUDGET_RATIO, BUDGET_AUDIO_MS = 10.0, 20.0
CLIP_MS, PLACES = 60_000, 3
PIECE_S, WHOLE_S, QUICK_S = 30, 3 * 3600, 10 * 60
VIDEOS = {".mp4", ".mov", ".mkv", ".m4v"}
RATE = 48_000
AROUND = 10
MOST_MS = 100

Bits = NDArray[np.bool_]


def make(seconds: int, size: str) -> Path:
    """Noise over a moving test picture, and noise to hear: no moment is like another."""
    piece, whole = FOLDER / "piece.mp4", FOLDER / "whole.mp4"
    encode = [
        *("-f", "lavfi", "-i", f"testsrc2=s={size}:r=30,noise=alls=12:allf=t"),
        *("-f", "lavfi", "-i", f"anoisesrc=r={RATE}:a=0.4:seed=5,lowpass=f=4000"),
        *("-t", str(PIECE_S), "-c:v", "libx264", "-preset", "veryfast", "-b:v", "900k"),
        *("-maxrate", "900k", "-bufsize", "2M", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "96k", str(piece)),
    ]
    repeat = ["-stream_loop", str(seconds // PIECE_S - 1), "-i", str(piece), "-c", "copy"]
    for options in (encode, [*repeat, str(whole)]):
        run(*options)
    return whole


def run(*options: str) -> None:
    command = [ffmpeg.executable(), "-loglevel", "error", "-nostdin", "-y", *options]
    subprocess.run(command, check=True)


def package(original: Path) -> Recording:
    """A recording as the site has it, but for its row."""
    facts = probing.probe(original)
    recording = Recording(
        key=uuid.uuid4(), state=State.READY, package_version=1, duration_ms=facts.duration_ms
    )
    folder = storage.package_of(recording.key, 1)
    folder.mkdir(parents=True)
    recording.segment_ends_ms = packaging.build(original, facts, folder).segment_ends_ms
    return recording


def hashed(frame: av.VideoFrame) -> Bits:
    """A difference hash of 32 × 32 bits."""
    small = frame.reformat(33, 32, "gray").to_ndarray()[:, :33].astype(int)
    bits: Bits = (small[:, 1:] > small[:, :-1]).ravel()
    return bits


def pictures(path: Path, start: float, end: float) -> list[tuple[float, Bits]]:
    """Seconds and hashes of the pictures in this time, as they are shown."""
    found = []
    with av.open(str(path)) as file:
        video = file.streams.video[0]
        video.thread_type = "AUTO"
        file.seek(max(int((start - 1) * 1_000_000), 0), backward=True)
        for frame in file.decode(video):
            at = float(frame.time or 0)
            if at > end:
                break
            if at >= start:
                found.append((at, hashed(frame)))
    return found


def is_exact(clip: Path, original: Path, span: tuple[int, int]) -> tuple[bool, bool]:
    """Whether the first and the last picture of a clip are those of the original."""
    start, end = (at / 1000 for at in span)
    length = end - start
    answers = []
    shown = [pictures(clip, 0, 1)[0], pictures(clip, length - 1, length + 1)[-1]]
    for (_at, found), at in zip(shown, (start, end), strict=True):
        near = pictures(original, max(at - 0.5, 0), at + 0.5)
        is_first = at == start
        # The one that is shown at the start; the last that begins before the end.
        here = max(
            place
            for place, (begins, _bits) in enumerate(near)
            if begins <= at + 0.001 and (is_first or begins < at - 0.001)
        )
        around = range(max(here - AROUND, 0), min(here + AROUND + 1, len(near)))
        answers.append(min(around, key=lambda one: int((near[one][1] ^ found).sum())) == here)
    return answers[0], answers[1]


def sound(path: Path, start: float, seconds: float) -> NDArray[np.float32]:
    """So much of a file's sound, from a second on."""
    wanted = np.zeros(round(seconds * RATE), dtype=np.float32)
    resampler = AudioResampler("flt", "mono", RATE)
    with av.open(str(path)) as file:
        audio = file.streams.audio[0]
        file.seek(max(int((start - 1) * 1_000_000), 0), backward=True)
        for frame in file.decode(audio):
            begins = round(((frame.pts or 0) * (frame.time_base or Fraction(1)) - start) * RATE)
            if begins >= len(wanted):
                break
            for plain in resampler.resample(frame):
                samples = plain.to_ndarray()[0]
                first, last = max(begins, 0), min(begins + len(samples), len(wanted))
                if first < last:
                    wanted[first:last] = samples[first - begins : last - begins]
    return wanted


def offset_ms(clip: Path, original: Path, at_ms: int, start_ms: int) -> float:
    """By how much ten seconds of a clip lie beside the original's sound."""
    seconds, most = 10, RATE * MOST_MS // 1000
    ours = sound(clip, at_ms / 1000, seconds)
    theirs = sound(original, (start_ms + at_ms - MOST_MS) / 1000, seconds + 2 * MOST_MS / 1000)
    size = 1 << (len(theirs) + len(ours)).bit_length()
    crossed = np.fft.irfft(np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(ours, size)), size)
    return (most - int(np.argmax(crossed[: 2 * most + 1]))) / RATE * 1000


def measure(asked: argparse.Namespace) -> int:
    ffmpeg.NICE = 0  # both sides are to have the same of the processor
    given = sorted(p for p in asked.data.rglob("*") if p.suffix in VIDEOS) if asked.data else []
    places = 1 if asked.quick else PLACES
    made = (QUICK_S, "640x360") if asked.quick else (WHOLE_S, "1280x720")
    original = given[0] if given else make(*made)
    recording = package(original)
    whole_ms = recording.duration_ms or 0
    size = sum(storage.sizes(recording.key, 1).values())
    ours_s = again_s = 0.0
    read, copied, encoded = 0, 0, 0
    exact: list[bool] = []
    offsets: list[float] = []
    for place in range(places):
        start_ms = (whole_ms - CLIP_MS) * (place + 1) // (places + 1) // 100 * 100 + 1_237
        span = (start_ms, start_ms + CLIP_MS)
        clip, again = FOLDER / f"clip-{place}.mp4", FOLDER / f"again-{place}.mp4"
        begun = time.perf_counter()
        cut = cutting.cut(recording, [span], clip)
        ours_s += time.perf_counter() - begun
        preset, quality = QUALITY
        begun = time.perf_counter()
        run(
            *("-ss", f"{start_ms / 1000}", "-i", str(original), "-t", str(CLIP_MS // 1000)),
            *("-c:v", "libx264", "-preset", preset, "-crf", quality, "-c:a", "aac", str(again)),
        )
        again_s += time.perf_counter() - begun
        read, copied, encoded = read + cut.read_bytes, copied + cut.copied, encoded + cut.encoded
        exact += is_exact(clip, original, span)
        ends = (0, CLIP_MS - 10_000)
        offsets += [offset_ms(clip, original, at_ms, start_ms) for at_ms in ends]
        print(
            f"from {start_ms / 1000:,.3f} s: {cut.encoded} of {cut.copied + cut.encoded} pictures"
        )
    ratio = again_s / ours_s
    off = max(map(abs, offsets))
    print(f"{whole_ms / 3_600_000:.2f} hours, {size / 1e6:,.0f} MB; {places} clips of 60 seconds")
    print(f"cut:     {ours_s / places:6.2f} s each, {read / places / 1e6:.1f} MB read")
    print(f"encoded: {again_s / places:6.2f} s each; ratio {ratio:.1f}")
    print(f"copied {copied} pictures, encoded {encoded}")
    print(f"first and last pictures: {sum(exact)} of {len(exact)} are the original's")
    print(f"sound: at most {off:.2f} ms beside the original's")
    ok = ratio >= BUDGET_RATIO and all(exact) and off < BUDGET_AUDIO_MS
    figures = {
        "name": "clips",
        "hours": round(whole_ms / 3_600_000, 2),
        "megabytes": round(size / 1e6),
        "cut_seconds": round(ours_s / places, 2),
        "encoded_seconds": round(again_s / places, 2),
        "ratio": round(ratio, 1),
        "read_megabytes": round(read / places / 1e6, 2),
        "copied_pictures": copied,
        "encoded_pictures": encoded,
        "exact_pictures": sum(exact),
        "audio_offset_ms": round(off, 2),
        "budget": {
            "ratio": BUDGET_RATIO,
            "audio_offset_ms": BUDGET_AUDIO_MS,
            "exact_pictures": 2 * places,
        },
        "ok": ok,
    }
    print(json.dumps(figures))
    return 0 if ok else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="out of twenty minutes")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with a video")
    try:
        return measure(parser.parse_args())
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
