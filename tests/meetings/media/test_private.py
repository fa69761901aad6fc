"""The media folder is the site's alone: no other user reads it, no server serves it."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.checks.registry import registry

from meetings.media.checks import recordings_are_not_served
from tests.meetings.media.factories import record
from tests.meetings.records.factories import MeetingFactory

ROOT = Path(__file__).resolve().parents[3]
DOCS = (ROOT / "docs" / "operating.md").read_text()
NGINX = re.findall(r"```nginx\n(.*?)```", DOCS, re.DOTALL)


def can_be_read_by_others(path: Path, below: Path) -> bool:
    """Whether each folder on the way lets others in, and the file itself lets them read."""
    on_the_way = [one for one in path.parents if one.is_relative_to(below) and one != below]
    is_open = all(folder.stat().st_mode & 0o011 for folder in on_the_way)
    return is_open and bool(path.stat().st_mode & 0o044)


@pytest.mark.django_db
def test_no_other_user_reads_a_recording(council: Path, media: Path) -> None:
    before = os.umask(0o022)
    try:
        record(MeetingFactory(), council)
    finally:
        os.umask(before)

    files = [path for path in media.rglob("*") if path.is_file() and path.name != ".lock"]
    assert len(files) > 8
    assert [path for path in files if can_be_read_by_others(path, media)] == []


@pytest.mark.parametrize(
    ("media", "static"),
    [("/srv/static/media", "/srv/static"), ("/srv", "/srv/static"), ("/srv/static", "/srv/static")],
)
def test_a_media_folder_that_is_served_is_an_error(media: str, static: str, settings: Any) -> None:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = media, static

    assert [found.id for found in recordings_are_not_served()] == ["media.E001"]


def test_this_site_serves_none_of_it() -> None:
    assert recordings_are_not_served in registry.get_checks()
    assert not [found for found in run_checks(tags=["security"]) if found.id == "media.E001"]
    assert not hasattr(django_settings, "WHITENOISE_ROOT")
    assert django_settings.FILE_UPLOAD_PERMISSIONS == 0o600


def test_what_operators_are_told_of_nginx_fits_the_settings() -> None:
    (told,) = NGINX
    example = (ROOT / ".env.example").read_text()
    (named,) = re.findall(r"PLAYBACK_ACCEL=(/\S+)", example)

    assert f"location {named}/ {{\n        internal;\n        alias /media/;" in told
    assert re.findall(r"PLAYBACK_ACCEL=(/[\w-]+)", DOCS) == [named]
    assert "MEDIA_ROOT: /media" in (ROOT / "docker-compose.yml").read_text()
    users = re.findall(r"--uid (\d+) --gid site", (ROOT / "Dockerfile").read_text())
    assert f'user: "{users[0]}:{users[0]}"' in DOCS


def test_what_the_bucket_must_allow_is_told() -> None:
    assert "MEDIA_BUCKET" in DOCS
    for action in ("GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload", "ListBucket"):
        assert f"s3:{action}" in DOCS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Deciding(BaseHTTPRequestHandler):
    """Stands for Django: it sends nothing itself and names the file."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "video/iso.segment")
        self.send_header("Cache-Control", "private, no-store")
        self.send_header("X-Accel-Redirect", "/protected-media/recordings/k/1/0.m4s")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        pass


def wait_for(port: int, process: subprocess.Popen[bytes], errors: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, errors.read_text()
        else:
            return
    pytest.fail("nginx did not start.")


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[int]:
    """The server of docs/operating.md, without TLS, in front of one that decides."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        pytest.skip("there is no nginx here")
    media = tmp_path / "media" / "recordings" / "k" / "1"
    media.mkdir(parents=True)
    (media / "0.m4s").write_bytes(bytes(range(250)) * 4)
    django = ThreadingHTTPServer(("127.0.0.1", 0), Deciding)
    thread = threading.Thread(target=django.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    port, errors = free_port(), tmp_path / "errors"
    (told,) = NGINX
    told = told.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    told = re.sub(r"\n\s*ssl_\w+\s.*", "", told)
    told = told.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{django.server_port}")
    told = told.replace("alias /media/", f"alias {tmp_path}/media/")
    kept = "".join(
        f"{name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    me = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{me} daemon off; master_process off; pid {tmp_path}/pid; error_log {errors};\n"
        f"events {{}}\nhttp {{ access_log {tmp_path}/asked; {kept}\n{told}\n}}\n"
    )
    process = subprocess.Popen(
        [program, "-c", str(tmp_path / "nginx.conf"), "-e", str(errors)],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process, errors)
        yield port
    finally:
        process.terminate()
        process.wait()
        django.shutdown()
        django.server_close()
        thread.join()


@pytest.mark.slow
def test_nginx_carries_what_django_names_and_gives_nobody_else_anything(
    nginx: int, tmp_path: Path
) -> None:
    data = bytes(range(250)) * 4
    base = f"http://127.0.0.1:{nginx}"

    def ask(path: str, **headers: str) -> Any:
        asked = urllib.request.Request(base + path, headers=headers)  # noqa: S310 - on loopback
        return urllib.request.urlopen(asked, timeout=10)  # noqa: S310 - on loopback

    with ask("/playback/secret-token/0.m4s") as whole:
        assert whole.read() == data
        assert whole.headers["Content-Type"] == "video/iso.segment"
        assert whole.headers["Cache-Control"] == "private, no-store"
        assert "X-Accel-Redirect" not in whole.headers
    with ask("/playback/secret-token/0.m4s", Range="bytes=10-19") as part:
        assert (part.status, part.read()) == (206, data[10:20])
    for path in ("/protected-media/recordings/k/1/0.m4s", "/protected-media/../../nginx.conf"):
        with pytest.raises(HTTPError) as refused:
            ask(path)
        assert refused.value.code in {400, 404}
        refused.value.close()
    assert "secret-token" not in (tmp_path / "asked").read_text()
