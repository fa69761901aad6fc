"""Pictures of a recording: the poster, and the small ones that the seek bar shows.

The small ones stand ten by ten on sheets (`sprite-1.jpg` and so on); `thumbnails.vtt` says which
part of which sheet belongs to which time, by media fragments (`#xywh=`).
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import ffmpeg

POSTER, TIMES = "poster.jpg", "thumbnails.vtt"
WIDTH, HEIGHT, SIDE = 160, 90, 10
PER_SHEET = SIDE * SIDE
SHORTEST_S, LONGEST_S = 1, 10
POSTER_WIDTH = 1280
JPEG = "setsar=1,format=yuvj420p"


def make(
    source: Sequence[str],
    stream: int,
    folder: Path,
    *,
    duration_ms: int,
    report: ffmpeg.Report | None = None,
) -> None:
    """Write poster, sheets and times into the folder.

    `source` is ffmpeg's options up to `-i …`, `stream` the number of the video in it. Only key
    frames are looked at, so an hour takes seconds. Raises ffmpeg.Trouble.
    """
    every_s = interval_s(duration_ms)
    frame = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease"
    placed = f"{frame},pad={WIDTH}:{HEIGHT}:-1:-1"
    ffmpeg.run(
        [
            *("-discard", "nokey", "-skip_frame", "nokey", *source),
            *("-map", f"0:{stream}", "-an", "-sn", "-dn"),
            *("-vf", f"fps=1/{every_s}:start_time=0,{placed},tile={SIDE}x{SIDE}"),
            *("-q:v", "6", "sprite-%d.jpg"),
        ],
        folder=folder,
        duration_ms=duration_ms,
        report=report,
    )
    sheets = len(list(folder.glob("sprite-*.jpg")))
    (folder / TIMES).write_text("".join(times(duration_ms, sheets=sheets)))
    for at_s in (duration_ms // 10_000, 0):  # the start is often black
        ffmpeg.run(
            [
                *("-ss", str(at_s), *source, "-map", f"0:{stream}", "-an", "-sn", "-dn"),
                *("-vf", f"thumbnail=50,scale='min({POSTER_WIDTH},iw*sar)':-2,{JPEG}"),
                *("-frames:v", "1", "-update", "1", "-q:v", "4", POSTER),
            ],
            folder=folder,
        )
        if (folder / POSTER).exists():
            break


def interval_s(duration_ms: int) -> int:
    """Seconds between two pictures: a hundred of them where that is often enough."""
    return min(max(math.ceil(duration_ms / 1000 / PER_SHEET), SHORTEST_S), LONGEST_S)


def times(duration_ms: int, *, sheets: int) -> Iterator[str]:
    """The WebVTT that tells players which picture belongs to which time."""
    every_ms = interval_s(duration_ms) * 1000
    yield "WEBVTT\n"
    for number in range(min(math.ceil(duration_ms / every_ms), sheets * PER_SHEET)):
        sheet, place = divmod(number, PER_SHEET)
        row, column = divmod(place, SIDE)
        start, end = number * every_ms, min((number + 1) * every_ms, duration_ms)
        yield (
            f"\n{_clock(start)} --> {_clock(end)}\n"
            f"sprite-{sheet + 1}.jpg#xywh={column * WIDTH},{row * HEIGHT},{WIDTH},{HEIGHT}\n"
        )


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
