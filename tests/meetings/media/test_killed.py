"""A real worker is killed while it packages: nothing half-made is served, the next begins anew."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from meetings.media import retention, services, storage
from meetings.media.models import Recording, State
from tests.meetings.media.factories import NOW, record
from tests.meetings.records.factories import MeetingFactory

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import django
django.setup()
from django.utils import timezone
from meetings.media import services
from meetings.media.models import Recording
services.package(recording=Recording.objects.get(), now=timezone.now())
"""
# Writes half a segment, says so, and goes on for ever, as far as it can tell.
SLOW = """#!/bin/sh
printf half > 0.m4s
exec 3> {said}
echo begun >&3
exec sleep 600
"""


@pytest.fixture
def killed(council: Path, tmp_path: Path, media: Path) -> Recording:
    """A recording whose worker was killed in the middle; whatever it had started is gone."""
    recording = record(MeetingFactory(), council, packaged=False)
    said = tmp_path / "said"
    os.mkfifo(said)
    slow = tmp_path / "ffmpeg"
    slow.write_text(SLOW.format(said=said))
    slow.chmod(0o700)
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connection.settings_dict["NAME"]
    )
    settings = {
        "DATABASE_URL": database.geturl(),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "FFMPEG": str(slow),
        "MEDIA_ROOT": str(media),
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=os.environ | settings)
    with said.open() as telling:
        assert telling.readline() == "begun\n"
        worker.kill()
        worker.wait()
        # All that it started has ended, or this would not. The ffmpeg for thumbnails may be one.
        assert telling.read() in {"", "begun\n"}
    recording.refresh_from_db()
    return recording


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_to_be_served(killed: Recording) -> None:
    assert (killed.state, killed.package_version) == (State.PACKAGING, 0)
    left = [path.name for path in storage.folder_of(killed.key).iterdir()]
    assert [name for name in left if name.isdigit()] == []
    assert [name for name in left if name.startswith(".work-")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_next_worker_begins_anew_at_once(killed: Recording) -> None:
    services.package(recording=killed, now=NOW)

    killed.refresh_from_db()
    assert (killed.state, killed.package_version) == (State.READY, 1)
    left = sorted(path.name for path in storage.folder_of(killed.key).iterdir())
    assert left == [".lock", "1", "original.mp4"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_it_left_is_swept_and_the_original_is_not(killed: Recording, council: Path) -> None:
    retention.sweep(now=NOW)

    left = sorted(path.name for path in storage.folder_of(killed.key).iterdir())
    assert left == [".lock", "original.mp4"]
    assert Path(killed.original.path).read_bytes() == council.read_bytes()
