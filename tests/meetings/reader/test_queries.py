"""Segments become turns that can be read."""

import pytest

from meetings.reader import queries
from meetings.records.models import AgendaItem
from meetings.transcripts import queries as transcripts
from meetings.transcripts.utterances import Utterance
from tests.meetings.transcripts.factories import transcribe


def say(*names: str) -> list[Utterance]:
    return [
        Utterance(number * 1_000, number * 1_000 + 900, f"Word {number}.", name)
        for number, name in enumerate(names)
    ]


def turned(utterances: list[Utterance], *agenda: AgendaItem) -> list[queries.Turn]:
    return list(queries.turns(transcripts.segments(transcribe(utterances)), agenda))


@pytest.mark.django_db
def test_a_turn_ends_where_another_speaker_begins() -> None:
    turns = turned(say("Ann", "Ann", "Bob", "Ann"))

    assert [(turn.speaker, len(turn.segments)) for turn in turns] == [
        ("Ann", 2),
        ("Bob", 1),
        ("Ann", 1),
    ]
    assert not any(turn.continues for turn in turns)


@pytest.mark.django_db
def test_a_long_turn_is_broken_up_and_says_so() -> None:
    turns = turned(say(*["Ann"] * 14))

    assert [len(turn.segments) for turn in turns] == [6, 6, 2]
    assert [turn.continues for turn in turns] == [False, True, True]


@pytest.mark.django_db
def test_an_agenda_item_begins_a_turn() -> None:
    items = [
        AgendaItem(position=2, title="Budget", start_ms=1_500),
        AgendaItem(position=1, title="Opening", start_ms=0),
        AgendaItem(position=3, title="No time", start_ms=None),
    ]

    turns = turned(say("Ann", "Ann", "Ann", "Ann"), *items)

    assert [[item.title for item in turn.agenda] for turn in turns] == [["Opening"], ["Budget"]]
    assert turns[1].start_ms == 2_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at_ms", "words"),
    [(0, "Word 0."), (1_500, "Word 1."), (950, "Word 1."), (2_950, None)],
)
def test_a_moment_is_the_segment_then_said_or_the_next(at_ms: int, words: str | None) -> None:
    transcript = transcribe(say("Ann", "Bob", "Ann"))

    found = queries.segment_at(transcript, at_ms)

    assert (found.text if found else None) == words


@pytest.mark.django_db
def test_voices_are_those_with_a_name_and_the_longest_is_first() -> None:
    said = [*say("Ann", "Bob", "Bob"), Utterance(9_000, 9_500, "Hm.", confidence=0.1)]

    hearing = queries.hearing(transcribe(said))

    assert [(voice.name, voice.spoken_ms) for voice in hearing.voices] == [
        ("Bob", 1_800),
        ("Ann", 900),
    ]
    assert hearing.has_unsure_words
