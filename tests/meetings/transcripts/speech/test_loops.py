"""Loops are found wherever they stand, and people who repeat themselves are left alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.transcripts.speech.loops import WORDS, Loop, is_sign, loops, words

# Words that never come twice in a row of speech, and phrases that a model might be caught in.
SPEECH = st.integers(20, 120).map(lambda count: [f"word{number}" for number in range(count)])
PHRASE = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)


@given(SPEECH, PHRASE, st.integers(3, 60), SPEECH)
@settings(max_examples=80, deadline=None)
def test_a_phrase_said_over_and_over_is_found_where_it_stands(before, phrase, times, after):
    after = [f"x{word}" for word in after]
    looped = phrase * times

    found = loops([*before, *looped, *after])

    if len(looped) < WORDS:
        return
    (loop,) = found
    assert loop.first <= len(before)
    assert loop.until >= len(before) + len(looped)
    # Nothing of the speech around it is blamed, but for what shares a window with much of it.
    if len(looped) < 60:
        assert (loop.first, loop.until) == (len(before), len(before) + len(looped))
        assert (loop.phrase.split(), loop.times) == (phrase, times)


@given(SPEECH)
def test_speech_that_goes_on_is_no_loop(said):
    assert loops(said) == []


@given(st.lists(st.sampled_from(["aye", "no", "here", "Councilmember", "thank", "you"])))
@settings(deadline=None)
def test_loops_never_overlap_and_stay_inside(said):
    found = loops(said)
    ends = [0]
    for loop in found:
        assert ends[-1] <= loop.first < loop.until <= len(said)
        ends.append(loop.until)


@given(PHRASE, st.integers(3, 40))
@settings(deadline=None)
def test_the_shortest_phrase_names_a_loop(phrase, times):
    found = loops(phrase * times)
    if len(phrase) * times < WORDS:
        assert found == []
    else:
        assert found[0].phrase == " ".join(phrase)
        assert found[0].times == times


def test_a_roll_call_is_no_loop():
    names = ["Herbold", "Juarez", "Lewis", "Morales", "Mosqueda", "Pedersen", "Sawant", "González"]
    called = " ".join(f"Councilmember {name}. Aye." for name in names)
    assert loops(words(called)) == []
    assert loops(words("Aye. " * 9 + "The motion carries. " * 2)) == []


def test_phrases_that_take_turns_are_a_loop():
    first, second = "Thank you very much for watching", "I will see you in the next video"
    odd = [first, first, second, first, second, second, second, first, first, second] * 3

    (loop,) = loops(words(". ".join(odd)))

    assert loop.length > 100


def test_writing_without_spaces_is_compared_sign_by_sign():
    assert words("ありがとう。 Tokyo２") == [*"ありがとう", "tokyo２"]
    assert is_sign("議")
    assert not is_sign("a")
    (loop,) = loops(words("ご視聴ありがとうございました" * 10))
    assert (loop.first, loop.times) == (0, 10)


def test_words_are_compared_without_case_and_punctuation():
    assert words("Thank you! THANK—YOU… Rwy'n co-op") == [
        *("thank", "you", "thank", "you", "rwy'n", "co-op")
    ]


def test_an_empty_transcript_has_no_loops():
    assert loops([]) == []
    assert loops(["one"]) == []
    assert loops(["no"] * WORDS) == [Loop(0, WORDS, "no", WORDS)]
