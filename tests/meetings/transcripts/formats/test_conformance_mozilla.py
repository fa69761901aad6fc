"""Mozilla's vtt.js test files: cues, settings, regions and trees of cue text."""

from pathlib import Path

import pytest

from tests.meetings.transcripts.formats import mozilla_cases as cases

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def folder(sample_data: Path) -> Path:
    return sample_data / "captions/conformance/mozilla-vtt.js"


def test_every_file_gives_what_the_rules_of_today_want(folder, subtests):
    names = cases.names(folder)
    assert len(names) == 267
    for name in names:
        with subtests.test(name):
            difference = cases.DIFFERENCES.get(name)
            want, have = cases.wanted(folder, name, difference), cases.found(folder, name)
            assert have["cues"] == want["cues"]
            assert have["regions"] == want["regions"]
            assert have["trees"] == (want["trees"] or [])


def test_each_difference_is_one(folder):
    """A file is in the list only if vtt.js's own expectation is not met."""
    met = [name for name in cases.DIFFERENCES if cases.is_met(folder, name, None)]
    assert met == []
    assert set(cases.DIFFERENCES) <= set(cases.names(folder))
