"""Insights as members see them, with what they rest on."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from meetings.articles.models import Insight, InsightEvidence, InsightQuerySet
from meetings.transcripts.models import Segment

from ..columns import column
from .table import STAFF, Table


def _shown(meetings: Sequence[int]) -> InsightQuerySet:
    """Those that failed no check, that nobody struck, and that rest on words that still stand, as
    the meeting's page has it.

    It is `InsightQuerySet.resting_in` for many meetings at once.
    """
    standing = Segment.objects.filter(
        transcript__meeting=OuterRef("insight__meeting"), transcript__is_current=True
    )
    gone = InsightEvidence.objects.filter(
        ~Exists(standing.filter(key=OuterRef("first_key")))
        | ~Exists(standing.filter(key=OuterRef("last_key"))),
        insight=OuterRef("pk"),
    )
    shown = Insight.objects.filter(meeting__in=meetings, failed=[], struck_at=None)
    return shown.filter(~Q(Exists(gone)))


TABLES = (
    Table(
        "insights",
        "Decisions, votes, commitments, sums, dates and open questions of a meeting.",
        Insight,
        (
            column("id", "integer", "Number of the insight."),
            column("meeting_id", "integer", "Its meeting."),
            column("position", "integer", "Its place in the meeting."),
            column("kind", "text", "decision, vote, commitment, money, date or question."),
            column("text", "text", "What it says."),
            column("language", "text", "Language tag (BCP 47)."),
            column("who", "text", "Who promised; of commitments."),
            column("due", "text", "By when; of commitments."),
            column("ayes", "integer?", "How many voted for it; of votes."),
            column("noes", "integer?", "How many voted against it."),
            column("abstained", "integer?", "How many abstained."),
            column("votes", "json", "Who voted how: name and vote."),
            column("writer", "text", "What wrote it."),
            column("writer_version", "text", "The version of that writer."),
            column("model_name", "text?", "The language model.", lookup="writing__model_name"),
            column("prompt", "text?", "By which prompt it was asked.", lookup="writing__prompt"),
            column("transcript_version", "integer", "The version that it was written from."),
            column("created_at", "instant", "When it was made."),
        ),
        lambda meetings, _at: _shown(meetings),
        without={
            "writing": "what of it is public stands in two columns",
            "failed": "none failed a check",
            "struck_at": "none is struck",
            "accepted_at": "for staff",
            "decided_by": STAFF,
        },
    ),
    Table(
        "insight_evidence",
        "The segments that an insight rests on.",
        InsightEvidence,
        (
            column("id", "integer", "Number of the evidence."),
            column("insight_id", "integer", "The insight that rests on it."),
            column("first_key", "text", "The first segment."),
            column("last_key", "text", "The last segment."),
            column("start_ms", "integer", "When it begins in the recording."),
            column("end_ms", "integer", "When it ends."),
        ),
        lambda meetings, _at: InsightEvidence.objects.filter(insight__in=_shown(meetings)),
    ),
)
