"""Clips and alerts: a member's own, and clips that are public."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Body, Field, Query, Router, Schema

from meetings.alerts.models import Alert
from meetings.clips import services
from meetings.clips.models import Clip, Visibility
from meetings.records.models import Meeting

from . import lists, problems
from .callers import CallerRequest, MemberToken
from .describing import FOR_MEMBERS, One, Row, page_of
from .lists import Asked, ById

router = Router(tags=["Yours"])


class SaidInClip(Schema):
    """What one segment says in a clip, on the recording's clock."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    key: str


class ClipRow(Row):
    """A titled selection of a recording, cut by time."""

    id: str = Field(description="As in its address.", examples=["3fKq9TzLw1Xb"])
    title: str
    note: str
    visibility: str = Field(description=f"One of {', '.join(Visibility.values)}.")
    is_own: bool
    maker_name: str | None
    meeting: int
    spans_ms: list[list[int]] = Field(examples=[[[61_200, 64_900]]])
    duration_ms: int
    words: list[SaidInClip]
    created_at: datetime
    changed_at: datetime
    url: str


class ClipWanted(Schema):
    """A clip to be cut."""

    meeting: int = Field(ge=1, le=lists.BIGGEST, examples=[42])
    spans_ms: list[tuple[int, int]] = Field(
        min_length=1,
        max_length=100,
        description="Begin and end in the recording, in milliseconds; parts of one clip.",
        examples=[[[61_200, 64_900]]],
    )
    title: str = Field(max_length=Clip.TITLE_MAX, examples=["The motion carries"])
    note: str = Field("", max_length=Clip.NOTE_MAX)
    visibility: Literal["private", "unlisted", "public"] = "private"


class AlertRow(Row):
    """A search that you are told of."""

    id: int
    name: str
    query: str
    muted: list[str]
    cadence: str = Field(examples=["daily"])
    by_email: bool
    by_feed: bool
    by_webhook: bool
    created_at: datetime
    changed_at: datetime
    paused_at: datetime | None


class AskedClips(Asked):
    whose: Literal["own", "public"] = Field("own", description="Yours, or everybody's public ones.")
    meeting: ById = Field(None, description="The id of a meeting.")


@router.get(
    "/clips",
    response=page_of(ClipRow, members=True),
    auth=MemberToken("clips"),
    summary="Clips",
)
def clips(request: CallerRequest, asked: Annotated[AskedClips, Query()]) -> HttpResponse:
    """Your clips that stand, or all that are public and whose owners are members."""
    user, now = request.caller.user, timezone.now()
    rows = Clip.objects.listed(at=now)
    if asked.whose == "own":
        rows = Clip.objects.owned_by(user).standing()
    if asked.meeting is not None:
        rows = rows.filter(meeting=asked.meeting)
    rows = rows.prefetch_related("spans")
    narrowed = {"owner": user.pk} if asked.whose == "own" else None
    page = lists.keyset(
        rows, asked, name="clips", shown=lambda one: clip_row(one, user.pk), narrowed=narrowed
    )
    return lists.answer(request, page, asked, ClipRow)


@router.get(
    "/clips/{slug}",
    response={200: ClipRow, **FOR_MEMBERS},
    auth=MemberToken("clips"),
    summary="A clip",
)
def clip(request: CallerRequest, slug: str, one: Annotated[One, Query()]) -> HttpResponse:
    """A clip that you may open: yours, or one whose address you were given."""
    user = request.caller.user
    rows = Clip.objects.readable_by(user, at=timezone.now()).prefetch_related("spans")
    row = rows.filter(slug=slug).first()
    if row is None:
        raise problems.not_found()
    return lists.one(clip_row(row, user.pk), one.fields, ClipRow)


@router.post(
    "/clips",
    response={201: ClipRow, **FOR_MEMBERS},
    auth=MemberToken("clips"),
    summary="Cut a clip",
)
def cut(request: CallerRequest, wanted: Annotated[ClipWanted, Body()]) -> HttpResponse:
    """Cut a clip of a meeting's recording. It plays at once, and is private unless you say."""
    user = request.caller.user
    meeting = Meeting.objects.published().filter(pk=wanted.meeting).first()
    if meeting is None:
        raise problems.not_found()
    try:
        clip = services.cut(
            owner=user,
            meeting=meeting,
            spans=wanted.spans_ms,
            title=wanted.title,
            note=wanted.note,
            visibility=wanted.visibility,
            now=timezone.now(),
        )
    except (services.NotCut, services.NotDescribed) as refusal:
        raise problems.invalid([{"in": "body", "name": "clip", "detail": str(refusal)}]) from None
    answer = lists.json_of(clip_row(clip, user.pk), status=201)
    answer.headers["Location"] = lists.address_of(clip.get_absolute_url())
    return answer


@router.get(
    "/alerts",
    response=page_of(AlertRow, members=True),
    auth=MemberToken("alerts"),
    summary="Alerts",
)
def alerts(request: CallerRequest, asked: Annotated[Asked, Query()]) -> HttpResponse:
    """Your alerts."""
    user = request.caller.user
    rows = Alert.objects.owned_by(user)
    page = lists.keyset(rows, asked, name="alerts", shown=_alert, narrowed={"owner": user.pk})
    return lists.answer(request, page, asked, AlertRow)


def clip_row(clip: Clip, reader: int) -> lists.Row:
    """The clip as JSON, for whoever may open it."""
    spans = sorted((span.start_ms, span.end_ms) for span in clip.spans.all())
    return {
        "id": clip.slug,
        "title": clip.title,
        "note": clip.note,
        "visibility": clip.visibility,
        "is_own": clip.owner_id == reader,
        "maker_name": clip.maker_name or None,
        "meeting": clip.meeting_id,
        "spans_ms": [list(span) for span in spans],
        "duration_ms": clip.duration_ms,
        "words": clip.words,
        "created_at": clip.created_at,
        "changed_at": clip.changed_at,
        "url": lists.address_of(clip.get_absolute_url()),
    }


def _alert(alert: Alert) -> lists.Row:
    return {
        "id": alert.pk,
        "name": alert.name,
        "query": alert.query,
        "muted": alert.muted,
        "cadence": alert.cadence,
        "by_email": alert.by_email,
        "by_feed": alert.by_feed,
        "by_webhook": alert.by_webhook,
        "created_at": alert.created_at,
        "changed_at": alert.changed_at,
        "paused_at": alert.paused_at,
    }
