"""docs/verifying.md: its commands, word for word, say yes to what we signed and no to all else."""

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from meetings.clips import manifests, signing
from meetings.clips.models import Rendering
from tests.meetings.clips.factories import cut
from tests.meetings.clips.signed import NOW, address_of, made, mp4

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs" / "verifying.md"
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", PAGE.read_text(), re.DOTALL)
FETCH, CHECK, COMPARE = (text for kind, text in BLOCKS if kind == "sh")
(IN_PYTHON,) = (text for kind, text in BLOCKS if kind == "python")
YES = "Signature Verified Successfully"

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is missing.")


@pytest.fixture
def folder(tmp_path, visitor):
    """What whoever checks has saved: manifest, keys, and a video."""
    clip = cut(maker_name="Ana Ñandú 🏛")
    body = mp4(address_of(clip))
    made(clip, Rendering.Kind.PLAIN, body=body)
    manifests.of(clip, now=NOW)
    wanted = FETCH.replace("https://portal.example", settings.SITE_URL).replace("SLUG", clip.slug)
    for name, address in re.findall(r"^curl -o (\S+) (\S+)$", wanted, re.MULTILINE):
        answer = visitor.get(address.removeprefix(settings.SITE_URL))
        assert answer.status_code == 200
        (tmp_path / name).write_bytes(answer.content)
    (tmp_path / "clip.mp4").write_bytes(body)
    return tmp_path


def run(commands, folder):
    """In a shell that finds this Python under the name that the page gives it."""
    (folder / "python3").exists() or (folder / "python3").symlink_to(sys.executable)
    return subprocess.run(
        ["sh", "-c", commands],
        cwd=folder,
        env={"PATH": f"{folder}:/usr/bin:/bin", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def change(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


@needs_openssl
def test_openssl_says_yes_to_what_we_signed(folder):
    done = run(CHECK, folder)
    assert done.returncode == 0, done.stderr
    assert YES in done.stdout


@needs_openssl
@pytest.mark.parametrize(
    ("before", "after"),
    [("approved", "rejected"), ('"end_ms":8000', '"end_ms":8001'), ('"value":"', '"value":"A')],
)
def test_openssl_says_no_to_a_change(folder, before, after):
    change(folder / "manifest.json", before, after)
    done = run(CHECK, folder)
    assert done.returncode != 0
    assert YES not in done.stdout


@needs_openssl
def test_openssl_says_no_with_another_key(folder, settings):
    """Somebody hands over keys of their own, under the name of ours."""
    ours = signing.key_set()["keys"][0]["x"]
    change(folder / "jwks.json", ours, signing.encode(bytes(range(32))))
    assert YES not in run(CHECK, folder).stdout


@needs_openssl
def test_hash_of_a_video_is_found_in_the_statement_and_that_of_another_is_not(folder):
    run(CHECK, folder)
    assert len(run(COMPARE, folder).stdout.strip()) == 64
    body = (folder / "clip.mp4").read_bytes()
    (folder / "clip.mp4").write_bytes(body[:-1] + b"!")
    assert run(COMPARE, folder).stdout == ""


def test_python_alone_says_yes_and_no(folder):
    (folder / "check.py").write_text(IN_PYTHON)
    command = f"{sys.executable} -W error::SyntaxWarning check.py"
    assert run(command, folder).returncode == 0
    change(folder / "manifest.json", "approved", "rejected")
    assert "InvalidSignature" in run(command, folder).stderr


def test_page_that_checks_shows_the_same_commands(visitor):
    page = html.unescape(visitor.get("/verify/").content.decode())
    shown = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)[1]
    assert shown == (FETCH + CHECK + COMPARE).replace("https://portal.example", settings.SITE_URL)
