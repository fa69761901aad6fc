"""Processes: those we start, those they leave behind, and those that a file speaks of.

- honcho gives each of its processes a session of its own, so one that dies of HUP or of kill -9
  leaves a web server and a worker that no signal reaches. On Linux we make ourselves the parent of
  such orphans and end them.
- A process that has ended stays in the list until its parent asks, and the first process of a
  container, which inherits the servers of a session that left early, may be slow to ask or never do
  so. It counts as gone.
- If we are killed with -9 ourselves, Linux sends COMMAND a TERM.
- A pid in a file may by now belong to anything. A process counts as the one meant only if it works
  in the folder that the file is about.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 10.0  # seconds for an orphan to end by itself

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_services: set[int] = set()


def adopt_orphans() -> None:
    """From now on, what our descendants leave behind becomes our child (Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Ask for TERM when the parent dies (Linux). Called in a new process before its program."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def spare(pid: int) -> None:
    """Remember a child that is a service, and so no orphan of COMMAND."""
    _services.add(pid)


def end_orphans() -> None:
    """End every child that is not a service: TERM first, KILL for what remains."""
    asked: set[int] = set()
    deadline = time.monotonic() + PATIENCE
    while orphans := set(_children()) - _services:
        for pid in orphans:
            patient = time.monotonic() < deadline
            if pid not in asked or not patient:
                asked.add(pid)
                _signal(pid, signal.SIGTERM if patient else signal.SIGKILL)
            _is_gone(pid)
        time.sleep(0.02)


def wait_gone(pid: int, seconds: float) -> bool:
    """Wait until a process has ended, whoever its parent is. False if it still runs then."""
    deadline = time.monotonic() + seconds
    while not _is_gone(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def works_in(pid: int, folder: Path) -> bool:
    """Tell whether this process runs and has the folder, or one below, as its working directory.

    Where that is not told (no /proc; root in a container, about another user's process), its
    command line must name the folder instead.
    """
    if pid <= 0 or _is_gone(pid):
        return False
    try:
        place = Path(f"/proc/{pid}/cwd").readlink()
    except (PermissionError, NotADirectoryError):
        return os.fsencode(folder) in _command_line(pid)
    except FileNotFoundError:  # a zombie has none; elsewhere than on Linux nobody has
        return sys.platform != "linux" and os.fsencode(folder) in _command_line(pid)
    return place == folder or folder in place.parents


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        asked = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(asked, check=False, capture_output=True).stdout


def _is_gone(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):  # a child of ours that ended waits to be asked
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it runs as somebody else
        return False
    return _words(pid)[:1] == ["Z"]


def _signal(pid: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signum)


def _children() -> Iterator[int]:
    if sys.platform != "linux":
        return
    us = os.getpid()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            words = _words(int(entry.name))
            if words and int(words[1]) == us:
                yield int(entry.name)


def _words(pid: int) -> list[str]:
    """State, parent and so on, after proc_pid_stat(5); nothing if there is no telling."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return []
    return line.rpartition(")")[2].split()  # the name in brackets may hold anything
