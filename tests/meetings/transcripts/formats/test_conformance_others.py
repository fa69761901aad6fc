"""The test files of webvtt-py, cdown's srt and pysubs2."""

from pathlib import Path

import pytest

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions
from tests.meetings.transcripts.formats import other_cases as cases


@pytest.fixture
def folder(sample_data: Path) -> Path:
    return sample_data / "captions/conformance"


def test_no_file_is_left_out(folder):
    there = {
        path.relative_to(folder).as_posix()
        for project in ("webvtt-py", "cdown-srt", "pysubs2")
        for path in (folder / project).iterdir()
    }
    assert there == set(cases.FILES) | set(cases.NOT_APPLYING)


@pytest.mark.parametrize("name", cases.FILES)
def test_file_gives_what_a_reader_of_it_expects(folder, name):
    assert cases.problems(folder, name) == []


@pytest.mark.parametrize("name", cases.NOT_APPLYING)
def test_formats_that_we_do_not_read_are_refused(folder, name):
    with pytest.raises(NotCaptions):
        read((folder / name).read_bytes(), name)
