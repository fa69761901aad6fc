"""The context guard: what is cut off, and what is offered instead."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meetings.clips.guard import LONGEST_SENTENCE_MS, OFFER_MAX_MS, Cut, findings, widened
from meetings.clips.timed import Span, timed, within
from meetings.transcripts.utterances import Utterance

RUIZ = [
    Utterance(0, 4_000, "Good evening. The pier is open again.", "Ruiz"),
    Utterance(4_000, 8_000, "I do not think that we should", "Ruiz"),
    Utterance(8_000, 12_000, "raise the fare this year.", "Ruiz"),
    Utterance(12_000, 16_000, "But next year we must.", "Ruiz"),
    Utterance(16_000, 20_000, "We did, however, hear the riders.", "Ruiz"),
    Utterance(20_000, 24_000, "But that is untrue.", "Quandt"),
]


def over(first, last, lines=RUIZ):
    """A span from the first to the last segment of these numbers."""
    return Span(lines[first].start_ms, lines[last].end_ms)


def found(span, lines=RUIZ, language="en"):
    return findings(span, timed(lines), language=language)


def said(span, lines=RUIZ):
    words = timed(lines)
    return " ".join(words[number].text for number in within(span, words))


def test_a_span_of_whole_sentences_has_nothing_wrong():
    assert found(over(0, 0)) == []
    assert found(over(0, 4)) == []  # what Quandt says against it is no words of Ruiz's


def test_a_beginning_inside_a_sentence_is_told_and_the_whole_of_it_offered():
    [finding] = [one for one in found(over(2, 4)) if one.cut == Cut.BEGINS_INSIDE]
    assert finding.left_out == "I do not think that we should"
    assert finding.offer == over(1, 4)


def test_an_end_inside_a_sentence_is_told_and_the_rest_of_it_offered():
    lines = RUIZ[:3]
    [finding] = found(over(0, 1, lines), lines)
    assert (finding.cut, finding.left_out) == (Cut.ENDS_INSIDE, "raise the fare this year.")
    assert finding.offer == over(0, 2, lines)


def test_a_stop_before_the_speaker_takes_it_back_offers_all_that_does():
    [finding] = found(over(1, 2))
    assert finding.cut == Cut.TAKEN_BACK
    assert finding.left_out.startswith("But next year we must. We did, however, hear")
    assert finding.offer == over(1, 4)


def test_both_ends_are_told_of_at_once():
    assert [one.cut for one in found(over(2, 2))] == [Cut.BEGINS_INSIDE, Cut.TAKEN_BACK]
    assert widened(over(2, 2), timed(RUIZ)) == over(1, 4)


@pytest.mark.parametrize(
    "coming",
    [
        "But only in May.",
        "“But only in May.”",
        "and, uh, but only in May.",
        "However, only in May.",
        "HOWEVER, ONLY IN MAY.",
        "Not in May.",
        "We will not, however, say when.",
        "Except in May.",
        "— but only in May.",
    ],
)
def test_words_that_take_back_are_known(coming):
    lines = [
        Utterance(0, 4_000, "We will raise the fare.", "Ruiz"),
        Utterance(4_000, 8_000, coming, "Ruiz"),
    ]
    assert [one.cut for one in found(over(0, 0, lines), lines)] == [Cut.TAKEN_BACK]


@pytest.mark.parametrize(
    "coming", ["Button up.", "Nothing else.", "We have heard a lot, however.", "And so it goes."]
)
def test_words_that_only_look_so_are_not(coming):
    lines = [
        Utterance(0, 4_000, "We will raise the fare.", "Ruiz"),
        Utterance(4_000, 8_000, coming, "Ruiz"),
    ]
    assert found(over(0, 0, lines), lines) == []


def test_not_in_the_middle_of_a_sentence_is_the_end_that_matters():
    lines = [
        Utterance(0, 2_000, "We will", "Ruiz", word_starts_ms=(0, 900)),
        Utterance(2_000, 4_000, "not raise the fare.", "Ruiz"),
    ]
    [finding] = found(Span(0, 2_000), lines)
    assert (finding.cut, finding.offer) == (Cut.TAKEN_BACK, Span(0, 4_000))


@pytest.mark.parametrize(
    ("language", "coming"),
    [("es", "Pero no este año."), ("fr", "Mais pas ici."), ("de-AT", "Aber nicht hier.")],
)
def test_other_languages_take_back_in_their_own_words(language, coming):
    lines = [Utterance(0, 4_000, "Le pier xyz.", "Ruiz"), Utterance(4_000, 8_000, coming, "Ruiz")]
    assert [one.cut for one in found(over(0, 0, lines), lines, language)] == [Cut.TAKEN_BACK]
    assert found(over(0, 0, lines), lines, "fi") == []


def test_after_a_long_silence_nothing_is_taken_back():
    lines = [
        Utterance(0, 4_000, "We will raise the fare.", "Ruiz"),
        Utterance(30_000, 34_000, "But first the minutes.", "Ruiz"),
    ]
    assert found(over(0, 0, lines), lines) == []


def test_silence_has_no_sentences():
    lines = [Utterance(0, 1_000, "One.", "Ruiz"), Utterance(9_000, 9_500, "Two.", "Ruiz")]
    assert found(Span(3_000, 8_000), lines) == []
    assert found(Span(3_000, 8_000), []) == []


def test_without_full_stops_nobody_knows_where_sentences_end():
    lines = [
        Utterance(n * 4_000, n * 4_000 + 4_000, "we went on and on and", "Ruiz")
        for n in range(LONGEST_SENTENCE_MS // 4_000 + 2)
    ]
    assert found(over(3, 5, lines), lines) == []


def test_without_full_stops_a_but_is_still_told_and_nothing_is_offered():
    lines = [
        Utterance(n * 4_000, n * 4_000 + 4_000, "but we went on and on", "Ruiz")
        for n in range(LONGEST_SENTENCE_MS // 4_000 + 2)
    ]
    [finding] = found(over(3, 5, lines), lines)
    assert (finding.cut, finding.offer) == (Cut.TAKEN_BACK, None)
    assert finding.left_out.startswith("but we went on")


def test_what_ends_a_minute_away_is_not_offered():
    lines = [
        Utterance(0, 4_000, "We will raise the fare.", "Ruiz"),
        Utterance(4_000, 44_000, "But not this year.", "Ruiz"),
        Utterance(44_000, 80_000, "However, never say never.", "Ruiz"),
    ]
    [finding] = found(over(0, 0, lines), lines)
    assert (finding.cut, finding.offer) == (Cut.TAKEN_BACK, None)


def test_half_a_segment_is_told_by_the_share_of_its_letters():
    assert said(Span(0, 1_500)) == "Good evening."
    assert found(Span(0, 1_500)) == []
    [finding] = found(Span(0, 2_600))
    assert (finding.cut, finding.left_out) == (Cut.ENDS_INSIDE, "is open again.")


def test_the_times_of_words_are_believed_where_they_fit():
    known = Utterance(0, 4_000, "One two. Three", "Ruiz", word_starts_ms=(0, 100, 3_500))
    assert [word.start_ms for word in timed([known])] == [0, 100, 3_500]
    unfit = Utterance(0, 4_000, "One two. Three", "Ruiz", word_starts_ms=(0, 100))
    assert [word.start_ms for word in timed([unfit])] == [0, 1_142, 2_571]


GAPS = st.integers(0, 12_000)
TEXTS = st.lists(
    st.sampled_from(
        [
            *["yes.", "no,", "the", "budget", "was", "But", "but", "however,", "not", "pier"],
            *["again?", "Mr.", "A.", "1.5", "ferry!", "…", "–", "“so”"],
        ]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


@st.composite
def lines(draw, gaps=GAPS):
    """A few segments of two speakers, one after the other."""
    made, at = [], 0
    for _number in range(draw(st.integers(1, 8))):
        at += draw(gaps)
        end = at + draw(st.integers(0, 9_000))
        made.append(Utterance(at, end, draw(TEXTS), draw(st.sampled_from(["Ruiz", "Quandt"]))))
        at = end
    return made


overlapping = lines(gaps=st.integers(-3_000, 3_000)).map(
    lambda made: [one for one in made if one.start_ms >= 0]
)


@given(lines(), st.integers(0, 60_000), st.integers(1, 40_000))
def test_accepting_what_is_offered_once_leaves_nothing_to_offer(said, start_ms, lasting_ms):
    words = timed(said)
    span = Span(start_ms, start_ms + lasting_ms)
    offers = [one.offer for one in findings(span, words) if one.offer]
    wide = widened(span, words)
    assert all(one.offer is None for one in findings(wide, words))
    if offers:
        once = Span(min(o.start_ms for o in offers), max(o.end_ms for o in offers))
        assert wide == once


@given(lines() | overlapping, st.integers(0, 60_000), st.integers(1, 40_000))
def test_an_offer_only_adds_and_no_more_than_a_minute_at_the_end(said, start_ms, lasting_ms):
    words = timed(said)
    span = Span(start_ms, start_ms + lasting_ms)
    for finding in findings(span, words):
        assert finding.left_out
        if finding.offer is None:
            continue
        assert finding.offer.start_ms <= span.start_ms
        assert span.end_ms <= finding.offer.end_ms <= span.end_ms + OFFER_MAX_MS
        assert finding.offer != span
        assert set(within(span, words)) < set(within(finding.offer, words))


@given(lines(gaps=st.integers(0, 1_000)))
def test_all_that_was_said_has_nothing_wrong(said):
    assume(said[-1].end_ms > said[0].start_ms)
    assert findings(Span(said[0].start_ms, said[-1].end_ms + 2), timed(said)) == []


@given(lines())
def test_words_follow_one_another_and_last(said):
    words = timed(said)
    assert all(word.end_ms > word.start_ms for word in words)
    assert [word.text for word in words] == " ".join(one.text for one in said).split()
    for before, word in pairwise(words):
        assert before.start_ms <= word.start_ms


@given(overlapping, st.integers(0, 30_000), st.integers(1, 20_000))
def test_where_two_speak_at_once_it_comes_to_an_end(said, start_ms, lasting_ms):
    span = Span(start_ms, start_ms + lasting_ms)
    wide = widened(span, timed(said))
    assert wide.start_ms <= span.start_ms
    assert wide.end_ms >= span.end_ms
