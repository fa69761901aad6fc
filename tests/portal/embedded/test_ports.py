"""Ports: a taken one is said in one line, before anything is installed or started."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal.embedded import ports

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "portal" / "embedded" / "ports.py"


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_wanted_port_is_given_if_it_is_free(taken):
    assert ports.free(taken) != taken
    assert not ports.is_free(taken)
    fresh = ports.free()
    assert ports.free(fresh) == fresh


def test_script_says_in_one_line_that_the_port_is_taken(taken):
    asked = subprocess.run(
        [sys.executable, SCRIPT, str(taken)], check=False, capture_output=True, text=True
    )
    assert asked.returncode == 1
    assert asked.stderr.startswith(f"Port {taken} is taken.")
    assert asked.stderr.count("\n") == 1


@pytest.mark.parametrize("word", ["", "web", "0", "65536", "80 80"])
def test_script_refuses_what_is_no_port(word):
    asked = subprocess.run(
        [sys.executable, SCRIPT, word], check=False, capture_output=True, text=True
    )
    assert asked.returncode == 2
    assert asked.stderr.count("\n") == 1


def test_make_run_stops_before_it_installs_anything(taken, tmp_path):
    for part in ("Makefile", "portal/embedded/ports.py", "requirements-dev.lock"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    made = subprocess.run(
        ["make", "run", f"PORT={taken}"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode != 0
    assert f"Port {taken} is taken." in made.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "Makefile",
        "portal",
        "requirements-dev.lock",
    ]
