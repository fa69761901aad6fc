"""Every mutant can still be planted, and names tests that are there. `make mutants` runs them."""

import re
from pathlib import Path

import pytest

from .mutants import MUTANTS, planted

ROOT = Path(__file__).resolve().parents[2]


def read(path):
    return (ROOT / path).read_text()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_can_be_planted(mutant):
    for path, text in planted(mutant, read).items():
        compile(text, path, "exec")
        assert text != read(path)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_tests_that_must_see_it_are_there(mutant):
    for name in mutant.tests:
        path, _, function = name.partition("::")
        assert re.search(rf"^def {function or 'test_'}", read(path), re.MULTILINE), name
