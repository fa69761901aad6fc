"""Recordings: packaging an hour of H.264 and AAC, and serving its segments.

Method, in one run:

- an hour of 720p is made (30 seconds, encoded once and repeated by copying, about 760 MB;
  `--quick`: six minutes), or the first video under `--data DIR` is taken. It is brought in as staff
  do it, and then packaged as the worker does it, from the row to the row: looking at the file,
  cutting it into segments, checking them, poster and seek-bar pictures, and having it all on the
  disk. Each part is timed, and what the processor did is counted beside the clock;
- *re-encodes nothing*: every packet of the package, as another reader sees it through the playlist,
  is compared with the original's, byte by byte (SHA-256), and so is each codec's configuration;
- a segment is fetched by wrk with 16 connections from granian with two workers (three rounds of
  five seconds, `--quick`: one of two), and so is the same file from a Django with no middleware
  whose only view is a FileResponse. The best round counts; what is compared is their ratio. The
  queries of a segment are counted too.

The last line is JSON.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FOLDER = Path(tempfile.mkdtemp(prefix="bench-media-"))
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["MEDIA_ROOT"] = str(FOLDER / "media")  # for the servers, too

import django

django.setup()

import av
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.pages import SITE, WRK, Server
from meetings.intake import services as intake
from meetings.media import ffmpeg, packaging, playback, segments, storage, thumbnails
from meetings.media import services as media
from meetings.media.models import Recording
from meetings.records.models import Body, Meeting, Place

BUDGET_S_PER_HOUR, BUDGET_RATIO = 10.0, 0.5
PIECE_S, HOUR_S, QUICK_S = 30, 3600, 360
FILE_VIEW = "bench._file_view:application"
VIDEOS = {".mp4", ".mov", ".mkv", ".m4v"}


def make_hour(seconds: int) -> Path:
    """Noise over a test picture, so that it has the size of a real one: 1.6 Mbit/s."""
    piece, whole = FOLDER / "piece.mp4", FOLDER / "hour.mp4"
    encode = [
        *("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30,noise=alls=20:allf=t"),
        *("-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000", "-t", str(PIECE_S)),
        *("-c:v", "libx264", "-preset", "superfast", "-b:v", "1550k", "-maxrate", "1550k"),
        *("-bufsize", "3M", "-g", "60", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "96k", "-ac", "2", str(piece)),
    ]
    repeat = ["-stream_loop", str(seconds // PIECE_S - 1), "-i", str(piece), "-c", "copy"]
    for options in (encode, [*repeat, str(whole)]):
        command = [ffmpeg.executable(), "-loglevel", "error", "-nostdin", "-y", *options]
        subprocess.run(command, check=True)
    return whole


def bring_in(path: Path) -> Recording:
    place = Place.objects.create(name="Bench", slug=f"bench-{uuid.uuid4()}", level="city")
    body = Body.objects.create(name="Council", slug=f"bench-{uuid.uuid4()}", place=place)
    meeting = Meeting.objects.create(
        body=body, title="An hour", slug="an-hour", held_on=date(2026, 9, 14)
    )
    with path.open("rb") as file:
        return intake.bring_recording(
            meeting=meeting, file=file, name=path.name, now=timezone.now()
        )


class Clock:
    """Adds up how long parts of the work take, while it is done."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def watch(self, module: Any, name: str, part: str) -> None:
        """`Any`: a module's function is replaced by one that also looks at the clock."""
        real: Callable[..., object] = getattr(module, name)

        def timed(*args: object, **named: object) -> object:
            begun = time.perf_counter()
            try:
                return real(*args, **named)
            finally:
                self.seconds[part] = self.seconds.get(part, 0) + time.perf_counter() - begun

        setattr(module, name, timed)


def processor_s() -> float:
    """What this process and those that it waited for did so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def fingerprint(path: Path) -> list[tuple[str, str, str]]:
    """Of picture and sound: codec, configuration, and all packets."""
    told = []
    with av.open(str(path)) as file:
        streams = [*file.streams.video[:1], *file.streams.audio[:1]]
        sums = {stream.index: hashlib.sha256() for stream in streams}
        for packet in file.demux(streams):
            if packet.size:
                sums[packet.stream_index].update(bytes(packet))
        for stream in streams:
            configuration = hashlib.sha256(stream.codec_context.extradata or b"").hexdigest()
            name = stream.codec_context.name
            told.append((name, configuration, sums[stream.index].hexdigest()))
    return told


def serve(recording: Recording, *, quick: bool) -> tuple[float, float, int, int]:
    """Segments a second, plain files a second, the segment's size, and its queries."""
    rounds, seconds = (1, 2) if quick else (3, 5)
    token = playback.token_for(recording, now=timezone.now())
    middle = segments.name_of(len(recording.segment_ends_ms) // 2)
    path = f"/playback/{token}/{middle}"
    file = storage.package_of(recording.key, recording.package_version) / middle
    client = Client(headers={"host": settings.SITE_URL.split("//")[1]})
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
        if answer.status_code != 200 or answer.getvalue() != file.read_bytes():
            raise RuntimeError(f"{path} is not served.")
    connection.close()
    os.environ["BENCH_FILE"] = str(file)
    ours = plain = 0.0
    with Server(SITE) as site, Server(FILE_VIEW) as bare:
        for _warm in range(10):
            site.get(path)
            bare.get("/")
        for _round in range(rounds):
            plain = max(plain, bare.load("/", seconds))
            ours = max(ours, site.load(path, seconds))
    return ours, plain, file.stat().st_size, len(queries)


def measure(asked: argparse.Namespace) -> int:
    given = sorted(p for p in asked.data.rglob("*") if p.suffix in VIDEOS) if asked.data else []
    original = given[0] if given else make_hour(QUICK_S if asked.quick else HOUR_S)
    begun = time.perf_counter()
    recording = bring_in(original)
    brought_s = time.perf_counter() - begun

    clock = Clock()
    clock.watch(packaging, "_cut", "segments")
    clock.watch(thumbnails, "make", "pictures")
    clock.watch(storage, "put_up", "onto the disk")
    used_s, begun = processor_s(), time.perf_counter()
    media.package(recording=recording, now=timezone.now())
    took_s, used_s = time.perf_counter() - begun, processor_s() - used_s
    recording.refresh_from_db()
    hours = (recording.duration_ms or 0) / 3_600_000
    # Half an hour takes more than half of it: what it begins with does not shrink.
    allowed_s = BUDGET_S_PER_HOUR * max(hours, 0.5)

    package = storage.package_of(recording.key, recording.package_version)
    before, after = fingerprint(original), fingerprint(package / segments.INDEX)
    is_same = before == after

    megabytes = recording.size_bytes / 1e6
    count = len(recording.segment_ends_ms)
    print(f"{hours:.2f} hours, {megabytes:,.0f} MB; brought in {brought_s:.1f} s")
    print(f"packaged in {took_s:.1f} s (allowed: {allowed_s:.1f} s), {count} segments;", end=" ")
    print(f"the processor worked {used_s:.1f} s, for {os.cpu_count()} at once")
    for part, seconds in clock.seconds.items():
        print(f"  {part + ':':<15}{seconds:>5.1f} s")
    print(f"re-encoded: {'nothing, every packet is the original' if is_same else 'SOMETHING'}")
    ours, plain, size, queries = serve(recording, quick=asked.quick)
    ratio = ours / plain
    print(f"a segment of {size / 1e6:.1f} MB: {ours:>6,.0f} requests/s, {queries} queries")
    print(f"a plain file view:    {plain:>6,.0f} requests/s; ratio {ratio:.2f}")
    ok = is_same and took_s <= allowed_s and ratio >= BUDGET_RATIO and not queries
    figures = {
        "name": "media",
        "hours": round(hours, 2),
        "megabytes": round(megabytes),
        "seconds": round(took_s, 1),
        "processor_seconds": round(used_s, 1),
        "parts": {part: round(seconds, 1) for part, seconds in clock.seconds.items()},
        "re_encoded": not is_same,
        "segments_per_second": round(ours),
        "plain_files_per_second": round(plain),
        "ratio": round(ratio, 2),
        "queries": queries,
        "budget": {"seconds": round(allowed_s, 1), "ratio": BUDGET_RATIO, "queries": 0},
        "ok": ok,
    }
    print(json.dumps(figures))
    return 0 if ok else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="six minutes, one short round")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with a video")
    asked = parser.parse_args()
    if WRK is None:
        print("wrk is needed to measure: apt-get install wrk", file=sys.stderr)
        return 2
    try:
        return measure(asked)
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
