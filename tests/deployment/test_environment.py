"""`.env.example` and the settings say the same: no setting is left out, none is made up."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "portal" / "settings.py"
EXAMPLE = ROOT / ".env.example"
COMPOSE = ROOT / "docker-compose.yml"
ENTRY = re.compile(r"^# ([A-Z][A-Z0-9_]+)=(.*)$")


def settings_names():
    """The names that settings.py asks its environment for."""
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name("env"), attr=method),
                args=[ast.Constant(str() as name), *_],
            ) if method != "read_env":
                yield name
            case ast.Call(func=ast.Name("env"), args=[ast.Constant(str() as name), *_]):
                yield name


def compose_names():
    """The names that docker-compose.yml takes from `.env`."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]+)", COMPOSE.read_text()))


def example():
    """(name, value, sentences above it) of each entry."""
    above = []
    for line in EXAMPLE.read_text().splitlines():
        if entry := ENTRY.match(line):
            yield entry[1], entry[2], " ".join(above)
        above = [*above, line.lstrip("# ")] if line.startswith("# ") and not entry else []


def test_the_example_names_what_settings_and_compose_read_and_nothing_else():
    listed = [name for name, _value, _why in example()]
    assert sorted(listed) == sorted({*settings_names(), *compose_names()})


def test_settings_ask_the_environment_by_no_other_way():
    text = SETTINGS.read_text()
    assert "os.environ" not in text
    assert "getenv" not in text


@pytest.mark.parametrize(("name", "value", "why"), list(example()))
def test_each_setting_has_a_sentence_and_an_example(name, value, why):
    assert value, name
    assert why.endswith("."), name
    assert 20 < len(why) < 300, name


def test_the_example_sets_nothing_by_itself():
    lines = EXAMPLE.read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_what_compose_demands_is_marked_as_needed():
    demanded = set(re.findall(r"\$\{([A-Z0-9_]+):\?", COMPOSE.read_text()))
    needed = {name for name, _value, why in example() if "[needed]" in why}
    given = {"DJANGO_ENV", "DATABASE_URL", "REDIS_URL"}  # by docker-compose.yml itself
    assert demanded == needed - given


@pytest.mark.slow
def test_a_production_site_starts_with_the_examples():
    run = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **{name: value for name, value, _why in example()},
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
