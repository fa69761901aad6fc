"""Many trees held against all passages of a meeting find what each by itself and the index find."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meetings.search.compiling import compiled
from meetings.search.documents import Text
from meetings.search.matching import Heard, is_match, spans
from meetings.search.passages import Passage, Piece, passages
from meetings.search.schema import in_memory
from meetings.search.spoken import Spoken, numbers
from meetings.search.tree import Field, Kind, Name, Near, Phrase, Prefix, Word, all_of, leaves
from meetings.search.words import family, read, words
from tests.meetings.search.test_agreement import (
    A_TAIL_OF_NEWS,
    ABOUT,
    allowed_in,
    found,
    transcripts,
)
from tests.meetings.search.trees import trees

A_BORDER = [*A_TAIL_OF_NEWS, Piece(99, "", "water houses"), Piece(100, "Bo Smith", "vote")]
TWICE = [Piece(1, "", "water"), Piece(2, "", "main")]


def texts_of(said, language, item) -> list[Text]:
    return [Text(Kind.TRANSCRIPTS, item, language, passage) for passage in passages(said)]


def indexed(texts):
    """An index whose documents have the number of their text as `item`."""
    index = in_memory()
    writer = index.writer(15_000_000, 1)
    for number, text in enumerate(texts):
        writer.add_document(
            ABOUT.document(text.passage, kind=text.kind, item=number, language=text.language)
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher()


@settings(deadline=None)  # each example builds an index
@given(st.lists(trees(), min_size=1, max_size=4), transcripts, transcripts)
@example([Phrase(("news", "water"))], A_BORDER, TWICE)
@example([Phrase(("water", "main"))], [Piece(1, "", "water")], [Piece(1, "", "main")])
@example([Phrase(("main", "water"))], TWICE, TWICE)
@example([Prefix("wa"), Word("water"), Near("water", "houses", 2)], A_BORDER, TWICE)
@example([all_of([Word("vote"), Field(Name.SPEAKER, "bo")])], A_BORDER, TWICE)
def test_all_at_once_find_what_each_finds_in_any_language(several, english, spanish):
    texts = texts_of(english, "en", 1) + texts_of(spanish, "es", 2)
    spoken = Spoken(ABOUT, texts)
    searcher = indexed(texts)
    for tree in several:
        hits = [*numbers(spoken.hits(tree))]
        assert hits == sorted(found(searcher, compiled(tree)))
        for number, text in enumerate(texts):
            reading = family(text.language)
            heard = Heard.of(text.passage, reading)
            met = is_match(tree, heard, reading, allowed_in(text.passage))
            assert met == (number in hits)
            for leaf in leaves(tree):
                there = [*spans(leaf, heard, reading)]
                assert sorted(spoken.spans(leaf, number)) == sorted(there)


@pytest.mark.parametrize(
    ("field", "is_there"),
    [
        (Field(Name.BODY, "council of"), True),
        (Field(Name.BODY, "council 1"), True),
        (Field(Name.BODY, "town council"), False),  # of two names, one after the other
        (Field(Name.BODY, "coun"), False),
        (Field(Name.BODY, "/council"), False),
        (Field(Name.PLACE, "great state"), True),
        (Field(Name.PLACE, "/great-state"), False),
        (Field(Name.LEVEL, "state"), False),
        (Field(Name.AFTER, ABOUT.held_on.isoformat()), True),
        (Field(Name.BEFORE, ABOUT.held_on.isoformat()), False),
        (Field(Name.BEFORE, date(2026, 3, 4).isoformat()), True),
        (Field(Name.IN, Kind.AGENDAS), False),
    ],
)
def test_fields_are_read_as_the_index_reads_them(field, is_there):
    texts = texts_of(TWICE, "en", 1)
    assert bool(found(indexed(texts), compiled(field))) is is_there
    assert bool(Spoken(ABOUT, texts).hits(field)) is is_there


def test_nothing_is_said_where_there_is_no_text_or_no_word():
    assert Spoken(ABOUT, []).hits(Word("water")) == 0
    silent = Text(Kind.AGENDAS, 1, "en", Passage.of([Piece(0, "", "…")], 1))
    spoken = Spoken(ABOUT, [silent])
    assert spoken.hits(Word("water")) == spoken.hits(Prefix("wa")) == 0
    assert spoken.hits(Field(Name.BODY, "/council-1")) == 1


@given(st.text(alphabet=st.characters(max_codepoint=127)) | st.text())
@example("12:30 1,200.50 don't a1.2 x'y'")
@example("İstanbul")
def test_reading_a_word_of_a_query_again_gives_the_same_word(text):
    for word in words(text):
        assert [*words(word)] == read(word) == [word]
