"""Probing: what a file is before anything is done with it, and why it is refused."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

PATIENCE_S = 300
LONGEST_MS = 48 * 3_600_000
# Sound and picture rarely end together, and headers round: less missing than this is no damage.
MAY_MISS_MS = 3_000
SIDE_MAX = 8_192  # pixels
PLAYED_PIXELS = {"yuv420p", "yuvj420p"}  # of H.264, what every browser shows
GAP_MAX_MS = 30_000  # a segment lasts from key frame to key frame: longer ones are made anew

# Files that are often taken for a recording by their name, by their first bytes.
_IN_DISGUISE = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP",
    b"<!DO": "HTML",
    b"<!do": "HTML",
    b"<htm": "HTML",
    b"#EXT": "M3U8",
}


class Unplayable(Exception):
    """The file cannot be the recording of a meeting. The message is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording holds. `video` and `audio` are numbers of streams in the file."""

    duration_ms: int
    audio: int
    audio_codec: str
    video: int | None = None
    video_codec: str = ""
    width: int | None = None
    height: int | None = None
    copies_video: bool = False
    """Browsers play the picture as it is, so it is not encoded again."""
    copies_audio: bool = False


def probe(path: Path) -> Facts:
    """Look at a file. Raises Unplayable with what is wrong with it."""
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise Unplayable(_("The file is empty."))
    return judge(look_apart("streams", path), start)


def measure(init: Path, first: Path, last: Path) -> tuple[int, int]:
    """When these segments of a package begin and end, in milliseconds. Raises Unplayable."""
    looked = look_apart("streams", init, first, last)
    if "unreadable" in looked:
        raise Unplayable(_("Nothing of this recording could be made playable."))
    return looked["first_ms"], looked["until_ms"]


def judge(looked: dict[str, Any], start: bytes) -> Facts:
    """What follows from what was seen of the streams, and from the first bytes of the file."""
    if disguised := _IN_DISGUISE.get(start[:4]):
        raise Unplayable(
            _("This is a file of the kind %s with the name of a recording.") % disguised
        )
    if "unreadable" in looked:
        if start[4:8] == b"ftyp":
            raise Unplayable(
                _(
                    "The file is cut short: the index that an MP4 file has at its end is missing."
                    " Copy it again from where it was recorded."
                )
            )
        raise Unplayable(_("This is no video or audio file that we can read."))
    streams = looked["streams"]
    sounds = [one for one in streams if one["type"] == "audio" and one["codec"] and one["rate"]]
    pictures = [
        one
        for one in streams
        if one["type"] == "video" and one["codec"] and not one["is_picture"] and one["width"]
    ]
    if not sounds and not pictures:
        raise Unplayable(_("There is neither sound nor picture in the file."))
    _check_length(looked["said_ms"], looked["end_ms"])
    if not sounds:
        raise Unplayable(
            _("The video has no sound. Look for one of this meeting that can be heard.")
        )
    sound, picture = sounds[0], pictures[0] if pictures else None
    facts = Facts(
        duration_ms=looked["end_ms"],
        audio=sound["index"],
        audio_codec=sound["codec"],
        copies_audio=sound["codec"] == "aac" and sound["channels"] <= 2,
    )
    return facts if picture is None else _with_picture(facts, picture)


def _with_picture(facts: Facts, picture: dict[str, Any]) -> Facts:
    width, height = picture["width"], picture["height"]
    if max(width, height) > SIDE_MAX:
        raise Unplayable(
            _("The picture has %(width)d × %(height)d points; %(most)d is the most on a side.")
            % {"width": width, "height": height, "most": SIDE_MAX}
        )
    return Facts(
        duration_ms=facts.duration_ms,
        audio=facts.audio,
        audio_codec=facts.audio_codec,
        copies_audio=facts.copies_audio,
        video=picture["index"],
        video_codec=picture["codec"],
        width=width,
        height=height,
        copies_video=(
            picture["codec"] == "h264"
            and picture["pixels"] in PLAYED_PIXELS
            and picture["gap_ms"] <= GAP_MAX_MS
        ),
    )


def _check_length(said_ms: int | None, end_ms: int) -> None:
    if end_ms <= 0 and not said_ms:
        raise Unplayable(_("The recording lasts 0 seconds."))
    if said_ms is not None and end_ms < said_ms - MAY_MISS_MS:
        raise Unplayable(
            _(
                "The file is cut short: it says that it lasts %(said)s, but nothing comes after"
                " %(end)s. Copy it again from where it was recorded."
            )
            % {"said": _clock(said_ms), "end": _clock(end_ms)}
        )
    if end_ms > LONGEST_MS:
        raise Unplayable(
            _("The recording says that it lasts %(length)s; %(most)d hours are the most.")
            % {"length": _clock(end_ms), "most": LONGEST_MS // 3_600_000}
        )


def look_apart(module: str, *arguments: Path | str | int) -> dict[str, Any]:
    """What a module of this room tells of files, run in a process of its own.

    One that breaks or hangs has read nothing: `unreadable`.
    """
    try:
        looked = subprocess.run(
            [sys.executable, "-m", f"meetings.media.{module}", *map(str, arguments)],
            cwd=Path(__file__).parents[2],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONSAFEPATH": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        answer: dict[str, Any] = json.loads(looked.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"unreadable": ""}
    return answer


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
