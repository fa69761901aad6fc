"""Transcripts are stored in versions; what did not change keeps its key."""

import pytest
from django.db import IntegrityError, transaction

from meetings.transcripts import queries, services
from meetings.transcripts.models import Segment, Speaker, Transcript
from meetings.transcripts.utterances import Utterance
from tests.concurrency import at_once
from tests.meetings.records.factories import MeetingFactory

SAID = [
    Utterance(0, 2_000, "Good evening.", "Chair Ruiz"),
    Utterance(2_000, 5_000, "The meeting will come to order.", "Chair Ruiz", 0.9),
    Utterance(6_000, 6_000, "Aye.", ""),
]


def add(meeting, utterances=SAID, language="en") -> Transcript:
    return services.add_version(
        meeting=meeting, language=language, source_format="webvtt", utterances=utterances
    )


@pytest.mark.django_db
def test_what_is_stored_is_what_was_said() -> None:
    transcript = add(MeetingFactory())

    assert [
        Utterance(s.start_ms, s.end_ms, s.text, s.speaker_name, s.confidence)
        for s in queries.segments(transcript)
    ] == SAID
    assert (transcript.segment_count, transcript.word_count, transcript.speaker_count) == (3, 9, 1)
    assert (transcript.first_ms, transcript.last_ms) == (0, 6_000)


@pytest.mark.django_db
def test_an_unchanged_segment_keeps_its_key_in_the_next_version() -> None:
    meeting = MeetingFactory()
    first = add(meeting)
    second = add(meeting, [SAID[0], Utterance(2_000, 5_000, "Come to order."), SAID[2]])

    def keys(transcript: Transcript) -> list[str]:
        return [segment.key for segment in queries.segments(transcript)]

    assert keys(first)[0] == keys(second)[0]
    assert keys(first)[1] != keys(second)[1]
    assert keys(first)[2] == keys(second)[2]
    assert second.version == 2
    assert queries.current(meeting) == second
    assert Transcript.objects.get(pk=first.pk).is_current is False


@pytest.mark.django_db
def test_the_same_words_at_the_same_time_have_two_keys() -> None:
    transcript = add(MeetingFactory(), [SAID[2], SAID[2]])

    assert Segment.objects.filter(transcript=transcript).values("key").distinct().count() == 2


@pytest.mark.django_db
def test_a_speaker_is_one_row_in_all_versions() -> None:
    meeting = MeetingFactory()
    add(meeting)
    add(meeting)

    assert list(Speaker.objects.values_list("name", flat=True)) == ["Chair Ruiz"]


@pytest.mark.django_db
def test_text_with_tabs_newlines_and_backslashes_comes_back_whole() -> None:
    nasty = "tab\there\nline \\N \\. “quotes” \u202eRTL 🏛"

    transcript = add(MeetingFactory(), [Utterance(0, 1, nasty)])

    assert queries.segments(transcript).__next__().text == nasty


@pytest.mark.django_db
def test_the_database_refuses_a_segment_that_ends_before_it_starts() -> None:
    with (
        pytest.raises(IntegrityError, match="segment_ends_after_start"),
        transaction.atomic(),
    ):
        add(MeetingFactory(), [Utterance(5, 4, "Backwards.")])
    assert not Transcript.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_a_second_current_version() -> None:
    transcript = add(MeetingFactory())
    transcript.pk, transcript.version = None, 2

    with pytest.raises(IntegrityError, match="transcript_one_current"), transaction.atomic():
        transcript.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_become_two_versions_with_one_current() -> None:
    meeting = MeetingFactory()

    outcomes = at_once(*[lambda: add(meeting)] * 4)

    assert all(isinstance(outcome, Transcript) for outcome in outcomes)
    assert sorted(Transcript.objects.values_list("version", flat=True)) == [1, 2, 3, 4]
    assert Transcript.objects.current().get().version == 4


@pytest.mark.django_db
def test_the_free_part_ends_two_minutes_after_the_first_word() -> None:
    start = 600_000
    transcript = add(
        MeetingFactory(),
        [
            Utterance(start, start + 60_000, "First."),
            Utterance(start + 60_000, start + 120_000, "Second."),
            Utterance(start + 110_000, start + 120_001, "Runs past the limit."),
            Utterance(start + 130_000, start + 131_000, "Beyond."),
        ],
    )

    assert [s.text for s in queries.free_segments(transcript)] == ["First.", "Second."]
