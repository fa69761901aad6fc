"""Uploads at the server of production, over bare sockets: killed, cut, and two at once."""

import contextlib
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from meetings.intake import arrivals
from meetings.media import uploads
from meetings.media.models import Recording, Upload
from tests.concurrency import at_once
from tests.meetings.intake.sending import PIECE, TUS, about
from tests.meetings.media.factories import video
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import StaffFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "It did not come about."
        time.sleep(0.02)


class Site:
    """granian with one worker on the tests' database. `kill` ends it as a power cut would."""

    def __init__(self, media: Path, cookie: str) -> None:
        self.media, self.cookie = media, cookie
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = urlsplit(os.environ["DATABASE_URL"])._replace(
            path="/" + connection.settings_dict["NAME"]
        )
        own = {
            "DATABASE_URL": database.geturl(),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "MEDIA_ROOT": str(self.media),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "UPLOAD_SPARE_GB": "0",
        }
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
                *("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"),
                *("--blocking-threads", "4", "--log-level", "critical", "portal.wsgi:application"),
            ],
            cwd=ROOT,
            env=os.environ | own,
            start_new_session=True,
        )
        until(self._answers)

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("OPTIONS", "/uploads/")[0] == 204
        return False

    def headers(self, **more: str) -> dict[str, str]:
        session = f"{django_settings.SESSION_COOKIE_NAME}={self.cookie}; csrftoken={'y' * 32}"
        return {
            **TUS,
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": session,
            "X-CSRFToken": "y" * 32,
            **more,
        }

    def ask(
        self, method: str, path: str, body: bytes = b"", **more: str
    ) -> tuple[int, Message, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        with contextlib.closing(line):
            line.request(method, path, body or None, self.headers(**more))
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()

    def begin(self, size: int, **told: object) -> str:
        told = {"filename": "x.mp4", **told}
        length = {"Upload-Length": str(size), "Upload-Metadata": about(**told)}
        status, headers, body = self.ask("POST", "/uploads/", **length)
        assert status == 201, body
        return headers["Location"]

    def offset(self, place: str) -> int:
        return int(self.ask("HEAD", place)[1]["Upload-Offset"])

    def send(self, place: str, data: bytes, at: int = 0) -> tuple[int, Message, bytes]:
        return self.ask("PATCH", place, data, **{"Content-Type": PIECE, "Upload-Offset": str(at)})

    def half(self, place: str, data: bytes, length: int, at: int = 0) -> socket.socket:
        """A line that promised so many bytes, and brought some of them."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        about_it = self.headers(
            **{"Content-Type": PIECE, "Upload-Offset": str(at), "Content-Length": str(length)}
        )
        lines = [f"PATCH {place} HTTP/1.1", *(f"{name}: {it}" for name, it in about_it.items())]
        line.sendall("\r\n".join([*lines, "", ""]).encode() + data)
        return line


@pytest.fixture
def site(settings: Any, tmp_path: Path) -> Iterator[Site]:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    client = Client()
    client.force_login(StaffFactory())
    running = Site(settings.MEDIA_ROOT, client.cookies[settings.SESSION_COOKIE_NAME].value)
    running.start()
    yield running
    running.kill()


def on_disk() -> int:
    return uploads.file_of(Upload.objects.get()).offset()


def test_after_kill_9_in_the_middle_of_a_piece_it_goes_on_from_what_is_there(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    film = video(tmp_path_factory.mktemp("film"), seconds=2).read_bytes()
    data = film + (3_000_000).to_bytes(4) + b"free" + os.urandom(3_000_000 - 8)
    meeting = MeetingFactory()
    place = site.begin(len(data), meeting=meeting.pk)
    with site.half(place, data[:1_000_000], len(data)):
        until(lambda: on_disk() > 900_000)
        site.kill()

    there = on_disk()
    assert uploads.file_of(Upload.objects.get()).path.read_bytes() == data[:there]
    site.start()
    assert site.offset(place) == there
    assert site.send(place, data[there:], there)[0] == 204
    assert site.offset(place) == len(data)
    arrivals.take_in()

    recording = Recording.objects.get()
    assert recording.meeting == meeting
    assert recording.sha256 == hashlib.sha256(data).hexdigest()
    assert Path(recording.original.path).read_bytes() == data


def test_a_line_that_is_cut_two_at_once_and_one_that_is_silent(site: Site) -> None:
    data = os.urandom(400_000)
    place = site.begin(len(data))

    with site.half(place, data[:100_000], len(data)):  # hung up
        until(lambda: on_disk() >= 65_536)
    until(lambda: site.offset(place) == 100_000)
    until(lambda: site.send(place, data[100_000:100_001], 100_000)[0] == 204)
    assert site.send(place, b"x" * 99, 5)[0] == 409

    # Under way: everybody else is told so, and told the truth about the offset.
    slow = site.half(place, data[100_001:200_001], 200_000, at=100_001)
    until(lambda: on_disk() >= 100_001 + 65_536)
    status, _headers, body = site.send(place, b"x", on_disk())
    assert (status, body.decode()) == (
        423,
        "This file is being sent by another window or machine.",
    )
    # It fell silent long ago, as far as anybody can tell: the next takes over.
    long_ago = time.time() - 31
    path = uploads.file_of(Upload.objects.get()).path
    there = on_disk()
    for left in (path, path.with_name(f"{path.name}.lock")):
        os.utime(left, (long_ago, long_ago))
    assert site.send(place, data[there:300_000], there)[0] == 204
    slow.sendall(b"X" * 100_000)
    with contextlib.suppress(OSError):
        assert b" 423 " in slow.recv(200)
    slow.close()
    assert site.offset(place) == 300_000

    # Two that send the last piece at once: one does.
    def last() -> int:
        return site.send(place, data[300_000:], 300_000)[0]

    assert sorted(at_once(last, last))[0] == 204
    assert path.read_bytes() == data
    assert Upload.objects.get().state == "arrived"
