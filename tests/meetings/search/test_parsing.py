"""The query language: what is typed becomes a tree, whatever it is, and the tree says it again."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.search.lexing import LONGEST_TEXT, MOST_TERMS
from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.tree import (
    And,
    Field,
    Name,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    fields,
    has_words,
    leaves,
)
from tests.meetings.search.trees import anything, long_phrase, trees


def _depth(node) -> int:
    match node:
        case And(children) | Or(children):
            return 1 + max(map(_depth, children))
        case Not(child):
            return 1 + _depth(child)
    return 0


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("Water", Word("water")),
        ('"Water main"', Phrase(("water", "main"))),
        ("“water main”", Phrase(("water", "main"))),
        ('"water"', Phrase(("water",))),
        ("hous*", Prefix("hous")),
        ("water -main", And((Word("water"), Not(Word("main"))))),
        ("water main OR pipe", Or((And((Word("water"), Word("main"))), Word("pipe")))),
        ("water (main OR pipe)", And((Word("water"), Or((Word("main"), Word("pipe")))))),
        ("water AND main", And((Word("water"), Word("main")))),
        ("water NEAR/5 main", Near("water", "main", 5)),
        ("a NEAR/2 b NEAR/3 c", And((Near("a", "b", 2), Near("b", "c", 3)))),
        ("-(water main)", Not(And((Word("water"), Word("main"))))),
        ("water water", Word("water")),
        ("long-term", Phrase(("long", "term"))),
        ("12:30", Phrase(("12", "30"))),
        ("don’t", Word("don't")),
        ("$1,200.50", Word("1,200.50")),
        ("住房", Phrase(("住", "房"))),
        ('speaker:"Ana Smith"', Field(Name.SPEAKER, "ana smith")),
        ("BODY:/Oakland/", Field(Name.BODY, "/oakland")),
        ("place:California", Field(Name.PLACE, "california")),
        ("level:School-District", Field(Name.LEVEL, "school_district")),
        ("after:2026-5", Field(Name.AFTER, "2026-05-01")),
        ("before:2026", Field(Name.BEFORE, "2026-01-01")),
        ("in:article", Field(Name.IN, "articles")),
        ("water or main", And((Word("water"), Word("or"), Word("main")))),
        ("foo -- bar", And((Word("foo"), Word("bar")))),
    ],
)
def test_what_is_typed_means_this(typed, tree):
    assert parse(typed).tree == tree
    assert parse(typed).notes == ()


@pytest.mark.parametrize(
    ("typed", "written", "says"),
    [
        ("x* water", "water", "two letters"),
        ("water NEAR", "water", "two words"),
        ('"water main" NEAR/3 pipe', '"water main" pipe', "two words"),
        ("a NEAR/50 b", "a NEAR/20 b", "20 words"),
        ("water after:tomorrow", "water", "“tomorrow” is not a day"),
        ("water before:2026-02-30", "water", "“2026-02-30” is not a day"),
        ("water level:moon", "water", "no level “moon”"),
        ("water in:books", "water", "articles, transcripts or agendas"),
        ("water speaker: ", "water", "Nothing stands after “speaker:”"),
        ("water speaker:😀", "water", "no word after “speaker:”"),
        ("😀", "", "no word in this search"),
        ("OR", "", "no word in this search"),
        ("- ()", "", "no word in this search"),
        (" ".join(f"w{n}" for n in range(60)), None, "first 50"),
        ('"' + "so " * 26 + '"', None, "first 25 words"),
        ("a" * 10_001, None, "first 10,000 characters"),
    ],
)
def test_what_is_not_understood_is_said_in_a_sentence(typed, written, says):
    parsed = parse(typed)
    assert says in " ".join(parsed.notes)
    assert all(note.endswith(".") and "!" not in note for note in parsed.notes)
    if written is not None:
        assert canonical(parsed.tree) == written


@pytest.mark.parametrize("typed", ["", "   ", "\n\t"])
def test_an_empty_box_says_nothing(typed):
    assert parse(typed).tree is None
    assert parse(typed).notes == ()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ('"water main', '"water main"'),
        ("(water", "water"),
        ("water)", "water"),
        ('water"', "water"),
    ],
)
def test_what_has_no_end_goes_to_the_end(typed, written):
    assert canonical(parse(typed).tree) == written


@given(trees())
def test_a_tree_prints_to_text_that_reads_back_to_it(tree):
    assert parse(canonical(tree)).tree == tree


@given(long_phrase)
def test_a_phrase_of_the_longest_length_reads_back(phrase):
    assert parse(canonical(phrase)).tree == phrase


@given(st.text(max_size=200))
def test_any_text_reads_to_a_tree_that_prints_and_reads_back(typed):
    tree = parse(typed).tree
    assert parse(canonical(tree)).tree == tree


@pytest.mark.slow
def test_ten_thousand_generated_queries_never_raise_and_read_back():
    chance = random.Random(5)
    for _ in range(10_000):
        typed = anything(chance)
        tree = parse(typed).tree
        again = parse(canonical(tree))
        assert again.tree == tree, typed
        assert again.notes == (), typed


@pytest.mark.parametrize(
    "piece",
    ["(", ")", "(a ", "-", "-(", '"', "a OR ", "a (b OR ", "NEAR/3 ", "a NEAR b ", "in:", "a*"],
)
def test_ten_thousand_characters_stay_shallow_few_and_quick(piece):
    started = time.perf_counter()
    tree = parse(piece * (LONGEST_TEXT // len(piece))).tree
    assert time.perf_counter() - started < 1
    assert _depth(tree) < 30
    assert len([*leaves(tree), *fields(tree)]) <= MOST_TERMS
    assert canonical(parse(canonical(tree)).tree) == canonical(tree)


def test_what_is_left_out_is_not_looked_for():
    assert [*leaves(parse("water -main (vote OR -in:articles)").tree)] == [
        Word("water"),
        Word("vote"),
    ]
    assert not has_words(parse("-main in:articles").tree)
