"""Random searches and texts for the tests of this room, from few words so that they often meet."""

import random

from hypothesis import strategies as st

from meetings.search.lexing import LONGEST_PHRASE
from meetings.search.tree import (
    Field,
    Kind,
    Name,
    Near,
    Node,
    Phrase,
    Prefix,
    Word,
    all_of,
    any_of,
    without,
)

WORDS = ("water", "waters", "main", "mains", "houses", "housing", "vote", "voted", "señor", "don't")

word = st.sampled_from(WORDS)
leaf = st.one_of(
    st.builds(Word, word),
    st.builds(Phrase, st.lists(word, min_size=1, max_size=4).map(tuple)),
    st.builds(Prefix, st.sampled_from(["wa", "hous", "vot", "se"])),
    st.builds(Near, word, word, st.integers(1, 6)),
)
some_field = st.one_of(
    st.builds(Field, st.just(Name.SPEAKER), st.sampled_from(["ana", "ana smith", "bo"])),
    st.builds(Field, st.just(Name.BODY), st.sampled_from(["council", "/council-1", "/none"])),
    st.builds(Field, st.just(Name.PLACE), st.sampled_from(["/state", "/town", "state"])),
    st.builds(Field, st.just(Name.LEVEL), st.sampled_from(["city", "school_district"])),
    st.builds(Field, st.just(Name.AFTER), st.sampled_from(["2024-01-01", "2026-03-03"])),
    st.builds(Field, st.just(Name.BEFORE), st.sampled_from(["2026-03-03", "2027-01-01"])),
    st.builds(Field, st.just(Name.IN), st.sampled_from(list(Kind))),
)


def _larger(node: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(node, min_size=1, max_size=3)
    return st.one_of(several.map(all_of), several.map(any_of), node.map(without))


def trees(leaves: st.SearchStrategy[Node] = leaf | some_field) -> st.SearchStrategy[Node]:
    """Trees in normal form, of a size that a person could have typed."""
    return st.recursive(leaves, _larger, max_leaves=8)


long_phrase = st.lists(word, min_size=1, max_size=LONGEST_PHRASE).map(tuple).map(Phrase)

PIECES = (
    *('"', "“", "”", "(", ")", "-", "--", "*", ":", " ", " ", " ", "\t", "\n", "\u00a0", "\u200f"),
    *("OR", "AND", "NEAR", "NEAR/3", "NEAR/99999", "NEAR/", "or", "near", "NOT"),
    *("speaker:", "body:", "place:", "level:", "after:", "before:", "in:", "Speaker:", "ſpeaker:"),
    *(
        "/oakland",
        "2026",
        "2026-02-30",
        "0000",
        "9999-12-31",
        "articles",
        "city",
        "school district",
    ),
    *("water", "don’t", "1,200.50", "l'été", "住房", "สวัสดี", "مجلس المدينة", "ישיבה", "İstanbul"),
    *(
        "😀",
        "👩‍👩‍👧",
        "e\u0301",
        "\ue000",
        "\ud800",
        "\x00",
        "ß",
        "ﬁ",
        "́",
        "'",
        "_",
        "%",
        "\\",
        "a" * 300,
    ),
)


def anything(chance: random.Random) -> str:
    """What somebody, or something, may type."""
    separator = chance.choice(("", " ", " ", " "))
    return separator.join(chance.choices(PIECES, k=chance.randint(0, 25)))
