"""Storing transcripts, and saying that one was reviewed: versions are added, never changed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from meetings.records.models import Meeting
from memberships.gate.entitlement import User

from . import versions
from .models import Segment, Transcript
from .utterances import Utterance, keyed

_COLUMNS = (
    "transcript_id",
    "position",
    "key",
    "speaker_id",
    "start_ms",
    "end_ms",
    "text",
    "confidence",
    "word_starts_ms",
    "word_confidences",
)
_COPY = f"COPY {Segment._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN"


@transaction.atomic
def add_version(
    *, meeting: Meeting, language: str, source_format: str, utterances: Sequence[Utterance]
) -> Transcript:
    """Store the words as the meeting's newest version in this language, and make it current.

    Segments go in by COPY. The meeting's row is locked, so of two versions at once the second
    gets the next number. Raises ValueError when there are no utterances.
    """
    if not utterances:
        raise ValueError("A transcript has at least one utterance.")
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    beside = Transcript.objects.filter(meeting=meeting, language=language)
    newest = beside.aggregate(newest=Max("version"))["newest"] or 0
    beside.current().update(is_current=False)
    names = {utterance.speaker_name for utterance in utterances} - {""}
    transcript = Transcript.objects.create(
        meeting=meeting,
        language=language,
        version=newest + 1,
        format=source_format,
        segment_count=len(utterances),
        word_count=sum(len(utterance.text.split()) for utterance in utterances),
        speaker_count=len(names),
        first_ms=min(utterance.start_ms for utterance in utterances),
        last_ms=max(utterance.end_ms for utterance in utterances),
    )
    _copy(transcript, utterances, versions.ids_of(meeting.pk, names))
    return transcript


def _copy(
    transcript: Transcript, utterances: Sequence[Utterance], speakers: dict[str, int]
) -> None:
    # COPY goes past Django's cursor, so its errors are made Django's here.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as rows:
        for position, (key, utterance) in enumerate(keyed(utterances), start=1):
            rows.write_row(
                (
                    transcript.pk,
                    position,
                    key,
                    speakers.get(utterance.speaker_name),
                    utterance.start_ms,
                    utterance.end_ms,
                    utterance.text,
                    utterance.confidence,
                    list(utterance.word_starts_ms) or None,
                    list(utterance.word_confidences) or None,
                )
            )


def mark_reviewed(*, transcript: Transcript, by: User, now: datetime) -> bool:
    """Say that somebody has compared the version with what was said. False if it is not current."""
    rows = Transcript.objects.current().filter(pk=transcript.pk)
    name = by.display_name
    return bool(rows.update(reviewed_at=now, reviewed_by=by, reviewed_by_name=name))


def take_review_back(*, transcript: Transcript) -> bool:
    """Say that the version is not reviewed. False if it is not current."""
    rows = Transcript.objects.current().filter(pk=transcript.pk)
    return bool(rows.update(reviewed_at=None, reviewed_by=None, reviewed_by_name=""))
