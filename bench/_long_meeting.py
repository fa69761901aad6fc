"""A published meeting of four hours, there for as long as bench/reader.py looks at it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection
from django.utils import timezone

from meetings.media.models import Recording
from meetings.media.models import State as Packaged
from meetings.records.models import Body, Meeting, Place, State
from meetings.transcripts import services as transcripts
from meetings.transcripts.utterances import Utterance

LENGTH_MS = 4 * 3_600_000
SPEAKERS = 41
WORDS = (
    "the", "council", "water", "budget", "motion", "street", "public", "hearing", "vote",
    "amendment", "second", "resident", "department", "million", "program", "report", "chair",
    "question", "plan", "county", "service", "year",
)  # fmt: skip


def said(count: int) -> list[Utterance]:
    """What is said: half a sentence each, by speakers who go on for a while."""
    chance = random.Random(4)
    every, who, left, rows = LENGTH_MS // count, 0, 0, []
    for number in range(count):
        if not left:
            who, left = chance.randrange(SPEAKERS), chance.randint(1, 30)
        left -= 1
        words = " ".join(chance.choices(WORDS, k=chance.randint(4, 14))).capitalize() + "."
        at = number * every
        sure = chance.random() if chance.random() < 0.05 else None
        rows.append(Utterance(at, at + every - 40, words, f"Speaker {who}", sure))
    return rows


@contextmanager
def long_meeting(count: int) -> Iterator[str]:
    """The path of a published meeting with so many segments, which is there for the time of it."""
    place, _ = Place.objects.get_or_create(slug="bench", name="Bench", level="city")
    body, _ = Body.objects.get_or_create(slug="bench", defaults={"place": place, "name": "Bench"})
    now = timezone.now()
    meeting = Meeting.objects.create(
        body=body,
        title="A long hearing",
        slug="a-long-hearing",
        held_on=date(2026, 1, 1),
        state=State.PUBLISHED,
        published_at=now,
    )
    try:
        transcripts.add_version(
            meeting=meeting, language="en", source_format="webvtt", utterances=said(count)
        )
        meeting.agenda.bulk_create(
            meeting.agenda.model(
                meeting=meeting, position=n, title=f"Item {n}", start_ms=n * LENGTH_MS // 12
            )
            for n in range(12)
        )
        Recording.objects.create(
            meeting=meeting,
            original="recordings/bench/original.mp4",
            original_name="hearing.mp4",
            sha256="0" * 64,
            size_bytes=1,
            duration_ms=LENGTH_MS,
            width=1280,
            height=720,
            video_codec="h264",
            audio_codec="aac",
            state=Packaged.READY,
            package_version=1,
            segment_ends_ms=[LENGTH_MS],
            added_at=now,
            packaged_at=now,
        )
        yield meeting.get_absolute_url()
    finally:
        meeting.recordings.all().delete()
        meeting.delete()
        connection.close()
