"""Storing transcripts, and saying that one was reviewed: versions are added, never changed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from meetings.media.models import Recording
from meetings.records.models import Meeting
from memberships.gate.entitlement import User

from . import versions
from .models import Origin, Recognition, Segment, Transcript
from .speech.needs import Lacking, NotRecognized
from .utterances import Utterance, keyed

__all__ = ["Lacking", "NotRecognized", "add_version"]

FORMAT_OF_SPEECH = "speech"

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
    *,
    meeting: Meeting,
    language: str,
    source_format: str,
    utterances: Sequence[Utterance],
    origin: Origin = Origin.TAKEN_IN,
    doubts: Sequence[str] = (),
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
        origin=origin,
        doubts=list(doubts),
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


def set_aside_others(*, meeting: Meeting, but: Transcript) -> int:
    """Let readers see this one alone; the others stay readable among the versions. How many did.

    Versions are counted in each language, so one in another language would stay beside.
    """
    return meeting.transcripts.current().exclude(pk=but.pk).update(is_current=False)


def recognize(
    *, recording: Recording, report: Callable[[float], None], now: datetime
) -> Recognition | None:
    """Hear a recording with the speech model; `report` hears how much is done, from 0 to 1.

    What was heard is kept piece by piece, so whoever calls this again goes on where it stopped.
    None where there is nothing to do: the meeting has captions or corrected words, or this model
    has heard this recording. Raises Lacking and NotRecognized.
    """
    if not may_be_recognized(recording.meeting):
        return None
    # What hears takes its time to load, and only the packager hears.
    from .speech import model, recognition

    report(0.0)
    recognizer = model.Whisper()
    done = Recognition.objects.filter(
        transcript__in=recording.meeting.transcripts.current(),
        recording=recording,
        model_sha256=recognizer.sha256,
    )
    if done.exists():
        return None
    return recognition.hear(recording=recording, recognizer=recognizer, report=report, now=now)


@transaction.atomic
def write_down(*, recognition: Recognition, now: datetime) -> Transcript | None:
    """Make what was heard the meeting's newest version, once, with what is doubtful about it.

    None where not a word was heard, and where somebody was here first or brought captions
    meanwhile: those stay.
    """
    from .speech import findings

    meeting = Meeting.objects.select_for_update().get(pk=recognition.recording.meeting_id)
    recognition.refresh_from_db()
    if recognition.finished_at is not None:
        return None
    found = findings.of(recognition)
    recognition.finished_at = now
    recognition.parts.all().delete()
    if found.utterances and may_be_recognized(meeting):
        recognition.transcript = add_version(
            meeting=meeting,
            language=recognition.language,
            source_format=FORMAT_OF_SPEECH,
            utterances=found.utterances,
            origin=Origin.RECOGNIZED,
            doubts=found.doubts,
        )
        set_aside_others(meeting=meeting, but=recognition.transcript)
    recognition.save(update_fields=["finished_at", "transcript"])
    return recognition.transcript


def may_be_recognized(meeting: Meeting) -> bool:
    """Whether readers have no words but a machine's that nobody has corrected or reviewed."""
    current = meeting.transcripts.current()
    by_people = current.exclude(origin=Origin.RECOGNIZED) | current.filter(
        reviewed_at__isnull=False
    )
    return not by_people.exists()


def mark_reviewed(*, transcript: Transcript, by: User, now: datetime) -> bool:
    """Say that somebody has compared the version with what was said. False if it is not current."""
    rows = Transcript.objects.current().filter(pk=transcript.pk)
    name = by.display_name
    return bool(rows.update(reviewed_at=now, reviewed_by=by, reviewed_by_name=name))


def take_review_back(*, transcript: Transcript) -> bool:
    """Say that the version is not reviewed. False if it is not current."""
    rows = Transcript.objects.current().filter(pk=transcript.pk)
    return bool(rows.update(reviewed_at=None, reviewed_by=None, reviewed_by_name=""))
