"""Processes that a file speaks of: which one counts, and when it is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.embedded import offspring


@pytest.fixture
def sleeper(tmp_path):
    with subprocess.Popen(["sleep", "1000"], cwd=tmp_path) as process:
        yield process
        process.kill()


def test_process_counts_only_if_it_works_in_the_folder(sleeper, tmp_path):
    assert offspring.works_in(sleeper.pid, tmp_path)
    assert offspring.works_in(sleeper.pid, tmp_path.parent)
    assert not offspring.works_in(sleeper.pid, tmp_path / "below")
    assert not offspring.works_in(sleeper.pid, Path(f"{tmp_path}x"))
    assert not offspring.works_in(0, Path("/"))


def test_process_that_has_ended_is_gone(sleeper):
    assert not offspring.wait_gone(sleeper.pid, 0.05)
    sleeper.kill()
    sleeper.wait()
    assert offspring.wait_gone(sleeper.pid, 5)


def test_process_whose_parent_never_asks_is_gone(tmp_path):
    source = (
        "import subprocess as s, sys; child = s.Popen('true'); print(child.pid, flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as parent:
        ended = int(parent.stdout.readline())
        assert offspring.wait_gone(ended, 5)
        os.kill(ended, 0)  # it is still in the list
        assert not offspring.works_in(ended, tmp_path)
        parent.stdin.close()
