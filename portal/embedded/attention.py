"""Signals: who hears them, and in which order things end.

- INT, TERM and HUP are handled explicitly. Python's own answer to TERM and HUP is to die on the
  spot, which would leave the services running.
- While services start, a signal is noted and acted on between two steps, so that no process is
  started and then forgotten.
- While COMMAND runs, a signal is passed on to it, and its end is waited for. It shares our process
  group, because it must be able to read from the terminal; so the terminal's Ctrl-C has reached it
  already and is not repeated: a shell of Django's only forgets its line, a worker would take the
  second one for impatience. An INT from elsewhere may have been sent to the whole group or to us
  alone, and nobody can tell; it is passed on if COMMAND still runs a second later.
- While the services stop, signals wait.
- A HUP that is ignored from the start (`nohup`) stays ignored.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from . import offspring
from .errors import EmbeddedError, Interrupted

SECOND_THOUGHT = 1.0  # seconds until an INT that did not come from the terminal is passed on


class Attention:
    """Listens to signals for one session, and runs its commands."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._command: subprocess.Popen[bytes] | None = None

    def listen(self) -> None:
        """Take the signals over from Python, until the process ends."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:
                signal.signal(signum, self._hear)
        signal.signal(signal.SIGALRM, lambda *_: self._pass_on(signal.SIGINT))

    def pause(self, seconds: float = 0.1) -> None:
        """Wait a moment in the course of starting.

        Raises Interrupted if a signal has arrived.
        """
        self.check()
        time.sleep(seconds)
        self.check()

    def check(self) -> None:
        """Raise Interrupted if a signal has arrived."""
        if self._first is not None:
            raise Interrupted(self._first)

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run one command to its end and return its exit status, 128 + n for signal n.

        Whatever it leaves behind is ended too, where the system lets us find it (Linux).
        Raises EmbeddedError if it cannot be started, Interrupted if a signal came before.
        """
        self.check()
        try:
            self._command = subprocess.Popen(
                list(command),
                env=dict(environment),
                preexec_fn=offspring.die_with_parent,  # noqa: PLW1509  (there are no threads here)
            )
        except OSError as error:
            raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}.") from error
        if self._first is not None:  # it came between the check and the start
            self._pass_on(self._first)
        status = self._command.wait()
        self._command = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        offspring.end_orphans()
        return status if status >= 0 else 128 - status

    def _hear(self, signum: int, _frame: FrameType | None) -> None:
        if self._first is None:
            self._first = signum
        if signum != signal.SIGINT:
            self._pass_on(signum)
        elif self._command is not None and not _in_terminal_foreground():
            signal.setitimer(signal.ITIMER_REAL, SECOND_THOUGHT)

    def _pass_on(self, signum: int) -> None:
        if self._command is not None:
            with contextlib.suppress(ProcessLookupError):
                self._command.send_signal(signum)


def _in_terminal_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
