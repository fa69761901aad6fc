"""Rendering: what a row of Rendering asks for, made as files.

Which segments are read and what is copied of them is told in `meetings.media.cutting`.
"""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from django.conf import settings

from meetings.media import cutting, ffmpeg, originals

from . import burning, files, playing
from .captioned import said
from .models import Clip, Rendering
from .timed import Span

FORM = 1
"""Of what is made: another one, and all files are made anew when they are asked for."""
SHARE_OF_CUTTING = 0.1
POSTER_WIDTH = 1280


class Part(TypedDict):
    """A piece of a clip's playlist, as its row keeps it."""

    span: int
    start_ms: int
    end_ms: int
    name: str
    init_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Made:
    """Files in their places. `size_bytes` and `sha256` are of the one that `file_name` names."""

    file_name: str = ""
    sha256: str = ""
    size_bytes: int | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Of all its files."""
        return [name for name in (self.file_name, *(part["name"] for part in self.parts)) if name]


def content_key(clip: Clip, kind: str, spans: Sequence[Span]) -> str:
    """A SHA-256 over all that the files depend on. The clip `with_source`."""
    recording = clip.recording
    depends: dict[str, object] = {
        "form": FORM,
        "kind": kind,
        "recording": recording.sha256,
        "spans": [list(span) for span in spans],
        "address": address_of(clip),
    }
    if kind == Rendering.Kind.ENDS:  # they stand between segments of this package
        depends["package"] = [str(recording.key), recording.package_version]
    elif kind in burning.SHAPES:
        depends["transcript"] = clip.transcript_version
        depends["words"] = clip.words
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def address_of(clip: Clip) -> str:
    """What a file says of where it comes from."""
    return f"{settings.SITE_URL}{clip.get_absolute_url()}"


def make(rendering: Rendering, *, report: ffmpeg.Report) -> Made:
    """Make the files of a row, and bring them to their places.

    `report` hears how much is done, from 0 to 1; what it raises stops the work, and rises. Raises
    ffmpeg.Trouble and OSError. Files that are in their places by then are named by no row, and the
    sweeper finds them.
    """
    clip = rendering.clip
    spans = playing.spans_of(clip)
    if not clip.recording.is_ready:
        raise ffmpeg.TryAgain("")  # it is being packaged anew
    with files.workshop() as folder:
        if rendering.kind == Rendering.Kind.ENDS:
            return _ends(rendering, clip, spans, folder, report)
        if rendering.kind == Rendering.Kind.AUDIO:
            return _audio(rendering, clip, spans, folder, report)
        return _file(rendering, clip, spans, folder, report)


def ends(spans: Sequence[Span], ends_ms: Sequence[int]) -> list[tuple[int, int, Span]]:
    """What is cut for a playlist: position of the span, number of the segment, and from when to
    when. A segment that a span fills needs no piece.
    """
    found = []
    starts = [0, *ends_ms[:-1]]
    for position, (start_ms, span_end_ms) in enumerate(spans):
        end_ms = min(span_end_ms, ends_ms[-1])
        first, last = bisect_right(ends_ms, start_ms), bisect_left(starts, end_ms) - 1
        for number in sorted({first, last}):
            piece = Span(max(start_ms, starts[number]), min(end_ms, ends_ms[number]))
            if piece != (starts[number], ends_ms[number]):
                found.append((position, number, piece))
    return found


def _ends(
    rendering: Rendering, clip: Clip, spans: list[Span], folder: Path, report: ffmpeg.Report
) -> Made:
    recording = clip.recording
    parts: list[Part] = []
    wanted = ends(spans, recording.segment_ends_ms)
    for count, (position, number, span) in enumerate(wanted):
        report(count / (len(wanted) + 1))
        path = folder / f"{count}.mp4"
        cut = cutting.cut_piece(recording, number, span, path)
        name = files.name_of(rendering, f"-{count}.mp4")
        parts.append(
            Part(
                span=position,
                start_ms=span.start_ms,
                end_ms=span.end_ms,
                name=name,
                init_bytes=cut.init_bytes,
                size_bytes=path.stat().st_size,
            )
        )
        files.put_up(path, name)
    if not recording.has_video:
        return Made(parts=parts)
    first = folder / "first.mp4"
    start_ms = spans[0].start_ms
    cutting.cut(recording, [(start_ms, min(start_ms + 500, spans[0].end_ms))], first)
    poster = files.name_of(rendering, ".jpg")
    files.put_up(_poster(first, folder), poster)
    return Made(file_name=poster, parts=parts)


def _poster(video: Path, folder: Path) -> Path:
    """The first picture of a video."""
    fits = f"scale='min({POSTER_WIDTH},iw*sar)':-2,setsar=1,format=yuvj420p"
    ffmpeg.run(
        [
            *("-i", f"file:{video}", "-an", "-vf", fits),
            *("-frames:v", "1", "-update", "1", "-q:v", "4", "poster.jpg"),
        ],
        folder=folder,
    )
    return folder / "poster.jpg"


def _file(
    rendering: Rendering, clip: Clip, spans: list[Span], folder: Path, report: ffmpeg.Report
) -> Made:
    is_plain = rendering.kind == Rendering.Kind.PLAIN
    share = 1.0 if is_plain else SHARE_OF_CUTTING
    about = {"comment": address_of(clip)}
    path = folder / "cut.mp4"
    cutting.cut(clip.recording, spans, path, about=about, report=lambda done: report(done * share))
    if not is_plain:
        burned = folder / "burned.mp4"
        burning.burn(
            path,
            said(clip, spans),
            rendering.kind,
            burned,
            duration_ms=clip.duration_ms,
            has_video=clip.recording.has_video,
            about=about,
            report=lambda done: report(share + done * (1 - share)),
        )
        path = burned
    return _put_up(path, files.name_of(rendering, ".mp4"))


def _audio(
    rendering: Rendering, clip: Clip, spans: list[Span], folder: Path, report: ffmpeg.Report
) -> Made:
    """What is heard in the clip's video, cut in the same way: packets of AAC are copied."""
    path = folder / "sound.m4a"
    about = {"comment": address_of(clip)}
    cutting.cut(clip.recording, spans, path, is_sound=True, about=about, report=report)
    return _put_up(path, files.name_of(rendering, ".m4a"))


def _put_up(path: Path, name: str) -> Made:
    """Bring a finished file to its place, and say what it is."""
    with path.open("rb") as file:
        sha256, size = originals.digest(file), path.stat().st_size
    files.put_up(path, name)
    return Made(name, sha256, size)
