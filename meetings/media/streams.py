"""What a file's streams are, looked at in a process of its own.

    python -m meetings.media.streams FILE                  a recording
    python -m meetings.media.streams INIT FIRST LAST       a package, by three of its files

A file that somebody made to break a reader breaks this process alone. It needs no Django, and it
prints one line of JSON; what that means is judged in `probing` and `packaging`.
"""

import io
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from .containers import GUESS_THEIR_LENGTH, SAFELY, SAY_THEIR_LENGTH

TAIL_US = 20_000_000


def look(path: str) -> dict[str, Any]:
    """Container, streams and times in milliseconds, as far as the file tells."""
    with av.open(f"file:{path}", options=SAFELY) as file:
        kind = file.format.name.partition(",")[0]
        said_us = None if kind in GUESS_THEIR_LENGTH else file.duration
        first_us = file.start_time or 0
        end_us = said_us or 0
        if said_us is None or said_us <= 0:
            end_us = _end(file) - first_us
        elif kind in SAY_THEIR_LENGTH:
            _go_near_the_end(file, first_us + said_us)
            end_us = _end(file) - first_us
        return {
            "container": kind,
            "said_ms": said_us // 1000 if said_us and kind in SAY_THEIR_LENGTH else None,
            "end_ms": max(end_us, 0) // 1000,
            "streams": [_stream(stream) for stream in file.streams],
        }


def span(init: str, first: str, last: str) -> dict[str, Any]:
    """When the first of these segments begins and the last one ends, on the package's clock."""
    head = Path(init).read_bytes()
    with av.open(io.BytesIO(head + Path(first).read_bytes()), "r", format="mp4") as file:
        start_us = file.start_time or 0
    with av.open(io.BytesIO(head + Path(last).read_bytes()), "r", format="mp4") as file:
        end_us = _end(file)
    return {"first_ms": start_us // 1000, "until_ms": end_us // 1000}


def _go_near_the_end(file: InputContainer, end_us: int) -> None:
    try:
        file.seek(max(0, end_us - TAIL_US), backward=True)
    except av.FFmpegError:
        return  # then it is read from the start


def _end(file: InputContainer) -> int:
    """When the last packet that can be read ends, in microseconds."""
    end = 0.0
    try:
        for packet in file.demux():
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    except av.FFmpegError:
        pass  # here it breaks off; how far it came is the answer
    return round(end * 1_000_000)


def _stream(stream: Any) -> dict[str, Any]:
    """`Any`: PyAV's streams have different fields by their type, and its types do not tell."""
    context = stream.codec_context if stream.type in {"video", "audio"} else None
    told: dict[str, Any] = {
        "index": stream.index,
        "type": stream.type,
        "codec": _codec(context),
        "is_picture": bool(stream.disposition & stream.disposition.attached_pic),
    }
    if stream.type == "video" and context is not None:
        told |= {
            "width": context.width,
            "height": context.height,
            "pixels": context.pix_fmt or "",
            "gap_ms": _widest_gap(stream),
        }
    if stream.type == "audio" and context is not None:
        told |= {"channels": context.channels, "rate": context.sample_rate}
    return told


def _codec(context: Any) -> str:
    """The format's name and not that of the decoder, which is mp3float for mp3."""
    return "" if context is None else str(context.codec.canonical_name or context.name)


def _widest_gap(stream: Any) -> int:
    """The longest time between key frames that the file's index knows, in milliseconds."""
    keys = [entry.timestamp for entry in stream.index_entries if entry.is_keyframe]
    gaps = [after - before for before, after in itertools.pairwise(keys)]
    return int(max(gaps, default=0) * stream.time_base * 1000)


if __name__ == "__main__":
    try:
        answer = look(sys.argv[1]) if len(sys.argv) == 2 else span(*sys.argv[1:])
    except (av.FFmpegError, OSError, ValueError) as error:
        answer = {"unreadable": str(error.strerror or "") if isinstance(error, OSError) else ""}
    print(json.dumps(answer))
