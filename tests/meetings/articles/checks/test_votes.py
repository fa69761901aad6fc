"""Tallies of a sentence, held against what was said and against the roll call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks import votes
from tests.meetings.articles.checks.said import meeting


def verdicts(sentence, *said):
    cited = meeting(*[("", text) for text in said])
    return [str(one.verdict) for one in votes.check(sentence, cited, cited)]


@pytest.mark.parametrize(
    ("sentence", "said", "expected"),
    [
        ("The council voted 5–2 to pass it.", "the motion carries five to two", "found"),
        ("The council voted 5 to 2.", "five ayes, two noes, motion carries", "found"),
        ("It passed 7-0.", "seven in favor, none opposed", "found"),
        ("It passed 5–2–1.", "five ayes, two noes and one abstention", "found"),
        ("It passed 5–2–2.", "five ayes, two noes and one abstention", "contradicted"),
        ("The council voted 5–2.", "the motion carries four to three", "contradicted"),
        ("The council voted 5–2.", "the motion fails two to five", "contradicted"),
        ("The council voted 5–2.", "the motion carries", "not_found"),
        ("It passed unanimously.", "and that passes unanimously", "found"),
        ("It passed unanimously.", "the motion carries 7-0", "found"),
        ("It passed unanimously.", "the motion carries 6 to 1", "contradicted"),
        ("It passed unanimously.", "All in favor? Aye. Any opposed? Motion carries.", "counted"),
        ("It passed unanimously.", "motion carries", "not_found"),
    ],
)
def test_a_tally_is_found_or_flagged(sentence, said, expected):
    assert verdicts(sentence, said) == [expected]


@pytest.mark.parametrize(
    "sentence",
    [
        "The council approved 5 to 10 new units.",
        "The years 2024-25 were good.",
        "It takes 3 to 5 years.",
        "Members passed 12 to 15 people on the way.",
    ],
)
def test_two_figures_alone_are_no_tally(sentence):
    assert verdicts(sentence, "whatever it is") == []


def test_a_roll_call_in_one_segment_is_counted_too():
    roll = "Council Member Park? Aye. Council Member Diaz? No. Mayor Quintero? Yes."
    assert verdicts("It passed 2–1.", roll) == ["counted"]
    assert verdicts("It passed 3–0.", roll) == ["contradicted"]


def test_a_tally_that_was_said_and_does_not_fit_the_roll_is_flagged():
    assert verdicts("It passed 2–1.", "Aye.", "Aye.", "Aye.", "The motion carries two to one") == [
        "contradicted"
    ]


def test_a_part_of_a_roll_call_contradicts_only_what_it_rules_out():
    part = ["Aye.", "Aye.", "No.", "The motion carries five to two"]
    assert verdicts("It passed 5–2.", *part) == ["found"]
    assert verdicts("It passed 7–0.", *part) == ["contradicted"]


def test_what_was_said_elsewhere_is_flagged_with_the_place():
    cited, other = meeting(("", "good")), meeting(("", ""), ("", "the motion carries 5 to 2"))
    [finding] = votes.check("It passed 5–2.", cited, [*cited, *other])
    assert (finding.verdict, finding.detail["start_ms"]) == ("elsewhere", 4_000)


@given(st.integers(0, 12), st.integers(0, 12), st.randoms(use_true_random=False))
def test_only_the_tally_that_a_roll_comes_to_fits_it(ayes, noes, chance):
    answers = ["Aye."] * ayes + ["No."] * noes
    if len(answers) < votes.FEWEST_ANSWERS:
        return
    chance.shuffle(answers)
    for other in range(len(answers) + 1):
        [verdict] = verdicts(f"It passed {other}–{len(answers) - other}.", *answers)
        assert verdict == ("counted" if other == ayes else "contradicted")


@given(st.text(max_size=120))
def test_no_text_is_too_odd(text):
    for finding in votes.check(f"They voted {text}", meeting(("", text)), meeting(("", text))):
        assert 0 <= finding.start < finding.end <= len(text) + len("They voted ")
