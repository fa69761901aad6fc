"""Keys of segments stay where words and times stay."""

from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.utterances import Utterance, keyed

UTTERANCES = st.lists(
    st.builds(
        Utterance,
        start_ms=st.integers(0, 50),
        end_ms=st.integers(50, 100),
        text=st.sampled_from(["Aye.", "No.", "So moved."]),
        speaker_name=st.sampled_from(["", "Ruiz"]),
        confidence=st.none() | st.floats(0, 1),
    ),
    max_size=20,
)


def keys(utterances: list[Utterance]) -> list[str]:
    return [key for key, _ in keyed(utterances)]


@given(UTTERANCES)
def test_keys_are_unique_and_the_same_each_time(utterances: list[Utterance]) -> None:
    assert len(set(keys(utterances))) == len(utterances)
    assert keys(utterances) == keys(utterances)
    assert [utterance for _, utterance in keyed(utterances)] == utterances


@given(UTTERANCES, st.integers(0, 20))
def test_a_new_segment_leaves_the_keys_of_the_others(
    utterances: list[Utterance], place: int
) -> None:
    new = Utterance(7, 8, "A correction.")
    changed = [*utterances[:place], new, *utterances[place:]]
    assert set(keys(utterances)) < set(keys(changed))


def test_a_key_is_made_of_words_and_times_alone() -> None:
    one, other = Utterance(0, 9, "Aye.", "Ruiz", 0.5), Utterance(0, 9, "Aye.", "Ames")
    assert keys([one]) == keys([other])
    assert keys([one]) != keys([Utterance(0, 9, "Aye!")])
    assert keys([one]) != keys([Utterance(1, 9, "Aye.")])
    assert keys([one]) != keys([Utterance(0, 8, "Aye.")])
