"""The folder of the index: each build in a folder of its own, and `current`, which names one.

    builds/build-x1y2/      one build of the index; with build-x1y2.lock, held by its one writer
    current -> builds/…     replaced by a rename, so that there is always a whole index
    builds/build-x1y2.doubt somebody could not search it: its writer looks at it again
    rebuild.lock            held while a build is made

All of it may be deleted at any time: it is made again from the database. Locks are advisory
(`flock`), and end with the process that holds them, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _


class Busy(Exception):
    """Somebody else writes here."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the index lives. Nothing is made before it is written to."""

    root: Path

    @property
    def builds(self) -> Path:
        return self.root / "builds"

    def current(self) -> Path | None:
        """The build that is in use; None where there is none."""
        try:
            build = (self.root / "current").resolve(strict=True)
        except (OSError, RuntimeError):
            return None
        return build if build.is_dir() else None

    @contextmanager
    def rebuilding(self) -> Iterator[Path]:
        """A new, empty folder for a build, locked as `writing` does. One at a time: raises Busy.

        On leaving, a build that was not made current is removed, and so is what others left.
        """
        self.builds.mkdir(parents=True, exist_ok=True)
        with lock(self.root / "rebuild.lock"):
            self.sweep()
            build = Path(tempfile.mkdtemp(prefix="build-", dir=self.builds))
            try:
                with self.writing(build):
                    yield build
            finally:
                self.sweep()

    @contextmanager
    def writing(self, build: Path) -> Iterator[None]:
        """Be the one writer of a build. Raises Busy."""
        with lock(_lock_of(build)):
            yield

    def doubt(self) -> None:
        """Say that the build in use could not be searched, so that its writer looks at it.

        Where that cannot be said, it is looked at when a writer starts.
        """
        build = self.current()
        if build is not None:
            with suppress(OSError):
                _doubt_of(build).touch()

    def take_doubt(self, build: Path) -> bool:
        """Whether somebody has doubts about a build. They are answered once."""
        try:
            _doubt_of(build).unlink()
        except OSError:
            return False
        return True

    def use(self, build: Path) -> None:
        """Make a build the current one. Readers see the old one or the new one, never none."""
        fresh = build.with_name(f"{build.name}.link")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("builds") / build.name)
        fresh.replace(self.root / "current")
        _sync(self.root)

    def tidy(self) -> None:
        """Sweep, unless a build is being made: that one sweeps by itself."""
        with suppress(Busy), lock(self.root / "rebuild.lock"):
            self.sweep()

    def sweep(self) -> None:
        """Remove the builds that are neither current nor written to. Under `rebuild.lock` only."""
        current = self.current()
        for build in self.builds.glob("build-*"):
            if not build.is_dir() or build.is_symlink() or build.resolve() == current:
                continue
            try:
                with lock(_lock_of(build)):
                    shutil.rmtree(build, ignore_errors=True)
            except Busy:
                continue
            if not build.exists():
                _lock_of(build).unlink(missing_ok=True)
                _doubt_of(build).unlink(missing_ok=True)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock of a file, or raise Busy at once."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(_("Another process writes to the index.")) from error
        yield
    finally:
        os.close(file)


def _lock_of(build: Path) -> Path:
    return build.with_name(f"{build.name}.lock")


def begun_at(build: Path) -> float:
    """When a build was begun, in seconds since 1970."""
    return _lock_of(build).stat().st_mtime


def _doubt_of(build: Path) -> Path:
    return build.with_name(f"{build.name}.doubt")


def _sync(folder: Path) -> None:
    """See that a rename is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
