"""The one door to ffmpeg: starts it, follows its progress, and says in our words what went wrong.

It is the ffmpeg that the setting FFMPEG names, else the one that the package `imageio-ffmpeg` has.
"""

import contextlib
import ctypes
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)

Report = Callable[[float], None]
"""Told how much is done, from 0 to 1. What it raises stops ffmpeg, and rises."""

TOLD_EVERY_S = 0.5
QUIET_S = 600.0  # no word for so long: it hangs
NICE = 10  # readers come first
LAST_WORDS = 8_192  # bytes of what it complained
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

_FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large")
_SPEAKER = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_FOLDERS = re.compile(r"(?:/[^/\s:']+)+/")


class Trouble(Exception):
    """ffmpeg did not do it. The message is a sentence for staff."""


class TryAgain(Trouble):
    """Nothing is known to be wrong with the recording: the same may work another time."""


class WillNotHelp(Trouble):
    """The recording itself cannot be worked with."""


def run(
    arguments: Sequence[str],
    *,
    folder: Path,
    duration_ms: int = 0,
    report: Report | None = None,
) -> None:
    """Run ffmpeg in a folder until it is done. Options that keep it quiet and obedient are added.

    With the `duration_ms` of what is written, `report` hears of it about twice a second. ffmpeg
    ends with this process, even if that is killed (Linux). Raises TryAgain and WillNotHelp.
    """
    told = ["-progress", "pipe:1", "-nostats", "-stats_period", str(TOLD_EVERY_S)]
    command = [executable(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *told]
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                [*command, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                preexec_fn=modestly,  # noqa: PLW1509 - two system calls, no lock is taken
            )
        except OSError as error:
            raise TryAgain(_("ffmpeg could not be started: %s.") % error.strerror) from error
        with process:
            try:
                for done_ms in _progress(process):
                    if report is not None:
                        report(min(done_ms / duration_ms, 1.0) if duration_ms else 0.0)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise _translated(process.returncode, _end_of(complaints))


def executable() -> str:
    """The ffmpeg that is used. Raises TryAgain where there is none."""
    try:
        return str(settings.FFMPEG or imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise TryAgain(_("There is no ffmpeg here. Say with FFMPEG where it lies.")) from error


def modestly() -> None:
    """In the new process: last in the queue for the processor, and not longer than we live."""
    os.nice(NICE)
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _progress(process: subprocess.Popen[bytes]) -> Iterator[float]:
    """Milliseconds written so far, as often as ffmpeg says so, until it closes its mouth."""
    assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    rest = b""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while ready.select(timeout=QUIET_S):
            heard = os.read(process.stdout.fileno(), 65_536)
            if not heard:
                return
            *lines, rest = (rest + heard).split(b"\n")
            for line in lines:
                name, _equals, value = line.partition(b"=")
                if name == b"out_time_us":
                    with contextlib.suppress(ValueError):  # “N/A” before the first frame
                        yield max(int(value), 0) / 1000
    raise TryAgain(_("ffmpeg was stopped because it hung."))


def _end_of(complaints: IO[bytes]) -> str:
    length = complaints.seek(0, os.SEEK_END)
    complaints.seek(max(0, length - LAST_WORDS))
    return complaints.read().decode(errors="replace")


def _translated(status: int, complaints: str) -> Trouble:
    """Which of the two kinds of trouble it is. Complaints name no folder of this machine."""
    if _FULL.search(complaints) or status == -signal.SIGXFSZ:
        return TryAgain(_("The disk is full. Make room, then run this step again."))
    log.warning("ffmpeg_failed", status=status, complaints=complaints)
    if status < 0:
        return TryAgain(
            _("ffmpeg was stopped by the system (signal %d), perhaps for want of memory.") % -status
        )
    if "Cannot allocate memory" in complaints:
        return TryAgain(_("There was not enough memory for ffmpeg."))
    lines = [_FOLDERS.sub("", _SPEAKER.sub("", line)) for line in complaints.splitlines()]
    said = next((line.strip() for line in lines if line.strip()), "")
    return WillNotHelp(_("ffmpeg cannot work with this recording: %s") % (said[:300] or status))
