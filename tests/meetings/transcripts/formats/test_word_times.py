"""Words have times of their own where a WebVTT cue marks each of them, and else none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.formats import read
from meetings.transcripts.formats.wordtimes import word_times
from meetings.transcripts.live import utterances


def times(text, start_ms=1_000, end_ms=5_000):
    return [(one.text, one.start_ms, one.end_ms) for one in word_times(text, start_ms, end_ms)]


def test_each_word_begins_with_its_mark_and_the_first_with_the_cue():
    assert times("Good <00:00:02.000>evening, <00:00:03.500>all.") == [
        ("Good", 1_000, 2_000),
        ("evening,", 2_000, 3_500),
        ("all.", 3_500, 5_000),
    ]


def test_tags_and_line_ends_separate_no_times_from_their_words():
    said = "<v Ann><c>Good</c>\n<00:00:02.000><c> eve</c>ning,<00:00:03.500> <i>all.</i>"
    assert [text for text, _start, _end in times(said)] == ["Good", "evening,", "all."]


@pytest.mark.parametrize(
    "text",
    [
        "Good evening, all.",
        "Good evening, <00:00:03.500>all.",  # one of three has none
        "Good <00:00:03.000>evening, <00:00:02.000>all.",  # runs back
        "Good <00:00:09.000>evening.",  # after the cue
        "<00:00:00.500>Good <00:00:02.000>evening.",  # before it
        "Good <00:99:02.000>evening.",  # no time
        "<00:00:02.000>",
        "",
    ],
)
def test_better_no_times_than_wrong_ones(text):
    assert times(text) == []


def file(*cues):
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def test_times_reach_the_segment_counted_from_its_start():
    given = file(
        "00:01.000 --> 00:05.000\n<v Ann>Good <00:02.000>evening, <00:03.500>all.",
        "00:06.000 --> 00:08.000\n<v Ann>Thank you.",
    )
    first, second = utterances(read(given.encode(), "a.vtt").cues)
    assert (first.text, first.speaker_name) == ("Good evening, all.", "Ann")
    assert first.word_starts_ms == (0, 1_000, 2_500)
    assert second.word_starts_ms == ()


def test_two_voices_in_one_cue_have_no_times_of_words():
    given = file("00:01.000 --> 00:05.000\n<v Ann>Good <00:02.000>evening. <v Bob><00:03.000>Hi.")
    assert [one.word_starts_ms for one in utterances(read(given.encode(), "a.vtt").cues)] == [
        (),
        (),
    ]


@given(st.text(alphabet="a <>/.:cv0123\n&;", max_size=60))
def test_whatever_a_cue_holds_times_stay_in_order_and_inside_it(text):
    found = word_times(text, 1_000, 5_000)
    starts = [one.start_ms for one in found]
    assert starts == sorted(starts)
    assert all(1_000 <= one.start_ms <= one.end_ms <= 5_000 for one in found)
