"""The link from a hit to its very words, in the form that the reader's script reads."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.search.moments import Line, Moment, Part
from meetings.search.quoting import LONGEST, quoted
from meetings.search.tree import Kind


def line(text, **options):
    """A line whose parts in [brackets] match."""
    parts = [
        Part(stretch, is_match=bool(number % 2))
        for number, stretch in enumerate(text.replace("]", "[").split("["))
    ]
    return Line([part for part in parts if part.text], **options)


def moment(*lines, before=(), after=()):
    first, *rest = lines
    said = [line(first, start_ms=62_004), *map(line, rest)]
    around = {"before": [*map(line, before)], "after": [*map(line, after)]}
    return Moment(Kind.TRANSCRIPTS, None, said, **around, end_ms=66_500)


def read(fragment):
    assert fragment.startswith("#")
    return {name: value for name, (value,) in parse_qs(fragment[1:]).items()}


def test_the_words_that_match_are_quoted_with_what_stands_beside_them():
    found = moment(
        "We, the [vote]", "[on] it, now.", before=["So, once more:"], after=["Who is for it?"]
    )
    assert read(quoted(found)) == {
        "t": "62.004,66.5",
        "q": "vote on",
        "p": "once more We the",
        "s": "it now Who is",
    }


def test_from_the_first_match_to_the_last_is_one_quotation():
    assert read(quoted(moment("a [b] c [d] e")))["q"] == "b c d"


@pytest.mark.parametrize("said", ["no mark at all", "[" + "word " * (LONGEST + 1) + "]"])
def test_without_words_to_quote_the_time_is_enough(said):
    assert read(quoted(moment(said))) == {"t": "62.004,66.5"}


def test_where_nothing_is_written_between_words_the_whole_run_is_quoted():
    assert read(quoted(moment("市[議会]は 本日")))["q"] == "市議会は"


def test_dots_do_not_part_a_quotation():
    """`..` stands between the head and the tail of a long one."""
    assert read(quoted(moment("[and... so..on]")))["q"] == "and… so…on"


def test_articles_and_agenda_items_have_no_words_that_were_said():
    said = [line("The [vote]")]
    assert quoted(Moment(Kind.ARTICLES, None, said)) == ""
    assert quoted(Moment(Kind.AGENDAS, None, [line("The [vote]", start_ms=3)])) == ""


@given(st.lists(st.text(max_size=40).map(lambda text: f"{text}[x]"), min_size=1, max_size=4))
def test_whatever_was_said_makes_one_fragment(said):
    fragment = quoted(moment(*said))
    assert fragment.count("#") == 1
    assert not set(fragment) & set(' "<>\n\0')
    assert read(fragment)["t"] == "62.004,66.5"
