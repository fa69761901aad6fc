"""How text becomes words: the same way in the index, in queries and where matches are marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.search.words import LONGEST, exact, family, plain, read, stem, tokens, words

ascii_text = st.text(st.characters(max_codepoint=127), max_size=300)


@given(ascii_text | st.text(st.sampled_from("aB'1.,_ -9"), max_size=40))
def test_the_quick_way_for_plain_letters_reads_as_the_index_does(text):
    assert [token.text for token in tokens(text)] == read(text)


@pytest.mark.parametrize("length", range(LONGEST - 2, LONGEST + 3))
def test_both_ways_leave_out_what_is_too_long_to_be_a_word(length):
    text = f"so {'a' * length} it is"
    assert [token.text for token in tokens(text)] == read(text)


@given(st.text(max_size=200))
def test_every_word_stands_where_it_is_said_to_stand(text):
    shown = plain(text)
    for token in tokens(shown):
        assert read(shown[token.start : token.end]) == [token.text]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don’t stop, it's $1,200.50 (3.5%)", ("don't", "stop", "it's", "1,200.50", "3.5")),
        ("AB-1234 U.S.", ("ab", "1234", "u", "s")),
        ("市議会 тест ตก", ("市", "議", "会", "тест", "ต", "ก")),
        ("e\u0301te\u0301", ("été",)),
        ("", ()),
    ],
)
def test_these_are_the_words(text, found):
    assert words(text) == found


def test_accents_do_not_count_in_phrases_and_stems_are_of_the_language():
    assert exact("señor") == "senor"
    assert stem("housing", family("en-US")) == stem("houses", family("en"))
    assert stem("votaciones", family("es")) == stem("votación", family("es"))
    assert stem("housing", family("zh-Hant")) == "housing"
