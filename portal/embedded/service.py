"""What PostgreSQL and Valkey have in common here: found by connecting, or else started.

- A live server is recognised by connecting to it with this folder's password, never by a pid: the
  pid in a file may belong to anything by now, and another checkout's server may listen at the port.
- A server that runs and does not answer yet is starting or recovering from a crash. It is waited
  for: a second one over the same data would only be refused, or do harm.
- Each server has a session of its own, so Ctrl-C in the terminal does not reach it; it is stopped
  when COMMAND has ended.
- A free port is picked before a server starts, and may be gone by then; the start is tried again.
  A server that comes back takes its old port if it can, so that whoever used it finds it again.
"""

import contextlib
import json
import secrets
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from . import offspring, ports
from .attention import Attention
from .errors import EmbeddedError
from .terminal import say

TRIES = 5
RECOVERY = 600.0  # seconds for a server that runs to answer


class Service(ABC):
    """One server over one folder. `home` is the folder; it exists and is this session's to use."""

    name: str

    def __init__(self, home: Path, attention: Attention) -> None:
        self.home = home
        self._attention = attention
        self._started: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with user and password, as Django's and Celery's settings take it."""

    @abstractmethod
    def answers(self) -> bool:
        """Connect: does this folder's server answer, and is it ready?"""

    @abstractmethod
    def running(self) -> int | None:
        """The pid of the process that serves this folder, answering or not."""

    @abstractmethod
    def launch(self, port: int) -> subprocess.Popen[bytes]:
        """Start the server's binary on loopback at this port; do not wait for it."""

    @abstractmethod
    def end(self, pid: int) -> None:
        """Ask the running server to stop in good order, and see it gone."""

    def ensure(self) -> None:
        """Make sure that the server answers.

        Raises EmbeddedError with the end of the server's log if it cannot be started, Interrupted
        if a signal arrives meanwhile.
        """
        tries = 0
        begun = time.monotonic()
        told = False
        while not self.answers():
            self._attention.check()
            waited = time.monotonic() - begun
            if not self._is_underway():
                if tries == TRIES:
                    raise EmbeddedError(f"{self.name} did not start. {self._last_words()}")
                self._attention.pause(0.2 * tries)
                tries += 1
                self._start()
            elif waited > RECOVERY:
                raise EmbeddedError(f"{self.name} runs but does not answer. {self._last_words()}")
            elif waited > 5 and not told:
                told = True
                say(f"Waiting for {self.name}, which is starting or recovering …")
            self._attention.pause()

    def stop(self) -> None:
        """Stop the server, if it runs, and wait until it is gone."""
        pid = self.running()
        if pid is not None:
            self.end(pid)
        elif self._started is not None and self._started.poll() is None:  # it has barely begun
            self._started.terminate()
            self._started.wait()

    @property
    def port(self) -> int:
        """The port that the server was last started at; 0 if never."""
        return int(self.record().get("port", 0))

    @property
    def password(self) -> str:
        """The password of this folder's server, made at the first start."""
        path = self.home / "password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16))
        return path.read_text()

    def record(self) -> dict[str, str]:
        """What was written down at the last start."""
        try:
            facts: dict[str, str] = json.loads((self.home / "server.json").read_text())
        except (FileNotFoundError, ValueError):  # never started, or killed while writing
            return {}
        return facts

    def write_down(self, **facts: str) -> None:
        """Keep facts about this start for the sessions that come after."""
        path = self.home / "server.json"
        path.write_text(json.dumps(self.record() | facts))

    def _start(self) -> None:
        port = ports.free(self.port)
        self.write_down(port=str(port))
        log = self.home / "log"
        with contextlib.suppress(FileNotFoundError):
            log.replace(self.home / "log.before")
        self._started = self.launch(port)
        offspring.spare(self._started.pid)
        self.write_down(pid=str(self._started.pid))

    def _is_underway(self) -> bool:
        if self._started is not None and self._started.poll() is None:
            return True
        return self.running() is not None

    def _last_words(self) -> str:
        log = self.home / "log"
        lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        return "\n  ".join([f"Its log, {log}, ends:", *lines])
