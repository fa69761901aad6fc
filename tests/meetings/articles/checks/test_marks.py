"""What a sentence quotes, whatever marks its language and its writer use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks.marks import quotations


@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        ("She said: “We’ll go.”", ["We’ll go."]),
        ('He said "yes" and "no way".', ["yes", "no way"]),
        ("Er sagte: „Wir gehen“ und ging.", ["Wir gehen"]),
        ("»Wir gehen«, sagte er.", ["Wir gehen"]),
        ("Il a dit : «\N{NO-BREAK SPACE}Nous allons\N{NO-BREAK SPACE}».", ["Nous allons"]),
        ("”Vi går”, sa han.", ["Vi går"]),
        ("「はい」と言った", ["はい"]),
        ("‘We know the workers’ plan,’ he said.", ["We know the workers’ plan,"]),
        ("'It is over now', he said.", ["It is over now"]),
        ("“He said ‘no’ to it,” she said, “and left.”", ["He said ‘no’ to it,", "and left."]),
        ("the “Fight for Our Freedoms” tour", ["Fight for Our Freedoms"]),
    ],
)
def test_quotations_are_found(sentence, quoted):
    found = quotations(sentence)
    assert [one.text.strip() for one in found] == quoted
    assert all(one.text in sentence[one.start : one.end] for one in found)


@pytest.mark.parametrize(
    "sentence",
    [
        "The workers' plan isn't the members' plan.",
        "The ‘90s were good, rock ’n’ roll.",
        'A 12" pipe broke.',
        "“…”",
        "Nothing.",
        "",
    ],
)
def test_apostrophes_inches_and_bare_marks_are_no_quotations(sentence):
    assert quotations(sentence) == []


def test_a_quotation_of_several_sentences_is_open_at_both_ends():
    assert [one.text for one in quotations("“We will do it.")] == ["We will do it."]
    assert [one.text for one in quotations("We must,” she said.")] == ["We must,"]


def test_a_mark_inside_a_quotation_does_not_end_it():
    assert [one.text for one in quotations("“One “two” three” four")] == ["One “two” three"]
    assert [one.text for one in quotations('He said "a 12" pipe" today.')] == ['a 12" pipe']


@given(st.text(alphabet="ab 5.,'’‘“”„\"«»‹›‚「」", max_size=40))
def test_any_marks_give_quotations_in_order_inside_the_sentence(sentence):
    at = 0
    for one in quotations(sentence):
        assert at <= one.start < one.end <= len(sentence)
        assert one.text in sentence[one.start : one.end]
        assert any(letter.isalnum() for letter in one.text)
        at = one.end
