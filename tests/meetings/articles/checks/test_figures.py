"""Figures and money of a sentence, looked for in its evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks import figures
from meetings.articles.checks.finding import Kind
from meetings.articles.checks.numerals import SCALES, TENS, UNITS
from tests.meetings.articles.checks.said import meeting


def verdicts(sentence, *said, rest=()):
    cited = meeting(*[("", text) for text in said])
    heard = [*cited, *meeting(*[("", text) for text in rest])]
    return [str(one.verdict) for one in figures.check(sentence, cited, heard)]


@pytest.mark.parametrize(
    ("sentence", "said", "expected"),
    [
        ("The pipe is 8,400 feet long.", "it is eighty-four hundred feet", "found"),
        ("The pipe is 8,400 feet long.", "it is eight thousand four hundred feet", "found"),
        ("The pipe is 8,400 feet long.", "it is 4,800 feet", "not_found"),
        ("Some 3.5 percent agreed.", "three and a half percent agreed", "found"),
        ("It has 2.5 million readers.", "two and a half million readers", "found"),
        ("Half of them agreed.", "fifty percent of them agreed", "found"),
        ("One in five agreed.", "20 percent agreed", "found"),
        ("Two dozen came.", "twenty-four came", "found"),
        # "About" is a claim, and leaving it out is another one.
        ("66.7% agreed.", "about two thirds agreed", "not_found"),
        ("66.7% agreed.", "two thirds agreed", "not_found"),
        ("About two thirds agreed.", "66.7 percent agreed", "rounded"),
        ("About two thirds agreed.", "60 percent agreed", "not_found"),
        ("Two thirds agreed.", "about two thirds agreed", "too_exact"),
        ("200 came.", "more than 200 came", "too_exact"),
        ("Nearly 200 came.", "197 came", "rounded"),
        ("Nearly 200 came.", "203 came", "not_found"),
        ("More than 200 came.", "203 came", "rounded"),
        ("More than 200 came.", "197 came", "not_found"),
        ("More than 200 came.", "less than 200 came", "not_found"),
        # A figure of something else is another figure.
        ("20 percent agreed.", "20 agreed", "not_found"),
        ("20 agreed.", "20 percent agreed", "not_found"),
        ("The 3rd reading passed.", "three readings passed", "not_found"),
        ("He was 3.", "on March 3 he came", "not_found"),
    ],
)
def test_a_figure_is_found_as_it_was_said_or_flagged(sentence, said, expected):
    assert verdicts(sentence, said) == [expected]


@pytest.mark.parametrize(
    ("sentence", "said", "expected"),
    [
        ("It costs $8.4 million.", "it is eight point four million dollars", "found"),
        ("It costs $8.4 million.", "it is 8.4 million over two years", "unit_unsaid"),
        ("It costs $8 million.", "for 8 million people", "not_found"),
        ("It costs $8 million.", "it is eight million euros", "not_found"),
        ("It costs $8 million.", "it is $8 billion", "not_found"),
        ("It costs $5.", "five hundred cents", "found"),
        ("It costs €1.400.000.", "1.4 million euros", "found"),
    ],
)
def test_a_sum_is_found_with_its_currency(sentence, said, expected):
    [finding] = figures.check(sentence, meeting(("", said)), [])
    assert (finding.kind, finding.verdict) == (Kind.MONEY, expected)


def test_dates_and_tallies_are_not_figures():
    assert verdicts("On March 3, 2026, the council voted 5–2 to pass it.", "so be it") == []


def test_words_that_are_numbers_only_by_chance_claim_nothing():
    assert verdicts("One of them spoke first, and a second later nobody did.", "yes") == []


def test_what_was_said_elsewhere_is_flagged_with_the_place():
    cited, other = meeting(("", "we heard the budget")), meeting(("", ""), ("", "it is 400 pages"))
    [finding] = figures.check("The budget has 400 pages.", cited, [*cited, *other])
    assert finding.verdict == "elsewhere"
    assert finding.detail["start_ms"] == 4_000


def test_a_figure_may_run_over_the_border_of_two_segments():
    assert verdicts("It has 250,000 rows.", "it has two hundred and fifty", "thousand rows") == [
        "found"
    ]


def test_a_flag_shows_what_was_said_instead():
    cited = meeting(("", "it is 4,800 feet and 12 inches"))
    [finding] = figures.check("It is 8,400 feet.", cited, cited)
    assert finding.detail["said"] == ["4,800", "12"]


def spelled(number):
    """A number below a million in words."""
    units = {value: word for word, value in (UNITS | TENS).items()}
    parts = []
    thousands, rest = divmod(number, SCALES["thousand"])
    if thousands:
        parts += [spelled(thousands), "thousand"]
    hundreds, rest = divmod(rest, 100)
    if hundreds:
        parts += [units[hundreds], "hundred"]
    if rest in units and (rest or not parts):
        parts.append(units[rest])
    elif rest:
        parts += [units[rest - rest % 10], units[rest % 10]]
    return " ".join(parts)


@given(st.integers(2, 999_999), st.integers(2, 999_999))
def test_a_figure_is_its_words_and_no_other_figure(one, other):
    assert verdicts(f"There are {one:,} trees.", f"i count {spelled(one)} trees") == ["found"]
    if one != other:
        assert verdicts(f"There are {one:,} trees.", f"i count {spelled(other)} trees") == [
            "not_found"
        ]


@given(st.text(max_size=120))
def test_what_was_said_word_for_word_is_never_flagged(text):
    for finding in figures.check(text, meeting(("", text)), []):
        assert finding.verdict not in figures.FAILED
        assert 0 <= finding.start < finding.end <= len(text)
