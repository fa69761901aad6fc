"""Articles follow the log: what a changed transcript leaves without its words is stale."""

from collections.abc import Sequence

from django.utils import timezone

from meetings.records.models import Change, Meeting

from . import standing


def mark_stale(changes: Sequence[Change]) -> None:
    """Look again at the articles of each meeting that these changes tell of.

    Once more, after the service that made the change: it may have been killed before it could.
    Doing it twice changes nothing.
    """
    for meeting in Meeting.objects.filter(pk__in={change.meeting_id for change in changes}):
        standing.mark_stale(meeting=meeting, now=timezone.now())
