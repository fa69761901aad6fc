"""What can be done with a clip: cutting, changing, deleting, taking down, reporting."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from meetings.media import queries as media
from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from memberships.gate.entitlement import User

from . import queries
from .describing import NotDescribed, told
from .models import Clip, ClipSpan, Visibility
from .snapshot import words_in
from .spans import NotCut, length_of, settled

__all__ = ["NotCut", "NotDescribed", "cut"]


@transaction.atomic
def cut(
    *,
    owner: User,
    meeting: Meeting,
    spans: Sequence[tuple[int, int]],
    title: str,
    note: str = "",
    visibility: str = Visibility.PRIVATE,
    maker_name: str = "",
    now: datetime,
) -> Clip:
    """Make a clip of the meeting's recording. It can be played at once.

    `spans` are (start_ms, end_ms) in milliseconds of the recording, in any order. Raises NotCut
    or NotDescribed with a sentence for whoever wants it, and then nothing is stored.
    """
    said_of_it = told(title=title, note=note, visibility=visibility, maker_name=maker_name)
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one at a time, for the limit
    meeting = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)  # not replaced now
    recording = media.playable(meeting)
    if not meeting.is_published:
        raise NotCut(_("Clips can be cut once the meeting is published."))
    if recording is None or recording.duration_ms is None:
        raise NotCut(_("This meeting has no recording that can be played now. Try again later."))
    if _cut_today(owner, now) >= settings.CLIPS_A_DAY:
        raise NotCut(
            _("You have cut %d clips in the last day. The next one is welcome tomorrow.")
            % settings.CLIPS_A_DAY
        )
    settled_spans = settled(spans, duration_ms=recording.duration_ms)
    transcript = transcripts.current(meeting)
    said = []
    if transcript is not None:
        ends = settled_spans[0].start_ms, settled_spans[-1].end_ms
        said = words_in(queries.segments_over(transcript, *ends), settled_spans)
    clip = Clip.objects.create(
        owner=owner,
        meeting=meeting,
        recording=recording,
        transcript=transcript,
        transcript_version=transcript.version if transcript else None,
        language=transcript.language if transcript else "",
        slug=secrets.token_urlsafe(Clip.SLUG_BYTES),
        words=said,
        duration_ms=length_of(settled_spans),
        created_at=now,
        changed_at=now,
        **said_of_it,
    )
    ClipSpan.objects.bulk_create(
        ClipSpan(clip=clip, position=position, start_ms=span.start_ms, end_ms=span.end_ms)
        for position, span in enumerate(settled_spans)
    )
    return clip


def _cut_today(owner: User, now: datetime) -> int:
    return Clip.objects.filter(owner=owner, created_at__gt=now - timedelta(days=1)).count()
