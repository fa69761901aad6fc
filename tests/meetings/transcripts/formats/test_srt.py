"""SubRip, as the many programs that write it really do."""

import pytest

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Cue, Effect, Reading


def reading(text: str) -> Reading:
    return read(text.encode(), "a.srt")


def kinds(text: str) -> list[tuple[int, str, str]]:
    return [(note.line, note.effect.value, note.kind) for note in reading(text).notes]


GOOD = "1\n00:00:01,000 --> 00:00:02,500\nGood morning.\nPlease sit.\n\n"
NEXT = "2\n00:00:03,000 --> 00:00:04,000\nThank you.\n"


def test_plain_file():
    found = reading(GOOD + NEXT)
    assert found.cues == (
        Cue(2, 1000, 2500, "Good morning.\nPlease sit."),
        Cue(7, 3000, 4000, "Thank you."),
    )
    assert (found.format, found.notes) == ("srt", ())


@pytest.mark.parametrize(
    "times",
    [
        "00:00:01.000 --> 00:00:02.500",
        "00:00:01,000-->00:00:02,500",
        "00:00:01,000 -> 00:00:02,500",
        "00:00:01,000 – > 00:00:02,500",
        "00:00:01,000 → 00:00:02,500",
        "00:00:01,000 -- > 00:00:02,500",
        "0:0:1,0 --> 0:0:2,5",
        "00:01,000 --> 00:02,500",
        "  00:00:01,000 --> 00:00:02,500  ",
        "00:00:01,000 --> 00:00:02,500 X1:100 X2:200 Y1:10 Y2:20",
        "00:00:01,000 --> 00:00:02,500 align:start position:0%",
    ],
)
def test_times_in_all_the_shapes_that_programs_write(times):
    found = reading(f"1\n{times}\nHi\n")
    assert found.cues == (Cue(2, 1000, 2500, "Hi"),)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<i>Good</i> <b>morning</b>", "Good morning"),
        ('<font color="#ff0000">Good</font> morning', "Good morning"),
        (r"{\an8}Good morning", "Good morning"),
        (r"{\i1}Good{\i0} morning\Nall", "Good morning\nall"),
        ("Good<br>morning", "Good\nmorning"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("<applause>", "<applause>"),
        ("Q&amp;A, AT&T, caf&eacute;", "Q&A, AT&T, caf&eacute;"),
        ("{not a tag}", "{not a tag}"),
    ],
)
def test_tags_go_and_words_stay(text, plain):
    assert [cue.text for cue in reading(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n").cues] == [
        plain
    ]


def test_empty_line_inside_a_cue_loses_nothing():
    text = GOOD.replace("\nPlease", "\n\nPlease") + NEXT
    assert reading(text).cues[0].text == "Good morning.\nPlease sit."
    assert kinds(text) == [(2, "repaired", "empty_line_in_cue")]


def test_missing_empty_line_is_no_matter():
    assert [cue.text for cue in reading(GOOD.rstrip() + "\n" + NEXT).cues] == [
        "Good morning.\nPlease sit.",
        "Thank you.",
    ]


def test_missing_and_wrong_numbers_are_noted_once():
    bare = GOOD.removeprefix("1\n") + NEXT.removeprefix("2\n")
    assert kinds(bare) == [(1, "met", "missing_number")]
    assert len(reading(bare).cues) == 2
    wrong = GOOD + NEXT.replace("2\n", "7\n", 1)
    assert kinds(wrong) == [(7, "met", "wrong_number")]


def test_number_that_is_said_stays_in_the_words():
    text = GOOD.replace("Please sit.", "Item\n\n7\n") + NEXT
    assert reading(text).cues[0].text == "Good morning.\nItem\n7"


def test_cue_that_lost_its_times_is_lost_with_its_line():
    text = GOOD + "2\nThank you.\n\n3\n00:00:05,000 --> 00:00:06,000\nBye.\n"
    assert [cue.text for cue in reading(text).cues] == ["Good morning.\nPlease sit.", "Bye."]
    assert (6, "lost", "text_without_times") in kinds(text)


def test_broken_times_lose_the_cue():
    text = GOOD + NEXT.replace("00:00:04", "00:0x:04")
    (note,) = reading(text).notes
    assert (note.line, note.effect, note.kind, note.cue) == (
        7,
        Effect.LOST,
        "unreadable_times",
        None,
    )


def test_sixty_minutes_and_more_lose_the_cue():
    (note,) = reading(GOOD + NEXT.replace("00:00:03", "00:61:03")).notes
    assert (note.line, note.kind, note.cue) == (7, "sixty_or_more", None)
    assert "61 minutes" in note.what


def test_words_before_the_first_times_are_lost_and_noted():
    assert kinds("Captions by Ann\n" + GOOD) == [(1, "lost", "text_without_times")]


def test_words_beside_the_times_are_kept():
    found = reading("1\n00:00:01,000 --> 00:00:02,000 Good morning.\nPlease sit.\n")
    assert found.cues[0].text == "Good morning.\nPlease sit."
    assert [note.kind for note in found.notes] == ["words_beside_times"]


def test_four_digits_of_milliseconds_are_a_second():
    found = reading("1\n00:00:01,332 --> 00:00:01,1000\nHi\n")
    assert found.cues == (Cue(2, 1332, 2000, "Hi"),)
    assert [(note.effect, note.kind) for note in found.notes] == [
        (Effect.REPAIRED, "four_digit_milliseconds")
    ]


def test_cue_that_ends_before_it_starts_is_handed_on():
    (note,) = reading("1\n00:00:05,000 --> 00:00:01,000\nHi\n").notes
    assert (note.kind, note.cue) == ("ends_before_start", Cue(2, 5000, 1000, "Hi"))


def test_cues_without_words_are_counted():
    text = GOOD + "2\n00:00:03,000 --> 00:00:04,000\n\n\n3\n00:00:05,000 --> 00:00:06,000\nBye.\n"
    assert len(reading(text).cues) == 2
    assert kinds(text) == [(7, "met", "empty_cue")]
