"""One session: enter, have the services, run COMMAND, leave.

- What is set already is left alone: for a `DATABASE_URL` or `REDIS_URL` in the environment or in
  `.env` nothing is started.
- Whoever leaves last stops the services (see `lock`); if COMMAND was all that ran, nothing remains.
- Nothing is started that is not needed, and nothing stays that was started in vain: a session that
  fails or is interrupted on its way in leaves like any other.
"""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from . import account, folders, migration, offspring
from .attention import Attention
from .errors import EmbeddedError, Interrupted
from .lock import Lock
from .postgres import Postgres
from .service import Service
from .terminal import say
from .valkey import Valkey

NAMES = ("DATABASE_URL", "REDIS_URL")


def is_given(name: str) -> bool:
    """Tell whether a service's address is set, in the environment or in the checkout's `.env`."""
    if os.environ.get(name):
        return True
    written = folders.ROOT / ".env"
    if name in os.environ or not written.is_file():
        return False
    pattern = rf"^\s*(?:export\s+)?{name}\s*=\s*['\"]?[^'\"\s#]"
    return re.search(pattern, written.read_text(errors="replace"), re.MULTILINE) is not None


def run(command: Sequence[str], *, throwaway: bool = False, migrate: bool = True) -> int:
    """Run COMMAND with services around it; return its exit status.

    1 if the services cannot be given, 128 + n if signal n ended it before or during COMMAND. Says
    on standard error what stood in the way.
    """
    needed = [name for name in NAMES if not is_given(name)]
    attention = Attention()
    attention.listen()
    offspring.adopt_orphans()
    try:
        if not needed:
            return attention.run(command, os.environ)
        if throwaway:
            return _throwaway(command, needed, attention)
        folders.LOCAL.mkdir(exist_ok=True)
        return _Session(folders.LOCAL, needed, attention).run(command, migrate=migrate)
    except EmbeddedError as error:
        say(f"portal.embedded: {error}")
        return 1
    except PermissionError as error:
        say(f"portal.embedded: {error.filename} cannot be used. Does it belong to another user?")
        return 1
    except Interrupted as interrupted:
        return 128 + interrupted.signum


def forget() -> int:
    """Remove `.local` and the data that lie elsewhere on its behalf; 1 if they are in use."""
    if not folders.LOCAL.exists():
        return 0
    session = _Session(folders.LOCAL, NAMES, Attention())
    if session.clear():
        return 0
    say("portal.embedded: the services are in use. Stop what uses them first.")
    return 1


def _throwaway(command: Sequence[str], needed: Sequence[str], attention: Attention) -> int:
    user = account.for_postgres()
    for folder in folders.forgotten(user):
        _Session(folder, NAMES, attention, throwaway=True).clear()
        attention.check()
    folder = folders.make_throwaway(user)
    try:
        return _Session(folder, needed, attention, throwaway=True).run(command, migrate=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Session:
    def __init__(
        self,
        folder: Path,
        needed: Sequence[str],
        attention: Attention,
        *,
        throwaway: bool = False,
    ) -> None:
        self._folder = folder
        self._needed = needed
        self._attention = attention
        self._throwaway = throwaway
        self._lock = Lock(folder, attention.pause)
        self._services: dict[str, Service] = {}

    def run(self, command: Sequence[str], *, migrate: bool) -> int:
        try:
            if self._throwaway:
                self._lock.claim()
            with self._lock.turn():
                if not self._throwaway:
                    self._lock.enter()
                addresses = {name: self._start(name) for name in self._needed}
                if migrate and "DATABASE_URL" in addresses:
                    home = (self._folder / "postgres").resolve()
                    status = migration.bring_up(home, self._attention, addresses)
                    if status != 0:
                        return status
            return self._attention.run(command, os.environ | addresses)
        finally:
            self._leave()

    def clear(self) -> bool:
        """Remove the folder, with services that a killed session left. False if it is in use."""
        alone = self._lock.claim()
        if alone:
            self._stop()
            for home in ("postgres", "valkey"):
                shutil.rmtree((self._folder / home).resolve(), ignore_errors=True)
            shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()
        return alone

    def _leave(self) -> None:
        if self._lock.is_last():
            self._stop()
        self._lock.release()

    def _start(self, name: str) -> str:
        service = self._services[name] = self._service(name)
        service.ensure()
        return service.url

    def _stop(self) -> None:
        for name, link in zip(NAMES, ("postgres", "valkey"), strict=True):
            if (self._folder / link).exists():  # also one that only an earlier session needed
                service = self._services.get(name) or self._service(name)
                service.stop()

    def _service(self, name: str) -> Service:
        if name == "DATABASE_URL":
            link = self._folder / "postgres"
            user = account.for_postgres(link)
            home = folders.make_home(link, user)
            return Postgres(home, self._attention, account=user, throwaway=self._throwaway)
        home = folders.make_home(self._folder / "valkey", account.Account())
        return Valkey(home, self._attention, throwaway=self._throwaway)
