"""What is written where hardly anything can be heard is not believed, and what is heard is."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.speech.phrases import (
    Phrase,
    Word,
    is_invented,
    read,
    usual_loudness,
    written,
)

SPOKEN = Phrase(0, 2_000, " Good morning.", (), 0.1, -0.35, -24.0)


@pytest.mark.parametrize(
    ("no_speech", "log_probability", "loudness", "invented"),
    [
        # Measured with tiny.en: speech, names that it does not know, a roll call cut off.
        (0.06, -0.29, -16.9, False),
        (0.13, -0.98, -21.9, False),
        (0.29, -1.17, -24.0, False),
        # Near-silence, digital silence, noise, a murmur of voices.
        (0.27, -0.65, -60.0, True),
        (0.95, -0.67, -180.0, True),
        (0.97, -0.18, -40.0, True),
        (0.88, -0.17, -49.3, True),
        (0.68, -0.97, -40.0, True),
    ],
)
def test_what_was_measured_is_told_apart(no_speech, log_probability, loudness, invented):
    phrase = replace(
        SPOKEN, no_speech=no_speech, log_probability=log_probability, loudness=loudness
    )
    assert is_invented(phrase, usual_db=-24.0) is invented


@given(st.floats(0, 0.6), st.floats(-1.5, 0), st.floats(-50, 0), st.floats(-60, 0))
def test_what_is_as_loud_as_the_rest_and_likely_speech_is_kept(speech, likely, level, usual):
    phrase = replace(SPOKEN, no_speech=speech, log_probability=likely, loudness=level)
    if level >= usual - 30:
        assert not is_invented(phrase, usual_db=usual)


@given(st.floats(0, 1), st.floats(-1.5, 0), st.floats(-180, -55.1))
def test_words_in_silence_are_never_kept_however_soft_the_rest_is(speech, likely, level):
    phrase = replace(SPOKEN, no_speech=speech, log_probability=likely, loudness=level)
    assert is_invented(phrase, usual_db=-50.0)


def test_how_loud_people_speak_is_what_the_louder_half_reaches():
    levels = [replace(SPOKEN, loudness=level) for level in (-70.0, -60.0, -22.0, -20.0)]
    assert usual_loudness(levels) == -22.0
    assert usual_loudness([]) < -50


def test_phrases_are_read_as_they_were_written_on_the_clock_of_the_recording():
    words = (Word(" Good", 100, 300, 0.9), Word(" morning.", 320, 900, 0.5))
    phrase = replace(SPOKEN, words=words)

    again = read(json.loads(json.dumps(written(phrase, by_ms=60_000))))

    assert (again.start_ms, again.end_ms) == (60_000, 62_000)
    assert [(word.start_ms, word.end_ms) for word in again.words] == [
        (60_100, 60_300),
        (60_320, 60_900),
    ]
    assert written(again, by_ms=-60_000) == written(phrase, by_ms=0)
