"""Whom PostgreSQL runs as: it refuses root, so root starts it as an unprivileged user.

The permissions of a directory that we did not make are never changed. Where the other user cannot
get at a folder (a checkout below /root), the data go to a place that it can reach.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedError

CANDIDATES = ("nobody", "daemon", "postgres")


@dataclass(frozen=True)
class Account:
    """A user of this machine, or ourselves where `uid` is None."""

    uid: int | None = None
    gid: int | None = None

    def options(self) -> dict[str, Any]:  # keyword arguments of Popen, which are of all types
        """What subprocess needs to run a program as this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give this user a path that we made."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Try it: can this user get into the folder?"""
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.options(),
        )
        return tried.returncode == 0


def for_postgres(home: Path | None = None) -> Account:
    """Whom PostgreSQL runs as; over a folder that is there already, its owner.

    Raises EmbeddedError if the folder is somebody else's, or if root finds no other user.
    """
    owner = home.stat().st_uid if home is not None and home.exists() else None
    us = os.geteuid()
    if us != 0:
        if owner not in {None, us}:
            raise EmbeddedError(
                f"{home} belongs to another user. Run this as that user, or remove the folder."
            )
        return Account()
    try:
        if owner:
            return Account(owner, pwd.getpwuid(owner).pw_gid)
    except KeyError:
        raise EmbeddedError(f"{home} belongs to user {owner}, whom this machine does not know.")
    for name in CANDIDATES:
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(known.pw_uid, known.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and none of these users exists here: "
        f"{', '.join(CANDIDATES)}. Add one of them, or run this as an ordinary user."
    )
