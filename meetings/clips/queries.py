"""Reading clips: those that a person may open, and what the page of one shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast

from meetings.articles.models import Article
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment, Transcript
from memberships.gate.entitlement import User

from .models import Clip, Rendering

# How much anybody may read before and after a clip, in the words of the meeting.
AROUND_MS = 10_000


def readable(slug: str, user: User | AnonymousUser, *, now: datetime) -> Clip | None:
    """The clip of this address if this person may play it now, with meeting and recording."""
    rows = Clip.objects.readable_by(user, at=now).with_source()
    return rows.filter(slug=slug).first()


def ends_of(clip: Clip) -> Rendering | None:
    """The end pieces of the clip's playlist and its poster, once the worker has made them."""
    return clip.renderings.ready().filter(kind=Rendering.Kind.ENDS).order_by("-pk").first()


def segments_over(transcript: Transcript, start_ms: int, end_ms: int) -> list[Segment]:
    """The segments of which something is said in this time, in order. One query."""
    rows = Segment.objects.filter(transcript=transcript, start_ms__lt=end_ms, end_ms__gt=start_ms)
    return list(rows.in_order().select_related("speaker"))


@dataclass(frozen=True, slots=True)
class Source:
    """What the meeting has of a clip now: its current words around it, and its article."""

    transcript: Transcript | None
    segments: list[Segment] = field(repr=False)
    article: Article | None


def source_of(clip: Clip, start_ms: int, end_ms: int) -> Source:
    """Three queries. `start_ms` and `end_ms` are the clip's first and last moment."""
    transcript = transcripts.current(clip.meeting)
    found: Sequence[Segment] = []
    if transcript is not None:
        around = max(start_ms - AROUND_MS, 0), end_ms + AROUND_MS
        found = segments_over(transcript, *around)
    articles = Article.objects.published().filter(meeting=clip.meeting_id)
    return Source(transcript, list(found), articles.latest_first().first())


class _Said(Func):
    """All texts of a clip's words as one text, so that no name of a field is found in it."""

    template = (
        "jsonb_path_query_array(%(expressions)s,"
        """ '$[*].keyvalue() ? (@.key == "text" || @.key == "speaker").value')"""
    )


def shelf(user: User | AnonymousUser, words: str) -> QuerySet[Clip]:
    """A person's own clips, newest first: all of them, or those in which each word stands.

    It looks in titles, notes, the words that are said and who says them, and the meeting's title.
    """
    rows = Clip.objects.owned_by(user).select_related("meeting__body").newest_first()
    rows = rows.annotate(said=Cast(_Said(F("words")), TextField()))
    for word in words.replace('"', " ").split():
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(note__icontains=word)
            | Q(said__icontains=word)
            | Q(meeting__title__icontains=word)
            | Q(meeting__body__name__icontains=word)
        )
    return rows
