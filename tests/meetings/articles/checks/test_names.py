"""Names in a sentence, looked for in its evidence and in what is known of the meeting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks import names
from meetings.articles.checks.heard import Heard
from tests.meetings.articles.checks.said import meeting

MEETING = meeting(
    ("Mayor Ana Quintero", "I call on the Department of Public Works and Mr. Okafor."),
    ("Chidi Okafor", "thank you mayor quintero the bridge over the River Alder is closed"),
    *[("Clerk", "that is noted for the record")] * 6,
    ("Tom Diaz", "We asked the United States Army about it, and John Lamb and Mary Park."),
)


def found(sentence, *places, known=()):
    cited = [MEETING[place] for place in places]
    findings = names.check(sentence, cited, Heard(MEETING), known=known)
    return {sentence[one.start : one.end]: str(one.verdict) for one in findings}


@pytest.mark.parametrize(
    ("sentence", "place", "expected"),
    [
        ("Ana Quintero called on Okafor.", 0, {"Ana Quintero": "found", "Okafor": "found"}),
        ("Mayor Quintero called on him.", 0, {"Mayor Quintero": "found"}),
        ("Chidi Okafor was called on.", 0, {"Chidi Okafor": "found"}),
        ("Quintero’s bridge is closed.", 1, {"Quintero": "found"}),
        ("It spans the River Alder.", 1, {"River Alder": "found"}),
        ("It asked Public Works.", 1, {"Public Works": "nearby"}),
        ("It asked the U.S. Army.", 8, {"U.S. Army": "found"}),
        ("Tom Diaz closed the bridge.", 1, {"Tom Diaz": "elsewhere"}),
        ("Ana Quintaro called on him.", 0, {"Ana Quintaro": "alike"}),
        ("Quintaro said so.", 0, {"Quintaro": "alike"}),
        ("It spans the Hudson.", 1, {"Hudson": "not_found"}),
        ("Smith said that it is closed.", 1, {"Smith": "not_found"}),
        # Two halves of two names are no name.
        ("John Park asked the Army.", 8, {"John Park": "not_found", "Army": "found"}),
    ],
)
def test_a_name_is_found_or_flagged(sentence, place, expected):
    assert found(sentence, place) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Officials said that the bridge is closed.",
        "The mayor and the City Council will meet again on Monday in May.",
        "Closed is the bridge. It stays so.",
        "“Thank you,” the mayor said.",
    ],
)
def test_what_names_nobody_is_not_flagged(sentence):
    assert found(sentence, 1) == {}


def test_what_the_meeting_is_called_needs_nobody_to_say_it():
    known = ["Oakfield City Council", "Oakfield, Example State"]
    assert found("The Oakfield City Council met.", 1, known=known) == {
        "Oakfield City Council": "known"
    }
    assert found("The Ashfield City Council met.", 1, known=known) == {
        "Ashfield City Council": "not_found"
    }


def test_a_name_that_is_like_another_shows_which():
    [finding] = names.check("It was Quintaro.", [MEETING[0]], Heard(MEETING))
    assert finding.detail == {"alike": "Quintero"}


@given(st.text(max_size=120))
def test_what_was_said_word_for_word_is_never_flagged(text):
    said = meeting(("", text))
    for finding in names.check(text, said, Heard(said)):
        assert finding.verdict not in names.FAILED
        assert 0 <= finding.start < finding.end <= len(text)
