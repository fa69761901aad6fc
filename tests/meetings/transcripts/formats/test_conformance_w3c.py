"""The W3C's own tests of WebVTT parsers (web-platform-tests)."""

from pathlib import Path

import pytest

from tests.meetings.transcripts.formats import w3c_cases as cases


@pytest.fixture
def folder(sample_data: Path) -> Path:
    return sample_data / "captions/conformance/w3c-webvtt.js"


def test_every_file_parses_as_the_w3c_says(folder, subtests):
    files = sorted((folder / "wpt-file-parsing").glob("*.vtt"))
    assert {path.stem for path in files} == set(cases.FILES)
    for path in files:
        with subtests.test(path.stem):
            assert cases.file_problems(path) == []


def test_every_cue_text_gives_the_tree_that_the_w3c_says(folder, subtests):
    texts = cases.cue_texts(folder / "wpt-cue-parsing")
    assert len(texts) == 77
    for name, text, expected in texts:
        with subtests.test(name):
            assert cases.drawn(text) == expected
