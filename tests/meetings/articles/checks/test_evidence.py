"""Whether a sentence rests on what was said, and all checks together."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.checks import evidence, together
from meetings.articles.checks.heard import Heard
from tests.meetings.articles.checks.said import meeting

SAID = meeting(
    ("Ana Quintero", "We will replace the water main under Elm Street before the winter comes."),
    ("Tom Diaz", "The library opens on Sunday from next month on."),
)


@pytest.mark.parametrize(
    ("sentence", "places", "expected"),
    [
        ("The water main under Elm Street is to be replaced before winter.", [0], "rests"),
        ("The city plans to renew a main beneath Elm Street by the cold season.", [0], "rests"),
        ("The city plans to renew a main beneath Elm Street by the cold season.", [1], "faint"),
        ("The parks budget grew once more.", [0, 1], "faint"),
        ("The parks budget grew once more.", [], "missing"),
        ("So it is.", [0], "rests"),
    ],
)
def test_a_sentence_shares_words_with_what_it_rests_on(sentence, places, expected):
    [finding] = evidence.check(sentence, [SAID[place] for place in places], SAID)
    assert finding.verdict == expected


def test_a_language_that_nobody_knows_is_compared_word_for_word():
    cited = meeting(("", "blåbærgrøt er godt"))
    for language in ("xx", "../../etc/passwd", ""):
        [finding] = evidence.check("Blåbærgrøt smaker.", cited, cited, language=language)
        assert finding.verdict == "rests"


def test_all_checks_have_their_say_in_the_order_of_the_sentence():
    sentence = "On March 9, Ana Quintero said, “We will replace the water mains,” for $3 million."
    facts = together.Facts(held_on=date(2026, 3, 4))
    findings = together.check(sentence, [SAID[0]], Heard(SAID), facts=facts)
    told = [(one.kind.value, str(one.verdict), together.has_failed(one)) for one in findings]
    assert told == [
        ("evidence", "rests", False),
        ("date", "not_found", True),
        ("name", "found", False),
        ("quotation", "altered", True),
        ("money", "not_found", True),
    ]


@given(st.text(max_size=120))
def test_every_finding_lies_within_the_sentence(text):
    said = meeting(("", "so it is"), ("", text))
    for finding in together.check(text, said[:1], Heard(said), facts=together.Facts()):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert together.has_failed(finding) in {True, False}
