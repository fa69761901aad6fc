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


@pytest.fixture
def with_a_taken_neighbour():
    """A free port, and the one after it taken."""
    for _ in range(50):
        port = ports.free()
        if port < 65535 and ports.is_free(port + 1):
            with socket.create_server(("127.0.0.1", port + 1)):
                yield port
            return
    raise AssertionError("No two ports beside each other are free.")


def asked(script, port, **environment):
    return subprocess.run(
        [sys.executable, script, str(port)],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


@pytest.fixture
def script(tmp_path):
    """The script in a checkout of its own, without the settings of this one."""
    copy = tmp_path / "portal" / "embedded" / "ports.py"
    copy.parent.mkdir(parents=True)
    return shutil.copy(SCRIPT, copy)


def test_port_of_the_sandbox_is_asked_for_as_well(script, with_a_taken_neighbour):
    port = with_a_taken_neighbour
    said = asked(script, port)
    assert said.returncode == 1
    assert said.stderr.startswith(
        f"Port {port + 1} is taken, and the sandbox for payments needs it."
    )
    assert f"make run PORT={port + 2}" in said.stderr
    assert said.stderr.count("\n") == 1


def test_port_of_the_sandbox_is_nobody_s_where_a_key_is_set(script, with_a_taken_neighbour):
    port, written = with_a_taken_neighbour, script.parents[2] / ".env"
    assert asked(script, port, STRIPE_SECRET_KEY="sk_test_1").returncode == 0
    written.write_text("DEBUG=true\nSTRIPE_SECRET_KEY=sk_test_1\n")
    assert asked(script, port).returncode == 0
    written.write_text("# STRIPE_SECRET_KEY=sk_test_1\nSTRIPE_SECRET_KEY=\n")
    assert asked(script, port).returncode == 1


def test_last_port_of_all_leaves_none_for_the_sandbox(script):
    said = asked(script, 65535)
    assert said.returncode == 2
    assert "below 65535" in said.stderr
    assert asked(script, 65535, STRIPE_SECRET_KEY="sk_test_1").returncode == 0


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
