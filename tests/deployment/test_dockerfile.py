"""The Dockerfile without an engine: what it copies is there, and nothing else gets in."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = re.split(r"^(?=FROM )", TEXT, flags=re.MULTILINE)[1:]
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text().splitlines()
    if line and not line.startswith("#")
]


def copied(stage):
    """What a stage copies out of the checkout."""
    for line in re.findall(r"^COPY (?!--from)(.+)$", stage, re.MULTILINE):
        yield from line.split()[:-1]


def reaches_the_build(path):
    """Docker's rule: the last pattern that matches a path or a folder above it decides."""
    reaches = True
    for pattern in IGNORED:
        bare = pattern.removeprefix("!").removeprefix("**/")
        if any(fnmatch(str(part), bare) for part in (path, *Path(path).parents, Path(path).name)):
            reaches = pattern.startswith("!")
    return reaches


@pytest.mark.parametrize("path", sorted({path for stage in STAGES for path in copied(stage)}))
def test_what_is_copied_is_there_and_not_left_out(path):
    assert (ROOT / path).exists()
    assert reaches_the_build(path)


@pytest.mark.parametrize(
    "path",
    [".env", ".git", ".local", ".venv", "node_modules", "tests", "bench", "docs", "README.md",
     "docker-compose.yml", "portal/__pycache__", "meetings/records/models.pyc",
     "portal/site/demo/2026-09-14-city-council/meeting.mp4"],
)  # fmt: skip
def test_the_rest_does_not_even_reach_the_build(path):
    assert not reaches_the_build(path)


def test_what_runs_is_the_code_of_the_site_and_nothing_for_building_it():
    assert set(copied(STAGES[-1])) == {
        "manage.py", "portal", "memberships", "meetings", "templates", "static",
    }  # fmt: skip
    assert "pip" not in STAGES[-1]
    assert "npm" not in STAGES[-1]


def test_packages_come_with_hashes_and_run_no_scripts():
    assert "npm ci --ignore-scripts" in TEXT
    assert re.search(r'pip install .*--require-hashes -r "\$REQUIREMENTS"', TEXT)
    assert len(re.findall(r"\b(?:pip|npm) (?:install|ci)\b", TEXT)) == 2


def test_speech_is_an_argument_and_left_out_unless_it_is_asked_for():
    """Both locks have the site's own packages in the same versions; one has what hears as well."""
    assert re.findall(r"^ARG (.+)$", TEXT, re.MULTILINE) == ["REQUIREMENTS=requirements.lock"]
    plain, speech = (
        set(re.findall(r"^[\w.\[\]-]+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-speech.lock")
    )
    assert plain < speech
    assert any(one.startswith("faster-whisper==") for one in speech - plain)


def test_the_site_runs_as_a_user_without_rights():
    assert re.findall(r"^USER (\w+)", STAGES[-1], re.MULTILINE) == ["site"]
    assert "--uid 10001 --gid site" in STAGES[-1]


def test_python_is_the_one_that_the_lock_was_made_for():
    versions = set(re.findall(r"^FROM python:(\d+\.\d+)", TEXT, re.MULTILINE))
    made_for = re.search(r"--python-version (\S+)", (ROOT / "Makefile").read_text())[1]
    assert versions == {made_for}
