"""Snapshots are whole or not there: after a crash, a full disk, a kill, and with two at once."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from meetings.data import tasks
from meetings.data.bulk import keeping, making
from meetings.data.bulk.manifests import NAME, Manifest
from tests.meetings.media.buckets import names_in

NOW = datetime(2026, 11, 23, 2, 23, tzinfo=UTC)


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Any:
    """In the place of reading the database: writes some files and counts the seconds."""

    def take(folder: Path, *, report: Any = None) -> Manifest:
        take.at += timedelta(seconds=1)
        (folder / "places.parquet").write_bytes(b"rows")
        take.then(folder)
        manifest = Manifest(take.at, "Site", "https://site", "Free.", "", [])
        (folder / NAME).write_bytes(manifest.write())
        return manifest

    take.at, take.then = NOW, lambda _folder: None
    monkeypatch.setattr(making, "take", take)
    return take


def litter() -> list[str]:
    return [path.name for path in keeping.root().glob(f"{keeping.WORK}*")]


def test_the_newest_few_are_kept(take: Any, settings: Any) -> None:
    settings.DATA_SNAPSHOTS_KEPT = 2
    for _night in range(4):
        making.nightly(now=NOW)
    assert keeping.names() == ["20261123T022304Z", "20261123T022303Z"]
    assert keeping.manifest("20261123T022304Z").taken_at == take.at
    assert litter() == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_leaves_the_old_one_and_no_litter(take: Any, error: BaseException) -> None:
    making.nightly(now=NOW)

    def fail(folder: Path) -> None:
        raise error

    take.then = fail
    with pytest.raises(type(error)):
        making.nightly(now=NOW)
    assert keeping.names() == ["20261123T022301Z"]
    assert keeping.read("20261123T022301Z", "places.parquet") == b"rows"
    assert litter() == []


def test_a_snapshot_is_no_snapshot_before_it_has_its_name(take: Any) -> None:
    seen: list[list[str]] = []
    take.then = lambda folder: seen.append(keeping.names())
    making.nightly(now=NOW)
    making.nightly(now=NOW)
    assert seen == [[], ["20261123T022301Z"]]


def test_two_at_once_make_one(take: Any) -> None:
    def meanwhile(_folder: Path) -> None:
        with pytest.raises(keeping.Busy):
            making.nightly(now=NOW)
        tasks.take_snapshot()  # the worker's way: it leaves it to the other

    take.then = meanwhile
    making.nightly(now=NOW)
    assert len(keeping.names()) == 1
    assert litter() == []


def test_two_at_once_by_hand_make_one(take: Any, tmp_path: Path) -> None:
    def meanwhile(_folder: Path) -> None:
        with pytest.raises(keeping.Busy):
            making.by_hand(tmp_path / "out")

    take.then = meanwhile
    making.by_hand(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [NAME, "places.parquet"]
    with pytest.raises(making.Taken):
        making.by_hand(tmp_path / "out")


KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.test.utils import override_settings
from meetings.data.bulk import making
def take(folder, *, report=None):
    (folder / "segments.parquet").write_bytes(b"half")
    {how}
making.take = take
with override_settings(MEDIA_ROOT=Path(sys.argv[1])):
    {what}
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
FULL = """import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    (folder / "sentences.parquet").write_bytes(b"x" * 1_000_000)"""


def other_process(media: Path, how: str, what: str) -> subprocess.CompletedProcess[str]:
    script = KILLED.format(how=how, what=what)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    return subprocess.run(
        [sys.executable, "-c", script, str(media)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_who_is_killed_leaves_the_old_one_and_the_next_sweeps(take: Any, media: Path) -> None:
    making.nightly(now=NOW)
    ended = other_process(media, KILL, "making.nightly(now=None)")
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert len(litter()) == 1
    assert keeping.names() == ["20261123T022301Z"]
    making.nightly(now=NOW)
    assert litter() == []
    assert len(keeping.names()) == 2


@pytest.mark.slow
def test_a_disk_that_takes_no_more_leaves_the_old_one(take: Any, media: Path) -> None:
    making.nightly(now=NOW)
    ended = other_process(media, FULL, "making.nightly(now=None)")
    assert ended.returncode == 1
    assert "OSError" in ended.stderr
    assert litter() == []
    assert keeping.names() == ["20261123T022301Z"]


@pytest.mark.slow
def test_who_is_killed_by_hand_is_swept_by_the_next(take: Any, media: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = other_process(media, KILL, f"making.by_hand(Path({str(out)!r}))")
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert not out.exists()
    making.by_hand(out)
    assert sorted(path.name for path in out.iterdir()) == [NAME, "places.parquet"]
    assert list(tmp_path.glob(".out*")) == []


@pytest.mark.slow
def test_in_a_bucket_the_manifest_comes_last_and_old_ones_go(
    take: Any, bucket: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_SNAPSHOTS_KEPT = 1
    making.nightly(now=NOW)
    old = "data/20261123T022301Z"
    assert names_in(bucket) == {f"{old}/{NAME}", f"{old}/places.parquet"}
    send, sent = keeping.bucket.send, []

    def breaks(path: Path, name: str, **more: Any) -> None:
        sent.append(path.name)
        if path.name == NAME:
            raise OSError("the bucket does not answer")
        send(path, name, **more)

    monkeypatch.setattr(keeping.bucket, "send", breaks)
    with pytest.raises(OSError, match="does not answer"):
        making.nightly(now=NOW)
    assert sent == ["places.parquet", NAME]
    assert keeping.names() == ["20261123T022301Z"]
    assert names_in(bucket) == {f"{old}/{NAME}", f"{old}/places.parquet"}
    monkeypatch.setattr(keeping.bucket, "send", send)
    bucket.Object("data/20261120T000000Z/places.parquet").put(Body=b"half")  # of a dead machine
    bucket.Object("data/20261123T020000Z/places.parquet").put(Body=b"half")  # on its way
    making.nightly(now=NOW)
    new = "data/20261123T022303Z"
    assert names_in(bucket) == {
        f"{new}/{NAME}",
        f"{new}/places.parquet",
        "data/20261123T020000Z/places.parquet",
    }
    assert litter() == []
