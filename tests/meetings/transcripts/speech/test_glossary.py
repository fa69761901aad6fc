"""A model is told the names of a body: the body's own list, then who spoke lately."""

from datetime import date

import pytest

from meetings.transcripts.speech import glossary
from meetings.transcripts.speech.model import NAMES_MAX, _listed
from tests.meetings.records.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def test_the_bodys_list_comes_first_and_then_who_spoke_last(django_assert_num_queries):
    old = MeetingFactory(held_on=date(2025, 1, 5))
    new = MeetingFactory(body=old.body, held_on=date(2026, 1, 5))
    other = MeetingFactory(held_on=date(2026, 2, 5))
    for meeting, names in (
        (old, ["Lisa Herbold", "Speaker 2", "Debora Juarez"]),
        (new, ["Lisa Herbold", "Dan Strauss", "S0", "unknown", "42"]),
        (other, ["Somebody Else"]),
    ):
        for name in names:
            meeting.speakers.create(name=name)
    old.body.glossary = "  Teresa   Mosqueda \n\nDan Strauss\n"

    with django_assert_num_queries(1):
        names = glossary.of(old.body)

    assert names == ["Teresa Mosqueda", "Dan Strauss", "Lisa Herbold", "Debora Juarez"]


def test_a_body_of_which_nothing_is_known_tells_nothing():
    assert glossary.of(MeetingFactory().body) == []


def test_a_prompt_holds_the_first_names_and_no_half_one():
    names = [f"Councilmember Number {number}" for number in range(100)]
    listed = _listed(names)
    assert len(listed) <= NAMES_MAX
    assert listed.split(", ") == names[: len(listed.split(", "))]
    assert _listed([]) == ""


def test_staff_write_the_names_at_the_body(staff):
    page = staff.get("/admin/meetings/body/add/").content.decode()
    assert 'name="glossary"' in page
    assert "Speech recognition is told to expect them." in page
