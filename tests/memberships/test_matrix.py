"""Every row of the failure matrix has a test that is named after it: `test_row_12_…`.

The matrix has 54 rows; those that speak of several at the same moment have a test with threads.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROWS = range(1, 55)
AT_ONCE = {1, 2, 6, 8, 11, 12, 42, 44, 45, 53}
# What a test calls that has threads, or processes, of its own.
THREADS = re.compile(r"\bat_once\b|\bin_thread\b|\bThread(?:PoolExecutor)?\b|\bslow\.begin\b")


def rows_of(name):
    """The rows in a name: `test_row_` has one, `test_rows_` has some, or a stretch of them."""
    one, some = r"test_row_(\d+)_", r"test_rows_(\d+(?:_(?:(?:and|to)_)?\d+)*)_"
    found = re.match(one, name) or re.match(some, name)
    words = found[1].split("_") if found else []
    rows = [int(word) for word in words if word.isdigit()]
    return list(range(rows[0], rows[-1] + 1)) if "to" in words else rows


def with_threads(function, source):
    return bool(THREADS.search(ast.get_source_segment(source, function)))


def found_by_row():
    """By row: the tests named after it, and whether each has threads."""
    found = defaultdict(dict)
    for path in sorted(TESTS.rglob("*.py")):
        source = path.read_text()
        if "def test_row" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_row"):
                for row in rows_of(node.name):
                    found[row][f"{path.name}::{node.name}"] = with_threads(node, source)
    return found


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("test_row_12_second_request", [12]),
        ("test_rows_15_and_42_killed", [15, 42]),
        ("test_rows_32_33_and_34_payment", [32, 33, 34]),
        ("test_rows_26_to_29_disputes", [26, 27, 28, 29]),
        ("test_row_17_500_is_kept", [17]),
        ("test_rows_are_there", []),
    ],
)
def test_names_are_understood(name, rows):
    assert rows_of(name) == rows


def test_every_row_has_a_test():
    found = found_by_row()
    assert [row for row in ROWS if row not in found] == []


def test_rows_of_several_at_once_have_threads():
    found = found_by_row()
    assert [row for row in sorted(AT_ONCE) if not any(found[row].values())] == []
