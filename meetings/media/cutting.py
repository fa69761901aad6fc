"""Cutting: stretches of a recording as a file, exact to one picture at both ends, in seconds.

The middle is copied out of the package's segments, and only those are read that hold something of a
stretch. What is done with them is told in `splicing`, which runs in a process of its own.
"""

import contextlib
import errno
import json
import os
import subprocess
import sys
import tempfile
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from . import bucket, ffmpeg, segments, storage
from .fragments import HEAD
from .models import Recording

log = structlog.get_logger(__name__)

Report = Callable[[float], None]
"""Told how much is done, from 0 to 1. What it raises stops the work, and rises."""

PATIENCE_S = 600
# Sound lies a little beside the picture in a package, and its decoder wants a packet before.
BEFORE_MS, AFTER_MS = 150, 300
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Cut:
    """What was made, and out of how much."""

    read_bytes: int
    copied: int
    """Pictures that are the recording's own."""
    encoded: int
    """Pictures that were made again, at the ends."""
    init_bytes: int = 0
    """Of a piece: so much at its start is read before the rest can be played."""


def cut(
    recording: Recording,
    spans: Sequence[tuple[int, int]],
    target: Path,
    *,
    is_sound: bool = False,
    about: Mapping[str, str] | None = None,
    report: Report | None = None,
) -> Cut:
    """Write one MP4 of these spans, one after the other; or of their sound alone, just the same.

    Spans are half-open, in the recording's milliseconds, in order. `about` is kept in the file
    (`title`, `comment`). With several spans the sound is encoded again, so that it joins without a
    click. Raises ffmpeg.TryAgain and ffmpeg.WillNotHelp; what was written by then stays.
    """
    ends_ms = recording.segment_ends_ms
    numbers = [needed(ends_ms, *span) for span in spans]
    return _run(
        recording, spans, numbers, target, is_sound=is_sound, about=about or {}, report=report
    )


def cut_piece(recording: Recording, number: int, span: tuple[int, int], target: Path) -> Cut:
    """Write what lies in a span out of one segment, as a piece of a playlist.

    It is fragmented MP4 with its own beginning, on the package's clock. Raises as `cut` does.
    """
    return _run(recording, [span], [range(number, number + 1)], target, is_piece=True)


def needed(ends_ms: Sequence[int], start_ms: int, end_ms: int) -> range:
    """The segments that are read for a span: those that overlap it, or all but touch it."""
    first = bisect_right(ends_ms, max(start_ms - BEFORE_MS, 0))
    last = bisect_left([0, *ends_ms[:-1]], end_ms + AFTER_MS)
    return range(first, last)


def _run(
    recording: Recording,
    spans: Sequence[tuple[int, int]],
    numbers: Sequence[range],
    target: Path,
    *,
    is_piece: bool = False,
    is_sound: bool = False,
    about: Mapping[str, str] | None = None,
    report: Report | None = None,
) -> Cut:
    if not all(numbers):
        raise ffmpeg.WillNotHelp(_("The clip lies outside of the recording."))
    with _files(recording, set[int]().union(*numbers), target.parent, report) as folder:
        plan = {
            "init": str(folder / segments.INIT),
            "head": str(folder / segments.name_of(0)),
            "spans": [
                {
                    "start_ms": start_ms,
                    "end_ms": min(end_ms, recording.segment_ends_ms[-1]),
                    "files": [str(folder / segments.name_of(number)) for number in some],
                }
                for (start_ms, end_ms), some in zip(spans, numbers, strict=True)
            ],
            "target": str(target),
            "is_piece": is_piece,
            "is_sound": is_sound,
            "about": dict(about or {}),
            "threads": settings.FFMPEG_THREADS,
        }
        told = _spliced(plan, report)
    if "failed" in told:
        raise _trouble(told)
    return Cut(**told)


@contextlib.contextmanager
def _files(
    recording: Recording, numbers: Collection[int], beside: Path, report: Report | None
) -> Iterator[Path]:
    """A folder with these segments: the package itself, or out of a bucket what is needed of it.

    Of segment 0, which tells when the package's clock begins, that may be the start alone.
    """
    key, version = recording.key, recording.package_version
    if not storage.is_remote():
        yield storage.package_of(key, version)
        return
    with tempfile.TemporaryDirectory(dir=beside) as name:
        folder = Path(name)
        try:
            (folder / segments.INIT).write_bytes(storage.read(key, version, segments.INIT))
            first = storage.name_of(key, version, segments.name_of(0))
            (folder / segments.name_of(0)).write_bytes(bucket.read_start(first, HEAD))
            for number in sorted(numbers):
                if report is not None:
                    report(0.0)
                with (folder / segments.name_of(number)).open("wb") as file:
                    bucket.fetch(storage.name_of(key, version, segments.name_of(number)), file)
        except OSError as error:
            raise _of_files(error) from error
        yield folder


def _spliced(plan: Mapping[str, Any], report: Report | None) -> dict[str, Any]:
    """`Any`: what the other process tells, as JSON. It ends with this one (Linux)."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        process = subprocess.Popen(
            [sys.executable, "-m", "meetings.media.splicing", file.name],
            cwd=Path(__file__).parents[2],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONSAFEPATH": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=ffmpeg.modestly,  # noqa: PLW1509 - two system calls, no lock is taken
        )
        overdue = threading.Timer(PATIENCE_S, process.kill)
        overdue.start()
        with process:
            try:
                return _heard(process, report)
            except BaseException:
                process.kill()
                raise
            finally:
                overdue.cancel()


def _heard(process: subprocess.Popen[str], report: Report | None) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    answer = ""
    for line in process.stdout:
        if line.startswith("{"):
            answer = line
        elif report is not None:
            report(float(line))
    process.wait()
    if process.returncode:
        return {"failed": "killed", "status": process.returncode}
    told: dict[str, Any] = json.loads(answer)
    return told


def _trouble(told: Mapping[str, Any]) -> ffmpeg.Trouble:
    log.warning("not_cut", **told)
    if told["failed"] == "killed":
        return ffmpeg.TryAgain(
            _("Cutting was stopped by the system (%d), perhaps for want of memory.")
            % told["status"]
        )
    if (number := told.get("errno")) is not None:
        return _of_files(OSError(number, os.strerror(number)))
    return ffmpeg.WillNotHelp(_("The recording cannot be cut at these places."))


def _of_files(error: OSError) -> ffmpeg.Trouble:
    if error.errno in _FULL:
        return ffmpeg.TryAgain(_("The disk is full. Make room, then try again."))
    if isinstance(error, FileNotFoundError):
        return ffmpeg.TryAgain(_("The recording is being replaced. Try again in a few minutes."))
    return ffmpeg.TryAgain(_("The files cannot be read or written: %s.") % (error.strerror or ""))
