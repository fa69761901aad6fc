"""Assembling sentences out of segments."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.writers.sentences import assemble


@dataclass(frozen=True)
class Line:
    text: str
    start_ms: int = 0
    end_ms: int = 0
    key: str = ""
    speaker_name: str = ""
    confidence: float | None = None


def lines(*texts, speakers=None, lasting=4_000, pause=0):
    names = speakers or [""] * len(texts)
    return [
        Line(
            text=text,
            start_ms=number * (lasting + pause),
            end_ms=number * (lasting + pause) + lasting,
            key=f"k{number}",
            speaker_name=name,
        )
        for number, (text, name) in enumerate(zip(texts, names, strict=True))
    ]


def test_a_sentence_that_runs_over_segments_names_the_first_and_the_last():
    [said, rest] = assemble(lines("The council met", "on Monday and", "adjourned. Rain fell."))
    assert said.text == "The council met on Monday and adjourned."
    assert (said.first_key, said.last_key) == ("k0", "k2")
    assert (said.start_ms, said.end_ms) == (0, 12_000)
    assert rest.text == "Rain fell."
    assert (rest.first_key, rest.last_key) == ("k2", "k2")


def test_speech_lasts_as_long_as_its_share_of_the_letters():
    [one, other] = assemble(lines("Aaaa bbbb cccc. Dddd.", lasting=2_000))
    assert one.speech_ms == round(2_000 * 15 / 21)
    assert other.speech_ms == round(2_000 * 5 / 21)


def test_a_silence_is_not_speech():
    [one] = assemble(lines("The roll is called.", lasting=600_000))
    assert one.speech_ms < 3_000
    assert one.end_ms == 600_000


def test_another_speaker_ends_the_sentence():
    first, second = assemble(lines("I would say", "We agree.", speakers=["Ana", "Ben"]))
    assert (first.text, first.speaker_name, first.is_whole) == ("I would say", "Ana", False)
    assert (second.text, second.speaker_name, second.is_whole) == ("We agree.", "Ben", True)


def test_a_long_pause_ends_the_sentence():
    said = assemble(lines("I would say", "Something else.", pause=5_000))
    assert [one.text for one in said] == ["I would say", "Something else."]


def test_abbreviations_initials_and_decimals_end_nothing():
    text = "Mr. J. Doe of St. Paul asked for $1.2 million."
    assert [one.text for one in assemble(lines(text))] == [text]


def test_a_german_ordinal_ends_nothing():
    text = "Am 6. Mai wurde gewählt."
    assert [one.text for one in assemble(lines(text), language="de")] == [text]
    assert len(assemble(lines(text), language="en")) == 2


def test_without_punctuation_each_segment_is_a_sentence():
    texts = ["so the council met on monday"] * 40
    assert [one.text for one in assemble(lines(*texts))] == texts


def test_the_least_confident_segment_speaks_for_the_sentence():
    one, other = Line("The rate", confidence=0.9), Line("rises.", confidence=0.4)
    assert assemble([one, other])[0].confidence == 0.4


PIECES = st.text(alphabet="aB .?!…\n,“”1Ö", max_size=30)


@given(
    st.lists(
        st.tuples(PIECES, st.sampled_from(["", "Ana", "Ben"]), st.integers(0, 9_000)), max_size=20
    ),
    st.sampled_from(["en", "de", "fr", "xx", ""]),
)
def test_every_word_is_in_one_sentence_in_order_and_its_keys_hold_it(pieces, language):
    given_lines, clock = [], 0
    for number, (text, name, lasting) in enumerate(pieces):
        given_lines.append(Line(text, clock, clock + lasting, f"k{number}", name))
        clock += lasting
    said = assemble(given_lines, language=language)
    words = [word for line in given_lines for word in line.text.split()]
    assert [word for one in said for word in one.text.split()] == words
    at = {line.key: number for number, line in enumerate(given_lines)}
    for one in said:
        held = given_lines[at[one.first_key] : at[one.last_key] + 1]
        assert one.text in " ".join(
            " ".join(line.text.split()) for line in held if line.text.strip()
        )
        assert one.start_ms == held[0].start_ms <= one.end_ms
        assert 0 <= one.speech_ms <= one.end_ms - one.start_ms + len(held)
        assert {line.speaker_name for line in held if line.text.strip()} == {one.speaker_name}
