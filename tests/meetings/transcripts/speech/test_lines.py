"""Phrases become sentences; each word keeps its time and how sure it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.transcripts.speech.lines import lines
from meetings.transcripts.speech.phrases import Phrase, Word


def phrase(*words: tuple[str, int, int, float], text: str = "") -> Phrase:
    made = tuple(Word(*word) for word in words)
    text = text or "".join(word.text for word in made)
    return Phrase(words[0][1], words[-1][2], text, made, 0.1, -0.3, -20.0)


def test_a_sentence_across_two_phrases_is_one_line_with_the_time_of_each_word():
    heard = [
        phrase((" The", 1_000, 1_100, 0.9), (" clerk", 1_100, 1_400, 0.8)),
        phrase(
            (" will", 1_500, 1_600, 0.7), (" call", 1_600, 1_900, 0.4), (".", 1_900, 1_950, 0.6)
        ),
        phrase((" Here", 2_500, 2_700, 1.0), (".", 2_700, 2_700, 1.0)),
    ]

    first, second = lines(heard, language="en", until_ms=10_000)

    assert (first.text, first.start_ms, first.end_ms) == ("The clerk will call.", 1_000, 1_950)
    assert first.word_starts_ms == (0, 100, 500, 600)
    assert first.word_confidences == (90, 80, 70, 40)  # as unsure as the most unsure of its parts
    assert first.confidence == (0.9 + 0.8 + 0.7 + 0.4) / 4
    assert (second.text, second.word_starts_ms) == ("Here.", (0,))


def test_what_goes_on_without_a_space_is_one_word():
    heard = [phrase((" state", 0, 100, 0.9), ("-based", 100, 200, 0.8), (" rules.", 200, 300, 0.9))]
    (line,) = lines(heard, language="en", until_ms=10_000)
    assert line.text == "state-based rules."
    assert len(line.word_starts_ms) == 2


def test_writing_without_spaces_stays_as_the_model_made_it():
    heard = [phrase(("皆", 0, 100, 0.9), ("さん", 100, 200, 0.7), text="皆さん、こんにちは。")]
    (line,) = lines(heard, language="ja", until_ms=10_000)
    assert (line.text, line.word_starts_ms) == ("皆さん、こんにちは。", ())
    assert line.confidence == 0.8


WORDS = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=8).map(lambda text: f" {text}"),
        st.integers(0, 100_000),
        st.integers(0, 5_000),
        st.floats(0, 1),
    ),
    max_size=12,
)


@given(st.lists(WORDS, max_size=8), st.integers(1, 90_000), st.sampled_from(["en", "ja"]))
@settings(deadline=None, max_examples=60)
def test_times_run_forward_end_with_the_recording_and_belong_to_words(heard, until_ms, language):
    phrases = [
        Phrase(
            words[0][1],
            words[0][1] + 1_000,
            "".join(word[0] for word in words),
            tuple(Word(text, start, start + lasts, sure) for text, start, lasts, sure in words),
            0.1,
            -0.3,
            -20.0,
        )
        for words in heard
        if words
    ]

    made = lines(phrases, language=language, until_ms=until_ms)

    high = 0
    for line in made:
        assert high <= line.start_ms <= line.end_ms <= until_ms
        high = line.start_ms
        assert line.text == " ".join(line.text.split())
        assert line.text.isprintable()
        assert 0 <= (line.confidence or 0) <= 1
        if line.word_starts_ms:
            assert len(line.word_starts_ms) == len(line.word_confidences) == len(line.text.split())
            assert list(line.word_starts_ms) == sorted(line.word_starts_ms)
            assert line.start_ms + line.word_starts_ms[-1] <= line.end_ms
            assert all(0 <= sure <= 100 for sure in line.word_confidences)
    if language == "en":  # no letter is lost or doubled
        said = "".join(word.text for one in phrases for word in one.words)
        kept = "".join(letter for letter in said if letter.isprintable() and not letter.isspace())
        assert "".join(line.text for line in made).replace(" ", "") == kept
