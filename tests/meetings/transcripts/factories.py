"""Transcripts, speakers and segments for tests."""

from collections.abc import Sequence

import factory
from factory.django import DjangoModelFactory

from meetings.records.models import Meeting
from meetings.transcripts.models import Segment, Speaker, Transcript
from meetings.transcripts.utterances import Utterance, keyed
from tests.meetings.records.factories import MeetingFactory


class TranscriptFactory(DjangoModelFactory[Transcript]):
    """A current transcript without segments; `transcribe` makes one with its words."""

    class Meta:
        model = Transcript

    meeting = factory.SubFactory(MeetingFactory)
    language = "en"
    version = 1
    is_current = True
    format = "webvtt"
    segment_count = 0
    word_count = 0
    speaker_count = 0
    first_ms = 0
    last_ms = 0


class SpeakerFactory(DjangoModelFactory[Speaker]):
    class Meta:
        model = Speaker
        django_get_or_create = ("meeting", "name")

    meeting = factory.SubFactory(MeetingFactory)
    name = factory.Sequence(lambda number: f"Speaker {number}")


class SegmentFactory(DjangoModelFactory[Segment]):
    """A segment of four seconds; each follows the one before it."""

    class Meta:
        model = Segment

    transcript = factory.SubFactory(TranscriptFactory)
    position = factory.Sequence(lambda number: number)
    key = factory.Sequence(lambda number: f"{number:016x}")
    start_ms = factory.LazyAttribute(lambda segment: segment.position * 4_000)
    end_ms = factory.LazyAttribute(lambda segment: segment.start_ms + 4_000)
    text = factory.Sequence(lambda number: f"Words of segment {number}.")


def transcribe(
    utterances: Sequence[Utterance],
    *,
    meeting: Meeting | None = None,
    language: str = "en",
    version: int = 1,
) -> Transcript:
    """Store the utterances as the meeting's current transcript, with the counts that they give."""
    meeting = meeting or MeetingFactory()
    meeting.transcripts.filter(language=language).update(is_current=False)
    names = dict.fromkeys(said.speaker_name for said in utterances if said.speaker_name)
    speakers = {name: SpeakerFactory(meeting=meeting, name=name) for name in names}
    transcript = TranscriptFactory(
        meeting=meeting,
        language=language,
        version=version,
        segment_count=len(utterances),
        word_count=sum(len(said.text.split()) for said in utterances),
        speaker_count=len(speakers),
        first_ms=min((said.start_ms for said in utterances), default=0),
        last_ms=max((said.end_ms for said in utterances), default=0),
    )
    Segment.objects.bulk_create(
        Segment(
            transcript=transcript,
            position=position,
            key=key,
            speaker=speakers.get(said.speaker_name),
            start_ms=said.start_ms,
            end_ms=said.end_ms,
            text=said.text,
            confidence=said.confidence,
        )
        for position, (key, said) in enumerate(keyed(utterances))
    )
    return transcript
