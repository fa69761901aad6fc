"""Reading transcripts: the current version, its segments, and the part that is free."""

from collections.abc import Iterator

from meetings.records.models import Meeting

from .models import Segment, Transcript


def current(meeting: Meeting) -> Transcript | None:
    """The version that readers see. A meeting in several languages gives its first one."""
    return meeting.transcripts.current().order_by("id").first()


def segments(transcript: Transcript, *, chunk: int = 500) -> Iterator[Segment]:
    """All segments in order, read in chunks so that memory stays bounded."""
    rows = Segment.objects.filter(transcript=transcript).in_order().select_related("speaker")
    return rows.iterator(chunk_size=chunk)


def free_segments(transcript: Transcript) -> list[Segment]:
    """The segments that anybody may read, in order."""
    return list(Segment.objects.free(transcript).in_order().select_related("speaker"))
