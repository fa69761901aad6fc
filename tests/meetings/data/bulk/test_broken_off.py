"""A snapshot of a real town that breaks off anywhere leaves the one before it, and no litter."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from meetings.data.bulk import keeping, making, snapshot, writing
from meetings.data.bulk.manifests import NAME, Manifest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOW = datetime(2026, 11, 23, 2, 23, tzinfo=UTC)
OLD = "20200101T000000Z"


@pytest.fixture(autouse=True)
def old(media: Path) -> Path:
    """Last night's snapshot."""
    folder = keeping.root() / OLD
    folder.mkdir(parents=True)
    manifest = Manifest(datetime(2020, 1, 1, tzinfo=UTC), "Site", "https://site", "Free.", "", [])
    (folder / NAME).write_bytes(manifest.write())
    return folder


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many bytes the disk still takes, of all files together."""
    left = [10**9]
    write = writing.Hashed.write

    def until_full(file: writing.Hashed, data: Any) -> int:
        with memoryview(data) as view:
            left[0] -= view.nbytes
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(writing.Hashed, "write", until_full)
    yield left
    assert packers() == []


def packers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("packer")]


def there() -> list[str]:
    """All that lies among the snapshots, but for the lock."""
    return sorted(path.name for path in keeping.root().iterdir() if path.name != keeping.LOCK)


def is_whole(folder: Path) -> bool:
    manifest = Manifest.read((folder / NAME).read_bytes())
    return {file.name: file.size_bytes for file in manifest.files()} == {
        path.name: path.stat().st_size for path in folder.iterdir() if path.name != NAME
    }


def test_a_disk_that_is_full_at_any_byte(town: Any, room: list[int], tmp_path: Path) -> None:
    whole = making.by_hand(tmp_path / "whole").size_bytes
    manifest = (tmp_path / "whole" / NAME).stat().st_size
    for taken in chain(
        range(0, whole, whole // 12), (1, 4, whole - 1, whole, whole + manifest - 1)
    ):
        room[0] = taken
        with pytest.raises(OSError, match="No space"):
            making.nightly(now=NOW)
        assert there() == [OLD], taken
        room[0] = taken
        with pytest.raises(OSError, match="No space"):
            making.by_hand(tmp_path / "out")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "whole"], taken
    room[0] = whole + manifest + 100
    name = keeping.name_at(making.nightly(now=NOW).taken_at)
    assert there() == [OLD, name]
    assert is_whole(keeping.root() / name)


def test_a_disk_that_fails_when_all_is_to_stay(
    town: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was written is on disk before it gets its name."""

    def fails(_path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(keeping, "_to_disk", fails)
    for make in (lambda: making.nightly(now=NOW), lambda: making.by_hand(tmp_path / "out")):
        with pytest.raises(OSError, match="Input/output"):
            make()
    assert there() == [OLD]
    assert not (tmp_path / "out").exists()


def test_a_database_that_goes_away_in_the_middle(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = snapshot._batches

    def goes_away(table: Any, *rest: Any) -> Iterator[Any]:
        yield from batches(table, *rest)
        if table.name == "segments":
            raise ConnectionError("the server closed the connection")

    monkeypatch.setattr(snapshot, "_batches", goes_away)
    with pytest.raises(ConnectionError):
        making.nightly(now=NOW)
    assert there() == [OLD]
    assert packers() == []


KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.test.utils import override_settings
from django.utils import timezone
from meetings.data.bulk import keeping, making, writing
left, kill = int(sys.argv[2]), lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if left < 0:  # all is written; it is about to get its name
    keeping.swap_in = kill
write = writing.Hashed.write
def counted(file, data):
    global left
    left -= 1
    if left == 0:
        kill()
    return write(file, data)
writing.Hashed.write = counted
with override_settings(MEDIA_ROOT=Path(sys.argv[1])):
    making.nightly(now=timezone.now())
"""


def killed(media: Path, after: int) -> None:
    """A nightly snapshot in another process, which is killed after so many writes."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path=f"/{connection.settings_dict['NAME']}"
    )
    environment = os.environ | {
        "DATABASE_URL": database.geturl(),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(media), str(after)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def test_the_night_after_a_kill_goes_as_any_other(town: Any, media: Path) -> None:
    for after in (1, 40, -1):
        killed(media, after)
        assert keeping.names() == [OLD], after
        assert keeping.manifest(keeping.names()[0]).row_count == 0
        assert len(there()) == 2, "what the dead process left is there"
    made = making.nightly(now=NOW)
    name = keeping.name_at(made.taken_at)
    assert there() == [OLD, name]
    assert is_whole(keeping.root() / name)
    assert made.row_count > 10
