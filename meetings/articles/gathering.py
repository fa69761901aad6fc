"""Gathering insights: what is found in the words of a meeting replaces what was found before."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Transcript

from .drafting import silent, source_of, writing_of
from .insights import patterns
from .insights.asked import Asked
from .insights.found import Found
from .llm import client
from .llm.client import Alive
from .llm.refusals import NotAnswered
from .models import Insight, InsightEvidence, InsightKind, Writing


class NotGathered(ValueError):
    """No insights could be found. The message is a sentence for staff."""


def gather(*, meeting: Meeting, now: datetime, alive: Alive = silent) -> list[Insight]:
    """Find the meeting's insights in its current transcript, in place of those it had.

    The language model finds them, if one is set, else patterns do. What staff struck or accepted
    stays so where the same line is found again. Raises NotGathered, and then what was there before
    stays.
    """
    transcript = transcripts.current(meeting)
    if transcript is None:
        raise NotGathered(_("This meeting has no transcript yet, so nothing is found in it."))
    source = source_of(meeting, transcript)
    if not client.is_set():
        found = patterns.find(source)
        return _store(transcript, found, patterns.name, patterns.version, writing=None, now=now)
    asked = Asked(alive)
    try:
        found = asked.find(source)
    except NotAnswered as error:
        _note_writing(transcript, asked, now, error=str(error))
        raise NotGathered(_("%s Run the step again.") % error) from error
    writing = _note_writing(transcript, asked, now)
    return _store(transcript, found, asked.name, asked.version, writing=writing, now=now)


def _note_writing(
    transcript: Transcript, asked: Asked, now: datetime, *, error: str = ""
) -> Writing:
    return writing_of(
        transcript,
        asked.spending,
        purpose=Writing.Purpose.INSIGHTS,
        prompt=asked.version,
        begun_at=now,
        error=error,
    )


@transaction.atomic
def _store(
    transcript: Transcript,
    found: Sequence[Found],
    writer: str,
    version: str,
    *,
    writing: Writing | None,
    now: datetime,
) -> list[Insight]:
    # Of two at once, the second replaces what the first has stored.
    Meeting.objects.select_for_update().get(pk=transcript.meeting_id)
    before = Insight.objects.filter(meeting=transcript.meeting_id).order_by("pk")
    before = before.select_for_update(no_key=True)
    decided = {(one.kind, one.text): one for one in before if one.decided_at}
    before.delete()
    rows = [
        Insight(
            meeting_id=transcript.meeting_id,
            position=position,
            kind=InsightKind(one.kind.value),
            text=one.text,
            language=transcript.language,
            who=one.who,
            due=one.due,
            ayes=one.tally.ayes,
            noes=one.tally.noes,
            abstained=one.tally.abstained,
            votes=[{"name": voter, "vote": cast.value} for voter, cast in one.votes],
            writer=writer,
            writer_version=version,
            writing=writing,
            transcript_version=transcript.version,
            created_at=now,
        )
        for position, one in enumerate(found, start=1)
    ]
    for row in rows:
        if one := decided.get((row.kind, row.text)):
            row.accepted_at, row.struck_at = one.accepted_at, one.struck_at
            row.decided_by_id = one.decided_by_id
    Insight.objects.bulk_create(rows)
    InsightEvidence.objects.bulk_create(
        InsightEvidence(
            insight=row,
            first_key=span.first_key,
            last_key=span.last_key,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
        )
        for row, one in zip(rows, found, strict=True)
        for span in one.spans
    )
    return rows
