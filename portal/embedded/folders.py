"""Where things lie: the checkout's `.local`, throwaway folders, and places for another user.

- A Unix socket's name must be shorter than 108 bytes, and a checkout's path may be longer, so
  sockets get a folder of their own with a short name.
- A throwaway folder whose session was killed with -9 is found by the next session, by its lock
  that nobody holds.
- Root's PostgreSQL data lie in `.local/postgres` if the user that PostgreSQL runs as can get there.
  Otherwise `.local/postgres` is a link to a folder below /var/lib, where they survive as well;
  without the link they belong to nothing, and the next start of this checkout removes them.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .account import Account
from .errors import EmbeddedError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LASTING = (Path("/var/lib"), Path("/usr/local/var"), Path("/var/tmp"))  # noqa: S108  (through mkdtemp alone)
TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108  (used through mkdtemp alone)
THROWAWAY = "portal-throwaway-"
SOCKET_ROOM = 103 - len("/.s.PGSQL.65535")  # macOS allows 103 bytes, Linux 107


def short_lived(account: Account) -> Iterator[Path]:
    """Folders for what ends with the session, those that this user can enter, best first."""
    for folder in (Path(tempfile.gettempdir()), *TEMPORARY):
        if os.access(folder, os.W_OK | os.X_OK) and account.can_enter(folder):
            yield folder


def make_throwaway(account: Account) -> Path:
    """Make an empty folder, which others may pass through but not read."""
    for base in short_lived(account):
        folder = Path(tempfile.mkdtemp(prefix=THROWAWAY, dir=base))
        folder.chmod(0o711)
        return folder
    raise EmbeddedError("There is no folder for temporary files that PostgreSQL's user can enter.")


def forgotten(account: Account) -> Iterator[Path]:
    """Throwaway folders of this user; the lock says whether their session still lives."""
    seen: set[Path] = set()
    for base in short_lived(account):
        for folder in base.glob(f"{THROWAWAY}*"):
            with contextlib.suppress(OSError):  # it may vanish while we look
                mine = folder.lstat().st_uid == os.geteuid() and not folder.is_symlink()
                if mine and (folder / "lock").exists() and folder.resolve() not in seen:
                    seen.add(folder.resolve())
                    yield folder


def make_socket_folder(account: Account) -> Path:
    """Make a folder for this user's sockets with a name short enough."""
    bases = list(short_lived(account))
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if account.uid is None and runtime and os.access(runtime, os.W_OK | os.X_OK):
        bases.insert(0, Path(runtime))
    for base in bases:
        if len(os.fsencode(base / "portal-12345678")) <= SOCKET_ROOM and base.is_absolute():
            folder = Path(tempfile.mkdtemp(prefix="portal-", dir=base))
            account.own(folder)
            return folder
    raise EmbeddedError("There is no folder with a name short enough for a socket; /tmp would do.")


def make_home(link: Path, account: Account) -> Path:
    """Return the folder behind `link`, made for this user if it is new.

    Raises EmbeddedError if it is there and the user cannot enter it.
    """
    if link.is_symlink() and not link.exists():
        link.unlink()
    if not link.exists():
        if account.can_enter(link.parent):
            link.mkdir(mode=0o700)
            account.own(link)
        else:
            link.symlink_to(_make_elsewhere(link, account))
    home = link.resolve()
    if not account.can_enter(home):
        raise EmbeddedError(f"The user that PostgreSQL runs as cannot enter {home}.")
    return home


def _make_elsewhere(link: Path, account: Account) -> Path:
    for base in LASTING:
        if not (os.access(base, os.W_OK | os.X_OK) and account.can_enter(base)):
            continue
        shelf = base / "citizen-portal"
        if not shelf.exists():
            shelf.mkdir()
            shelf.chmod(0o755)
        if not account.can_enter(shelf):
            continue
        _remove_former(shelf, link)
        home = Path(tempfile.mkdtemp(dir=shelf))
        (home / "belongs-to").write_text(str(link))
        account.own(home)
        return home
    raise EmbeddedError(
        f"The user that PostgreSQL runs as can enter neither {link.parent} nor "
        f"{', '.join(map(str, LASTING))}."
    )


def _remove_former(shelf: Path, link: Path) -> None:
    for home in shelf.iterdir():
        note = home / "belongs-to"
        if note.is_file() and note.read_text() == str(link):
            shutil.rmtree(home)
