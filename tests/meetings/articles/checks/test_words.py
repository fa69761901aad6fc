"""Words as they are compared: what cannot be heard makes no difference, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks import together
from meetings.articles.checks.heard import Heard
from meetings.articles.checks.words import words
from tests.meetings.articles.checks.said import meeting


def norms(text):
    return [word.norm for word in words(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We’ll see.", "we'll see"),
        ("twenty-five", "25"),
        ("two hundred and fifty thousand people", "250,000 people"),
        ("$20 billion", "20 billion dollars"),
        ("$20 billion dollars", "twenty billion dollars"),
        ("$1.5 million", "one point five million dollars"),
        ("20 €", "twenty euros"),
        ("five percent", "5%"),
        ("the twenty-first", "the 21st"),
        ("in nineteen eighty-four", "in 1984"),
        ("in twenty twenty-six", "in 2026"),
        ("a hundred dollars", "$100"),
        ("Smith & Sons", "Smith and Sons"),
        ("CAF\N{LATIN CAPITAL LETTER E WITH ACUTE}", "cafe\N{COMBINING ACUTE ACCENT}"),
        ("1.400.000 Euro", "1,400,000 euros"),
        ("co\N{SOFT HYPHEN}operate", "cooperate"),
    ],
)
def test_the_same_words_written_otherwise_are_the_same(one, other):
    assert norms(one) == norms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("would not", "wouldn't"),
        ("we're", "were"),
        ("we'll", "well"),
        ("$20", "20"),
        ("$20", "£20"),
        ("20 million", "20 billion"),
        ("about two thirds", "66.7%"),
        ("21st", "21"),
        ("1.5", "15"),
        ("1.4", "1.40"),
        ("one two", "12"),
        ("fifty", "fifteen"),
        ("council", "counsel"),
    ],
)
def test_other_words_are_others(one, other):
    assert norms(one) != norms(other)


def test_a_figure_says_where_all_of_its_words_are():
    text = "It costs twenty five million dollars."
    figure = next(word for word in words(text) if word.norm == "25000000")
    assert text[figure.start : figure.end] == "twenty five million"


@pytest.mark.parametrize("text", ["", "…", "“—”", "\x00", "$", "%%%", "point", "a", "hundred and"])
def test_marks_and_rests_are_no_accident(text):
    words(text)


@given(st.text())
def test_words_are_in_order_and_inside_the_text(text):
    at = 0
    for word in words(text):
        assert word.norm
        assert at <= word.start <= word.end <= len(text)
        at = word.start


@given(st.integers(0, 999_999_999))
def test_every_number_is_the_same_with_and_without_commas(number):
    assert norms(f"{number:,}") == norms(str(number)) == [str(number)]


ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
ONES += " fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def spelled(number):
    """As Americans write it out."""
    if number < 20:
        return ONES.split()[number]
    if number < 100:
        rest = f"-{spelled(number % 10)}" if number % 10 else ""
        return TENS.split()[number // 10 - 2] + rest
    for scale, name in (
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if number >= scale:
            rest = f" {spelled(number % scale)}" if number % scale else ""
            return f"{spelled(number // scale)} {name}{rest}"
    raise AssertionError(number)


@given(st.integers(0, 999_999_999_999))
def test_every_number_is_the_same_written_out(number):
    assert norms(spelled(number)) == [str(number)]


@pytest.mark.parametrize("text", ["9" * 400, "9" * 5_000 + " million", "$" + "9" * 5_000 + "k"])
def test_more_digits_than_anybody_counts_end_no_check(text):
    lines = meeting(("Ana", text), ("Bo", "It is five million dollars."))
    told = f"“{text}” Ana said, and it is $5 million."
    found = together.check(told, lines, Heard(lines), facts=together.Facts())
    assert ("quotation", "verbatim") in [(one.kind, one.verdict) for one in found]
    assert ("money", "found") in [(one.kind, one.verdict) for one in found]
