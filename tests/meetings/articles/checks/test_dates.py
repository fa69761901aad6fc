"""Dates of a sentence, looked for in its evidence."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks import dates
from tests.meetings.articles.checks.said import meeting

HELD_ON = date(2026, 2, 25)  # a Wednesday


def verdicts(sentence, said, held_on=HELD_ON):
    cited = meeting(("", said))
    return [str(one.verdict) for one in dates.check(sentence, cited, cited, held_on=held_on)]


@pytest.mark.parametrize(
    ("sentence", "said", "expected"),
    [
        ("It opens on March 3.", "it opens march third", "found"),
        ("It opens on March 3.", "it opens on the third of march", "found"),
        ("It opens on March 3.", "it opens march the 3rd, twenty twenty-six", "found"),
        ("It opens on March 3.", "it opens march thirteenth", "not_found"),
        ("It opens on Sept. 9.", "september nine", "found"),
        ("It opens in May.", "it opens by May", "found"),
        ("It opens in 2031.", "it opens twenty thirty-one", "found"),
        ("It opens in 2031.", "it costs $2,031", "not_found"),
        ("It opens on Tuesday.", "it opens next tuesday", "found"),
        ("It opens on Tuesday, March 3.", "it opens next tuesday", "reckoned"),
        ("It opens on Tuesday, March 4.", "it opens next tuesday", "not_found"),
        ("It opens on February 26.", "it opens tomorrow", "reckoned"),
        ("It opens in 2027.", "it opens next year", "reckoned"),
        # A year that nobody says is the one nearby.
        ("It opens on March 3, 2026.", "it opens march third", "reckoned"),
        ("It opens on March 3, 2027.", "it opens march third", "not_found"),
        ("The council met on February 25, 2026.", "good evening", "reckoned"),
        ("It opens on February 30.", "it opens in march", "not_found"),
        ("It opens on 2026-03-03.", "it opens march third, 2026", "found"),
        ("It opens on 13/3/2026.", "it opens march thirteenth, 2026", "found"),
    ],
)
def test_a_date_is_found_reckoned_or_flagged(sentence, said, expected):
    assert verdicts(sentence, said) == [expected]


@pytest.mark.parametrize(
    "sentence",
    ["They may march as august company.", "May I speak?", "It has 2,026 rows."],
)
def test_words_and_figures_that_are_no_dates_claim_nothing(sentence):
    assert verdicts(sentence, "yes") == []


def test_without_the_day_of_the_meeting_nothing_is_reckoned():
    assert verdicts("It opens on February 26.", "it opens tomorrow", held_on=None) == ["not_found"]


def test_what_was_said_elsewhere_is_flagged_with_the_place():
    cited, other = meeting(("", "yes")), meeting(("", ""), ("", "on June 9"))
    [finding] = dates.check("It opens on June 9.", cited, [*cited, *other], held_on=HELD_ON)
    assert (finding.verdict, finding.detail["start_ms"]) == ("elsewhere", 4_000)


DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(DAYS, DAYS)
def test_a_day_is_found_however_it_is_written_and_no_other_day_is(one, other):
    sentence = f"It opens on {one:%B} {one.day}, {one.year}."
    for written in (one.isoformat(), f"{one.month}/{one.day}/{one.year}", f"{one:%A, %B %d, %Y}"):
        assert verdicts(sentence, f"it opens {written}", held_on=None) == ["found"]
    if one != other:
        assert verdicts(sentence, f"it opens {other.isoformat()}", held_on=None) == ["not_found"]


@given(DAYS, st.integers(-1, 1))
def test_a_day_next_to_the_meeting_is_reckoned(held_on, days):
    day = held_on + timedelta(days=days)
    said = {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    sentence = f"It opens on {day:%B} {day.day}, {day.year}."
    assert verdicts(sentence, f"it opens {said}", held_on=held_on) == ["reckoned"]


@given(st.text(max_size=120))
def test_what_was_said_word_for_word_is_never_flagged(text):
    for finding in dates.check(text, meeting(("", text)), []):
        assert finding.verdict not in dates.FAILED
        assert 0 <= finding.start < finding.end <= len(text)
