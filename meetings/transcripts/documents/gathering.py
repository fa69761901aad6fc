"""Gathering what a document says of a stored meeting, but for its words."""

from django.conf import settings
from django.db.models import Min

from meetings.records.models import Meeting
from meetings.transcripts.models import Segment, Transcript

from .sitting import Item, Sitting


def gathered(meeting: Meeting, transcript: Transcript) -> Sitting:
    """In two queries. The meeting comes with its body and place."""
    speaking = Segment.objects.filter(transcript=transcript, speaker__isnull=False)
    names = speaking.values("speaker__name").annotate(first=Min("position")).order_by("first")
    return Sitting(
        meeting_id=meeting.pk,
        title=meeting.title,
        body=meeting.body.name,
        body_slug=meeting.body.slug,
        place=meeting.body.place.name,
        held_on=meeting.held_on,
        language=transcript.language,
        version=transcript.version,
        made_at=transcript.created_at,
        url=settings.SITE_URL + meeting.get_absolute_url(),
        site=settings.SITE_NAME,
        site_url=settings.SITE_URL,
        licence=settings.DATA_LICENSE,
        licence_url=settings.DATA_LICENSE_URL,
        is_reviewed=transcript.reviewed_at is not None,
        speakers=[" ".join(one["speaker__name"].split()) for one in names],
        agenda=[Item(item.title, item.start_ms) for item in meeting.agenda.order_by("position")],
    )
