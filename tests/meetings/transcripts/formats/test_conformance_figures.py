"""The figures and names in tests/README.md are those of the run."""

import re
from pathlib import Path

import pytest

from tests.meetings.transcripts.formats import mozilla_cases, other_cases, w3c_cases

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture
def folder(sample_data: Path) -> Path:
    return sample_data / "captions/conformance"


def run(folder: Path) -> dict[str, tuple[int, int, int]]:
    """For each suite its cases, those that pass, and those that do not apply."""
    w3c, mozilla = folder / "w3c-webvtt.js", folder / "mozilla-vtt.js"
    files = sorted((w3c / "wpt-file-parsing").glob("*.vtt"))
    texts = w3c_cases.cue_texts(w3c / "wpt-cue-parsing")
    names = mozilla_cases.names(mozilla)
    figures = {
        "W3C, file parsing": (len(files), sum(not w3c_cases.file_problems(file) for file in files)),
        "W3C, cue text": (
            len(texts),
            sum(w3c_cases.drawn(text) == tree for _, text, tree in texts),
        ),
        "Mozilla vtt.js": (
            len(names),
            sum(
                mozilla_cases.is_met(mozilla, name, mozilla_cases.DIFFERENCES.get(name))
                for name in names
            ),
        ),
    }
    all_figures = {suite: (*counts, 0) for suite, counts in figures.items()}
    for suite, project in (
        ("webvtt-py", "webvtt-py"),
        ("srt", "cdown-srt"),
        ("pysubs2", "pysubs2"),
    ):
        ours = [name for name in other_cases.FILES if name.startswith(project)]
        left = [name for name in other_cases.NOT_APPLYING if name.startswith(project)]
        passed = sum(not other_cases.problems(folder, name) for name in ours)
        all_figures[suite] = (len(ours) + len(left), passed, len(left))
    return all_figures


def stated() -> dict[str, tuple[int, int, int]]:
    rows = re.findall(
        r"^\| ([^|]+?) \| (\d+) \| (\d+) \| (\d+) \|$", README.read_text("utf-8"), re.MULTILINE
    )
    return {suite: (int(cases), int(passed), int(left)) for suite, cases, passed, left in rows}


def test_readme_states_the_figures_of_the_run(folder):
    figures = run(folder)
    print(figures)
    assert stated() == figures
    assert all(cases == passed + left for cases, passed, left in figures.values())


def test_readme_names_every_case_that_does_not_apply_or_differs():
    text = README.read_text("utf-8")
    named = set(re.findall(r"`([\w./-]+)`", text))
    for name, reason in other_cases.NOT_APPLYING.items():
        assert name in named
        assert reason in text
    for name, difference in mozilla_cases.DIFFERENCES.items():
        assert name in named
        assert difference.reason in text
