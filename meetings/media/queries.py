"""Reading recordings: the one that a meeting is watched by."""

from collections.abc import Collection

from meetings.records.models import Meeting

from .models import Recording


def current(meeting: Meeting) -> Recording | None:
    """The meeting's recording, whatever its state: staff see how far it is."""
    return meeting.recordings.current().defer("segment_ends_ms").first()


def playable(meeting: Meeting) -> Recording | None:
    """The meeting's recording if it can be played."""
    return meeting.recordings.current().ready().first()


def playable_of(meetings: Collection[int]) -> dict[int, Recording]:
    """The recordings of these meetings that can be played, by meeting. One query."""
    ready = Recording.objects.current().ready().filter(meeting__in=meetings)
    return {one.meeting_id: one for one in ready.defer("segment_ends_ms")}
