"""Doubts: bad recognition is named in a sentence, real meetings are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.intake.repairs import Refused, repair
from meetings.transcripts import live
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions
from meetings.transcripts.speech.doubts import FASTEST, STRETCH, Stretch, doubts
from meetings.transcripts.utterances import Utterance

SENTENCES = [f"Item {number} is about matter {number * 7} of the town" for number in range(400)]


def spoken(count: int, *, every_ms: int = 4_000, confidence: float | None = None):
    return [
        Utterance(place * every_ms, (place + 1) * every_ms, text, "", confidence)
        for place, text in enumerate(SENTENCES[:count])
    ]


def test_ordinary_speech_is_not_doubted():
    lines = spoken(200, confidence=0.9)
    assert doubts(lines, stretches=[Stretch(0, 800_000, 780_000)]) == []
    assert doubts([]) == []


def test_a_loop_is_named_with_its_place_and_its_words():
    lines = spoken(20)
    lines += [
        Utterance(80_000 + n * 5_000, 85_000 + n * 5_000, "Diolch yn fawr.") for n in range(9)
    ]
    lines += [Utterance(130_000, 134_000, "The meeting will come to order.")]

    (said,) = doubts(lines)

    assert "at 0:01:20 “diolch yn fawr”" in said
    assert "27 words" in said
    assert "1 place," in said


def test_more_words_than_can_be_said_are_named_with_their_time():
    lines = spoken(20)
    lines += [Utterance(80_000, 84_000, " ".join(SENTENCES[100:112]))]

    (said,) = doubts(lines)

    assert said.startswith("At 0:01:")
    assert "far more words than can be said" in said


@given(st.integers(STRETCH, 400), st.integers(1, 600_000))
@settings(deadline=None)
def test_pace_alone_decides_whether_there_are_too_many_words(count, lasts_ms):
    lines = [Utterance(0, lasts_ms, " ".join(f"w{number}" for number in range(count)))]
    assert bool(doubts(lines)) == (count * 60_000 > FASTEST * lasts_ms)


def test_voices_without_words_are_named_with_their_times():
    lines = spoken(100)  # to 0:06:40
    heard = [Stretch(0, 400_000, 380_000), Stretch(400_000, 1_000_000, 500_000)]

    (said,) = doubts(lines, stretches=heard)

    assert "0:06:40–0:16:40" in said
    assert "hardly a word" in said


def test_a_minute_of_voices_without_words_is_too_little_to_judge():
    assert doubts(spoken(1), stretches=[Stretch(10_000, 200_000, 60_000)]) == []


def test_a_long_break_is_no_doubt():
    lines = spoken(100)
    assert (
        doubts(lines, stretches=[Stretch(0, 400_000, 380_000), Stretch(400_000, 2_000_000, 0)])
        == []
    )
    lines += [Utterance(20_000_000, 20_004_000, "We are back.")]
    assert doubts(lines) == []


def test_much_that_was_hard_to_hear_is_said_in_percent():
    lines = [*spoken(20, confidence=0.9)[:10], *spoken(20, confidence=0.3)[10:]]
    (said,) = doubts(lines)
    assert "51 percent" in said


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**8),
            st.integers(0, 10**7),
            st.text(max_size=60),
            st.none() | st.floats(0, 1),
        ),
        max_size=30,
    ),
    st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 10**7), st.integers(0, 10**7))),
)
@settings(deadline=None)
def test_whatever_the_words_are_the_answer_is_sentences(rows, heard):
    lines = [Utterance(start, start + lasts, text, "", sure) for start, lasts, text, sure in rows]
    stretches = [Stretch(start, start + lasts, spoken) for start, lasts, spoken in heard]
    for said in doubts(lines, stretches=stretches):
        assert said.strip()
        assert said.endswith(".")


WELSH_AND_THANKS = ("at 0:00:00 “rwy'n gobeithio y”", "“thank you”")
BAD = {"CIty_Council_100601_0.srt", "CIty_Council_100601_0.vtt"}


def judged(folder, *patterns):
    """The doubts about each caption file that can be taken in, by its name."""
    found = {}
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        try:
            cues = repair(read(path.read_bytes(), path.name)).cues
        except (NotCaptions, Refused):
            continue
        found[path.name] = doubts(live.utterances(cues))
    return found


def test_invented_welsh_is_doubted_and_its_neighbors_are_not(sample_data):
    found = judged(sample_data / "captions", "knox-county/*.srt", "seattle-council/*.json")

    assert len(found) == 7
    (said,) = found.pop("CIty_Council_100601_0.srt")
    for part in WELSH_AND_THANKS:
        assert part in said
    assert set(map(tuple, found.values())) == {()}


@pytest.mark.slow
def test_of_all_real_captions_only_the_badly_recognized_are_doubted(sample_data):
    found = judged(
        sample_data / "captions",
        *("knox-county/*.vtt", "ca-legislature/*.vtt", "french-meetings/*.ctm", "bundestag/*.json"),
    )
    assert len(found) > 25
    assert {name for name, said in found.items() if said} == BAD - {"CIty_Council_100601_0.srt"}
