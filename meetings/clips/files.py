"""Where the files of clips lie, and that nothing else does.

    clips/<slug>/<kind>-<content>.mp4     a rendering: whole, or not there
    clips/<slug>/audio-<content>.m4a      the sound of a public clip alone
    clips/<slug>/ends-<content>-0.mp4     an end piece of the playlist
    clips/<slug>/ends-<content>.jpg       the clip's first picture
    clips/.work-…/                        files in the making; without their maker they are litter

They lie where recordings do: in the folder of media, or in the bucket; the last always in the
folder. A row of Rendering names each of the others. The sweeper removes what no row names.
"""

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from meetings.media import bucket, storage

from .models import Rendering

CLIPS = "clips"
LOCK, WORK = ".lock", ".work-"


def name_of(rendering: Rendering, ending: str) -> str:
    """A name for a file of this rendering. The same content has the same name."""
    content = rendering.content_key[:24]
    return str(PurePosixPath(CLIPS, rendering.clip.slug, f"{rendering.kind}-{content}{ending}"))


def path_of(name: str) -> Path:
    """Where a file lies that is not in a bucket."""
    return storage.root() / name


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """An empty folder as long as the block lasts. One whose maker died is found by its lock."""
    folder = storage.root() / CLIPS / f"{WORK}{uuid.uuid4().hex}"
    folder.mkdir(parents=True, mode=0o700)
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_up(path: Path, name: str) -> None:
    """Bring a finished file to its place: it is there as a whole or not at all. Raises OSError."""
    if storage.is_remote():
        bucket.send(path, name)
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())
    target = path_of(name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.replace(target)


def names_of(rendering: Rendering) -> list[str]:
    """All files that a row names."""
    pieces = [part["name"] for part in rendering.parts]
    return [name for name in (rendering.file_name, *pieces) if name]


def remove(names: Iterable[str]) -> None:
    """Remove files. What is not there is removed. Raises OSError."""
    for name in names:
        if storage.is_remote():
            bucket.remove_one(name)
        else:
            path = path_of(name)
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()  # if it is empty


def remove_all(slug: str) -> None:
    """All files of a clip that was deleted."""
    if storage.is_remote():
        bucket.remove(f"{CLIPS}/{slug}")
    shutil.rmtree(storage.root() / CLIPS / slug, ignore_errors=True)


def sweep() -> int:
    """Remove what no row names: left by workers that died, by deleted clips, by older renderings.

    How many files that were. Files of a clip that is being worked on now wait for the next time.
    """
    for work in (storage.root() / CLIPS).glob(f"{WORK}*"):
        _clear(work)
    there = _all()  # first: what is put up from now on, a row will name
    rows = Rendering.objects.select_related("clip")
    busy = set(
        rows.filter(state=Rendering.State.RUNNING).values_list("clip__slug", flat=True).distinct()
    )
    named = {name for row in rows.ready() for name in names_of(row)}
    litter = [
        name for name in there if name not in named and PurePosixPath(name).parts[1] not in busy
    ]
    remove(litter)
    return len(litter)


def _all() -> list[str]:
    if storage.is_remote():
        return [f"{CLIPS}/{name}" for name in bucket.sizes(CLIPS) if "/" in name]
    root = storage.root()
    return [str(path.relative_to(root)) for path in (root / CLIPS).glob("[!.]*/*")]


def _clear(work: Path) -> None:
    """Unless somebody holds it. One that is just being made has no lock yet, and is left alone."""
    with contextlib.suppress(FileNotFoundError, BlockingIOError), (work / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(work, ignore_errors=True)
