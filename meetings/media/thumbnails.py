"""Pictures of a recording: the poster, and the small ones that the seek bar shows.

The small ones stand ten by ten on sheets (`sprite-1.jpg` and so on); `thumbnails.vtt` says which
part of which sheet belongs to which time, by media fragments (`#xywh=`).
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import ffmpeg, probing

POSTER, TIMES = "poster.jpg", "thumbnails.vtt"
WIDTH, HEIGHT, SIDE = 160, 90, 10
PER_SHEET = SIDE * SIDE
SHORTEST_S, LONGEST_S = 1, 10
POSTER_WIDTH = 1280
LOOKED_AT = 20  # of so many pictures, the one that is most like the others becomes the poster
FRAMES = "frames.mkv"
ROUGHLY = ("-skip_loop_filter", "all", "-flags2", "+fast")  # nobody sees it at this size
JPEG = "setsar=1,format=yuvj420p"


def make(
    video: Path,
    stream: int,
    folder: Path,
    *,
    options: Sequence[str] = (),
    duration_ms: int,
    report: ffmpeg.Report | None = None,
) -> None:
    """Write poster, sheets and times into the folder.

    `stream` is the number of the picture in the video, `options` are ffmpeg's for opening it. One
    key frame is decoded for each small picture, so an hour takes seconds. Raises ffmpeg.Trouble.
    """
    every_ms = interval_s(duration_ms) * 1000
    count = math.ceil(duration_ms / every_ms)
    frames = folder / FRAMES
    source = [*options, "-i", f"file:{video}", "-map", f"0:{stream}"]
    if _take_frames(video, stream, every_ms, count, frames):
        source = ["-i", FRAMES, "-map", "0:0"]
    fits = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease"
    placed = f"fps=1000/{every_ms}:start_time=0,{fits},pad={WIDTH}:{HEIGHT}:-1:-1"
    # The last picture stands until the end, so that each time has one.
    filled = f"tpad=stop=-1:stop_mode=clone,trim=end_frame={count}"
    ffmpeg.run(
        [
            *("-discard", "nokey", "-skip_frame", "nokey", *ROUGHLY, *source, "-an", "-sn", "-dn"),
            *("-vf", f"{placed},{filled},tile={SIDE}x{SIDE}", "-q:v", "6", "sprite-%d.jpg"),
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
                *("-ss", str(at_s), *source, "-an", "-sn", "-dn"),
                *("-vf", f"thumbnail={LOOKED_AT},scale='min({POSTER_WIDTH},iw*sar)':-2,{JPEG}"),
                *("-frames:v", "1", "-update", "1", "-q:v", "4", POSTER),
            ],
            folder=folder,
        )
        if (folder / POSTER).exists():
            break
    frames.unlink(missing_ok=True)


def _take_frames(video: Path, stream: int, every_ms: int, count: int, target: Path) -> bool:
    """Have the key frames taken out that are needed. Without any, the whole video is looked at."""
    told = probing.look_apart("keyframes", video, stream, every_ms, count, target)
    return bool(told.get("pictures"))


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
