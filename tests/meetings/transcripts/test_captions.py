"""Captions for the player: short lines, cut where the sense allows, and never a word lost."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.captions import LINE, LINES_MAX, captions, to_captions
from meetings.transcripts.formats.reading import read
from meetings.transcripts.utterances import Utterance

LONG = (
    "It is Monday, September 14, 2026, and it is seven o'clock by the clock on the back wall, "
    "which Public Works tells me has been repaired."
)


class Said(Utterance):
    """A segment as exports know it."""

    key = "k"


def lines_of(text, **given):
    found = captions([Said(0, 10_000, text, **given)])
    return [caption.lines for caption in found]


def test_short_segment_is_one_line():
    assert lines_of("Good evening, everyone.") == [("Good evening, everyone.",)]


def test_long_sentence_is_cut_at_commas_into_pairs_of_even_lines():
    assert lines_of(LONG) == [
        ("It is Monday, September 14, 2026,", "and it is seven o'clock by the"),
        ("clock on the back wall, which Public", "Works tells me has been repaired."),
    ]


def test_sentences_are_not_torn_where_they_fit():
    text = "I move adoption of the ordinance as amended. Is there a second? The chair hears none."
    assert lines_of(f"{text} We go on to the library and its hours on Sundays.") == [
        ("I move adoption of the ordinance", "as amended. Is there a second?"),
        ("The chair hears none. We go on to", "the library and its hours on Sundays."),
    ]


def test_name_stands_where_another_begins_to_speak_and_not_again():
    said = [
        Said(n * 1000, n * 1000 + 900, "Aye.", who) for n, who in enumerate(["Ann", "Ann", "Bob"])
    ]
    assert [one.lines[0] for one in captions(said)] == ["Ann: Aye.", "Aye.", "Bob: Aye."]


def test_cue_begins_with_its_first_word_where_that_is_known():
    starts = tuple(range(0, 100 * len(LONG.split()), 100))
    (first, second) = captions([Said(5_000, 60_000, LONG, "Ann", word_starts_ms=starts)])
    assert second.lines[0].startswith("clock on the back wall")
    assert first.end_ms == second.start_ms == 5_000 + 100 * LONG.split().index("clock")
    assert second.end_ms == 60_000


def test_text_without_spaces_is_cut_by_its_width():
    for lines in lines_of("会議" * 40):
        assert all(2 * len(line) <= LINE for line in lines)


words = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60)
utterances = st.builds(
    lambda start, lasting, text, who: Said(start, start + lasting, " ".join(text), who),
    st.integers(0, 10**7),
    st.integers(0, 60_000),
    st.lists(words, max_size=40),
    st.sampled_from(["", "Ann", "Council Member Celeste Norgaard"]),
)


@given(utterances)
def test_cues_fit_the_screen_and_the_time_and_keep_every_word(said):
    found = list(captions([said]))
    for caption in found:
        assert said.start_ms <= caption.start_ms < caption.end_ms
        assert caption.end_ms <= max(said.end_ms, said.start_ms + 1)
        assert 1 <= len(caption.lines) <= LINES_MAX
    assert all(one.end_ms == other.start_ms for one, other in pairwise(found))
    text = f"{said.speaker_name}: {said.text}" if said.speaker_name else said.text
    if said.end_ms - said.start_ms >= 10 * len(text):
        shown = "".join("".join(caption.lines) for caption in found)
        assert "".join(shown.split()) == "".join(text.split())


@pytest.mark.parametrize("text", [LONG, "a < b & c --> d", "<v Bob>", "x" * 200])
def test_file_is_webvtt_that_says_the_same(text):
    whole = "".join(to_captions([Said(1_500, 9_000, text, "Ann")]))
    reading = read(whole.encode(), "captions.vtt")
    assert [note for note in reading.notes if note.effect != "met"] == []
    said = "".join("".join(cue.text.split()) for cue in reading.cues)
    assert said == "".join(f"Ann: {text}".split())
    assert reading.cues[0].start_ms == 1_500
    assert reading.cues[-1].end_ms == 9_000
