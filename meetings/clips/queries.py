"""Reading clips: those that a person may open, and the words around them."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from meetings.transcripts.models import Segment, Transcript
from memberships.gate.entitlement import User

from .models import Clip


def readable(slug: str, user: User | AnonymousUser, *, now: datetime) -> Clip | None:
    """The clip of this address if this person may play it now, with meeting and recording."""
    rows = Clip.objects.readable_by(user, at=now).with_source()
    return rows.filter(slug=slug).first()


def segments_over(transcript: Transcript, start_ms: int, end_ms: int) -> list[Segment]:
    """The segments of which something is said in this time, in order. One query."""
    rows = Segment.objects.filter(transcript=transcript, start_ms__lt=end_ms, end_ms__gt=start_ms)
    return list(rows.in_order().select_related("speaker"))
