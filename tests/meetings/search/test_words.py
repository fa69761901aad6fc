"""How text becomes words: the same way in the index, in queries and where matches are marked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.search.words import (
    FAMILIES,
    LONGEST,
    TAIL_MARK,
    exact,
    family,
    forms,
    joined,
    joined_words,
    plain,
    read,
    read_each,
    readable,
    splitter,
    stem,
    tokens,
    words,
)

unhurried = settings(deadline=None)  # the engine makes its readers when they are first asked for
ascii_text = st.text(st.characters(max_codepoint=127), max_size=300)


def as_the_engine_reads(text):
    return splitter().analyze(readable(plain(text)))


@unhurried
@given(ascii_text | st.text(st.sampled_from("aB'1.,_ -9’"), max_size=40))
def test_the_quick_way_for_plain_letters_reads_as_the_engine_does(text):
    assert [token.text for token in tokens(text)] == read(text) == as_the_engine_reads(text)


@unhurried
@given(st.lists(st.text(st.sampled_from(f"aé ’市{TAIL_MARK}_\n.1") | st.characters(), max_size=20)))
def test_many_texts_at_once_are_read_as_one_by_one(texts):
    assert read_each(texts) == [as_the_engine_reads(text) for text in texts]


@pytest.mark.parametrize("length", range(LONGEST - 2, LONGEST + 3))
def test_both_ways_leave_out_what_is_too_long_to_be_a_word(length):
    text = f"so {'a' * length} it is"
    assert [token.text for token in tokens(text)] == read(text) == as_the_engine_reads(text)


@unhurried
@given(st.text(max_size=200), st.sampled_from(FAMILIES))
def test_the_index_reads_the_forms_that_it_is_handed(text, language):
    handed = [forms(language)[word] for word in read(text)]
    assert joined_words().analyze(joined(handed)) == handed


@unhurried
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
