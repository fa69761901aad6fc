"""Index and text agree: what a search finds is what the words of the passage say."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tantivy import Query

from meetings.search.compiling import compiled
from meetings.search.documents import About
from meetings.search.matching import Heard, is_match, is_named, spans
from meetings.search.passages import MOST_SEGMENTS, TAIL_WORDS, Passage, Piece, passages
from meetings.search.schema import in_memory
from meetings.search.tree import And, Field, Kind, Name, Near, Phrase, Word
from meetings.search.words import family
from tests.meetings.search.trees import WORDS, trees

ABOUT = About(
    meeting=7,
    held_on=date(2026, 3, 3),
    body=("council-1", "Council of the town"),
    places=[("town", "Town"), ("state", "Great State")],
    level="city",
)

segment = st.tuples(
    st.sampled_from(["", "Ana Smith", "Bo Smith", "Smith Ana"]),
    st.lists(st.sampled_from([*WORDS, "the", "a"]), min_size=1, max_size=12).map(" ".join),
)
transcripts = st.lists(segment, min_size=1, max_size=3 * MOST_SEGMENTS).map(
    lambda said: [Piece(n, speaker, text) for n, (speaker, text) in enumerate(said, start=1)]
)


# English stems some words as a whole ("news"), which a mark in front of them must not change.
A_TAIL_OF_NEWS = [
    *(Piece(n, "", "the water of") for n in range(MOST_SEGMENTS)),
    Piece(MOST_SEGMENTS, "", "the news"),
]


def indexed(cut: list[Passage], language: str, about: About = ABOUT):
    """An index in memory whose documents have the number of their passage as `item`.

    They belong to two meetings by turns, 0 and 1.
    """
    index = in_memory()
    writer = index.writer(15_000_000, 1)
    for number, passage in enumerate(cut):
        writer.add_document(
            replace(about, meeting=number % 2).document(
                passage, kind=Kind.TRANSCRIPTS, item=number, language=language
            )
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher()


def found(searcher, query: Query) -> set[int]:
    hits = searcher.search(query, limit=1_000).hits
    return set(searcher.fast_field_values("item", [address for _score, address in hits]))


def allowed_in(passage: Passage):
    """What the fields of a search say of a passage of `ABOUT`."""

    def allows(field: Field) -> bool:
        match field.name:
            case Name.SPEAKER:
                return any(is_named(field.value, name) for name in passage.speakers)
            case Name.BODY:
                return field.value in {"/council-1", "council"}
            case Name.PLACE:
                return field.value in {"/town", "/state", "state"}
            case Name.LEVEL:
                return field.value == ABOUT.level
            case Name.AFTER:
                return field.value <= ABOUT.held_on.isoformat()
            case Name.BEFORE:
                return field.value > ABOUT.held_on.isoformat()
        return field.value == Kind.TRANSCRIPTS

    return allows


@pytest.mark.slow
@settings(deadline=None)  # each example builds an index
@given(trees(), transcripts, st.sampled_from(["en", "es", "zh"]))
@example(Near("houses", "housing", 3), [Piece(1, "", "housing")], "en")
@example(Near("water", "main", 2), [Piece(1, "", "water the the main")], "en")
@example(Near("water", "main", 2), [Piece(1, "", "main the water")], "en")
@example(And((Word("water"), Word("news"))), A_TAIL_OF_NEWS, "en")
@example(Phrase(("of", "the", "news")), A_TAIL_OF_NEWS, "en")
def test_the_index_finds_exactly_the_passages_whose_words_match(tree, said, language):
    cut = [*passages(said)]
    searcher = indexed(cut, language)
    reading = family(language)
    expected = {
        number
        for number, passage in enumerate(cut)
        if is_match(tree, Heard.of(passage, reading), reading, allowed_in(passage))
    }
    assert found(searcher, compiled(tree)) == expected
    assert found(searcher, compiled(tree, families={reading})) == expected
    odd = {number for number in expected if number % 2}
    assert found(searcher, compiled(tree, meetings=[1])) == odd
    assert found(searcher, compiled(tree, meetings=[1, 2], kinds=[Kind.TRANSCRIPTS])) == odd


@settings(deadline=None)
@given(transcripts, st.data())
def test_every_phrase_belongs_to_exactly_one_passage(said, data):
    words = [word for piece in said for word in piece.text.split()]
    start = data.draw(st.integers(0, len(words) - 1))
    length = data.draw(st.integers(1, TAIL_WORDS + 1))
    phrase = Phrase(tuple(words[start : start + length]))
    times = sum(tuple(words[n : n + len(phrase.words)]) == phrase.words for n in range(len(words)))
    cut = [*passages(said)]
    owners = [
        sum(span[0] < heard.owned for span in spans(phrase, heard, "english"))
        for heard in (Heard.of(passage, "english") for passage in cut)
    ]
    assert sum(owners) == times
    hits = found(indexed(cut, "en"), compiled(phrase))
    assert hits == {number for number, count in enumerate(owners) if count}
