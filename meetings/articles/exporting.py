"""Insights as data to take away: plain JSON, each with the segments that it rests on."""

from collections.abc import Iterable

from django.conf import settings

from meetings.records.models import Meeting

from .models import Insight
from .queries import Moment

FORMAT, VERSION = "citizen-portal/insights", 1


def insights(meeting: Meeting, found: Iterable[Insight]) -> dict[str, object]:
    """What a meeting's file of insights holds. Each comes with its evidence at hand."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": f"{meeting.title}, {meeting.body}, {meeting.held_on:%Y-%m-%d}",
        "source_url": settings.SITE_URL + meeting.get_absolute_url(),
        "insights": [_insight(meeting, one) for one in found],
    }


def _insight(meeting: Meeting, one: Insight) -> dict[str, object]:
    return {
        "kind": one.kind,
        "text": one.text,
        "language": one.language,
        "who": one.who,
        "due": one.due,
        "ayes": one.ayes,
        "noes": one.noes,
        "abstained": one.abstained,
        "votes": one.votes,
        "writer": one.writer,
        "transcript_version": one.transcript_version,
        "evidence": [
            {
                "first_key": held.first_key,
                "last_key": held.last_key,
                "start_ms": held.start_ms,
                "end_ms": held.end_ms,
                "url": settings.SITE_URL + Moment(meeting, held.start_ms).url,
            }
            for held in one.evidence.all()
        ],
    }
