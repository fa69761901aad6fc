"""CTM: word times, turns, and tokens joined as they should read."""

import pytest

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Cue, Effect, Reading, Word

TURN = "<start=0.0,end=9.0,speaker=S0>"


def reading(*tokens: str, first: str = "") -> Reading:
    """Tokens a second apart, each half a second long, with a confidence of 0.5."""
    rows = [
        f"meeting\t1\t{at}.0\t{0.0 if token[:2] == '<s' else 0.5}\t{token}\t0.5"
        for at, token in enumerate(tokens)
    ]
    return read("\n".join([*first.splitlines(), *rows]).encode(), "a.ctm")


def texts(*tokens: str) -> list[str]:
    return [cue.text for cue in reading(*tokens).cues]


def test_sentence_of_a_turn_is_a_cue_with_its_words():
    found = reading(TURN, "bonjour", "à", "tous", ".", "merci")
    assert found.cues == (
        Cue(
            2,
            1000,
            4500,
            "bonjour à tous.",
            "S0",
            0.5,
            (
                Word("bonjour", 1000, 1500, 0.5),
                Word("à", 2000, 2500, 0.5),
                Word("tous.", 3000, 4500, 0.5),
            ),
        ),
        Cue(6, 5000, 5500, "merci", "S0", 0.5, (Word("merci", 5000, 5500, 0.5),)),
    )
    assert (found.format, found.notes) == ("ctm", ())


def test_turn_ends_a_sentence():
    found = reading(TURN, "oui", "<start=2,end=3,speaker=S104>", "non")
    assert [(cue.speaker, cue.text) for cue in found.cues] == [("S0", "oui"), ("S104", "non")]


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["l'", "époque", "n'", "était", "pas"], "l'époque n'était pas"),
        (["aujourd'", "hui"], "aujourd'hui"),
        (["c'", "est-à-dire", ",", "voilà", "."], "c'est-à-dire, voilà."),
        (["jusqu'", "à", "l'", "heure"], "jusqu'à l'heure"),
        (["qu'", "est-ce", "que", "c'", "est", "?"], "qu'est-ce que c'est\u00a0?"),
        (["why", "?"], "why?"),
        (["so", "..."], "so..."),
        (["one", "<unk>", "three"], "one […] three"),
    ],
)
def test_tokens_are_joined_as_they_should_read(tokens, text):
    assert texts(*tokens) == [text]


def test_words_make_the_text():
    cue = reading("l'", "an", ",", "qu'", "est-ce", "?").cues[0]
    assert " ".join(word.text for word in cue.words) == cue.text


def test_unknown_words_are_noted():
    assert [(note.line, note.kind) for note in reading("a", "<unk>").notes] == [(2, "unknown_word")]


def test_row_that_is_none_is_lost_with_its_line():
    found = read(b"m 1 0.0 0.5 one\nm 1 0.5 0.5 two\nm 1 1.0 0.5 three\nm 1 x four\n", "a.ctm")
    assert [(note.line, note.effect, note.kind) for note in found.notes] == [
        (4, Effect.LOST, "unreadable_row")
    ]


def test_comments_and_rows_without_confidence_are_read():
    found = read(b";; made by hand\nm 1 0.0 0.5 one\n\nm 1 0.5 0.25 .\nm 1 1 0.5 two", "a.ctm")
    assert [(cue.line, cue.text, cue.confidence) for cue in found.cues] == [
        (2, "one.", None),
        (5, "two", None),
    ]
    assert found.notes == ()


def test_files_without_french_elisions_take_no_space_before_a_question_mark():
    assert texts("really", "?") == ["really?"]
