"""Places, bodies, meetings and their agendas: facts that anybody may read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from ninja import Field, Query, Router

from meetings.records.models import AgendaItem, Body, Level, Meeting, Place, State
from memberships.gate.audience import public

from . import lists, problems
from .callers import CallerRequest
from .describing import FOR_ALL, One, Row, page_of
from .lists import Asked, AskedSince, ById, Id

router = Router(tags=["Meetings"])


class PlaceRow(Row):
    """A jurisdiction. Places form a tree."""

    id: int = Field(examples=[3])
    slug: str = Field(examples=["ashford"])
    name: str = Field(examples=["Ashford"])
    level: str = Field(description=f"One of {', '.join(Level.values)}.", examples=["city"])
    parent: int | None = Field(description="The place that it lies in.", examples=[1])
    url: str = Field(examples=["https://example.org/places/ashford/"])


class BodyRow(Row):
    """The organization that meets."""

    id: int = Field(examples=[7])
    slug: str = Field(examples=["ashford-city-council"])
    name: str = Field(examples=["Ashford City Council"])
    description: str = Field(examples=[""])
    place: int = Field(examples=[3])
    url: str = Field(examples=["https://example.org/bodies/ashford-city-council/"])


class MeetingRow(Row):
    """One sitting of a body."""

    id: int = Field(examples=[42])
    title: str | None = Field(None, examples=["Regular meeting"])
    held_on: date | None = Field(None, examples=["2026-09-14"])
    state: str | None = Field(None, description="`announced` or `published`.")
    body: int | None = Field(None, examples=[7])
    published_at: str | None = Field(None, examples=["2026-09-15T08:00:00Z"])
    url: str | None = Field(None, examples=["https://example.org/meetings/42/regular-meeting/"])
    gone: bool = Field(False, description="It was withdrawn: drop it, and everything of it.")
    reason: str | None = Field(None, description="Why it was withdrawn.")


class AgendaItemRow(Row):
    """A titled stretch of a meeting. With a start it is a chapter of the recording."""

    id: int = Field(examples=[901])
    meeting: int = Field(examples=[42])
    position: int = Field(examples=[1])
    title: str = Field(examples=["Call to order"])
    start_ms: int | None = Field(examples=[61_000])
    url: str


class AskedBodies(Asked):
    place: ById = Field(None, description="The id of a place.")


class AskedMeetings(AskedSince):
    body: ById = Field(None, description="The id of a body.")
    place: ById = Field(None, description="The id of a place, and all that lies in it.")
    after: date | None = Field(None, description="Held on this day or later.")
    before: date | None = Field(None, description="Held before this day.")
    state: Literal["announced", "published"] | None = None


class AskedAgenda(AskedSince):
    meeting: ById = Field(None, description="The id of a meeting.")


@router.get("/places", response=page_of(PlaceRow), auth=None, summary="Places")
@public
def places(request: CallerRequest, asked: Annotated[Asked, Query()]) -> HttpResponse:
    """All jurisdictions."""
    page = lists.keyset(Place.objects.all(), asked, name="places", shown=_place)
    return lists.answer(request, page, asked, PlaceRow)


@router.get("/bodies", response=page_of(BodyRow), auth=None, summary="Bodies")
@public
def bodies(request: CallerRequest, asked: Annotated[AskedBodies, Query()]) -> HttpResponse:
    """All organizations that meet."""
    rows = Body.objects.all()
    if asked.place is not None:
        rows = rows.filter(place=asked.place)
    page = lists.keyset(rows, asked, name="bodies", shown=_body)
    return lists.answer(request, page, asked, BodyRow)


@router.get("/meetings", response=page_of(MeetingRow), auth=None, summary="Meetings")
@public
def meetings(request: CallerRequest, asked: Annotated[AskedMeetings, Query()]) -> HttpResponse:
    """Meetings that are announced or published. With `updated_since` also those that are gone."""
    synced = lists.synced_until(asked)
    rows = _narrowed(_in_public_or_gone(asked), asked)
    page = lists.keyset(rows, asked, name="meetings", shown=_meeting)
    return lists.answer(request, page, asked, MeetingRow, synced=synced)


@router.get(
    "/meetings/{number}", response={200: MeetingRow, **FOR_ALL}, auth=None, summary="A meeting"
)
@public
def meeting(request: CallerRequest, number: Id, one: Annotated[One, Query()]) -> HttpResponse:
    """One meeting."""
    row = Meeting.objects.in_public().filter(pk=number).first()
    if row is None:
        raise problems.not_found()
    return lists.one(_meeting(row), one.fields, MeetingRow)


@router.get("/agenda-items", response=page_of(AgendaItemRow), auth=None, summary="Agenda items")
@public
def agenda_items(request: CallerRequest, asked: Annotated[AskedAgenda, Query()]) -> HttpResponse:
    """What meetings are about, of one meeting or of all."""
    synced = lists.synced_until(asked)
    rows = AgendaItem.objects.filter(meeting__in=Meeting.objects.in_public())
    if asked.meeting is not None:
        rows = rows.filter(meeting=asked.meeting)
    if asked.since is not None:
        rows = rows.filter(meeting__in=lists.changed_since(asked.since))
    page = lists.keyset(
        rows.select_related("meeting"), asked, name="agenda-items", shown=_agenda_item
    )
    return lists.answer(request, page, asked, AgendaItemRow, synced=synced)


def _in_public_or_gone(asked: AskedMeetings) -> QuerySet[Meeting]:
    """Meetings in public; with `updated_since` those that changed, gone ones among them."""
    if asked.since is None:
        return Meeting.objects.in_public()
    gone = Q(pk__in=lists.taken_back_since(asked.since))
    known = Meeting.objects.filter(~Q(state=State.DRAFT) | gone)
    return known.filter(pk__in=lists.changed_since(asked.since))


def _narrowed(rows: QuerySet[Meeting], asked: AskedMeetings) -> QuerySet[Meeting]:
    if asked.body is not None:
        rows = rows.filter(body=asked.body)
    if asked.place is not None:
        rows = rows.filter(body__place__in=Place.objects.within(Place(pk=asked.place)))
    if asked.after is not None:
        rows = rows.filter(held_on__gte=asked.after)
    if asked.before is not None:
        rows = rows.filter(held_on__lt=asked.before)
    if asked.state is not None:
        gone = ~Q(state__in=[State.ANNOUNCED, State.PUBLISHED])
        rows = rows.filter(Q(state=asked.state) | gone)
    return rows


def _place(place: Place) -> lists.Row:
    return {
        "id": place.pk,
        "slug": place.slug,
        "name": place.name,
        "level": place.level,
        "parent": place.parent_id,
        "url": lists.address_of(place.get_absolute_url()),
    }


def _body(body: Body) -> lists.Row:
    return {
        "id": body.pk,
        "slug": body.slug,
        "name": body.name,
        "description": body.description,
        "place": body.place_id,
        "url": lists.address_of(body.get_absolute_url()),
    }


def _meeting(meeting: Meeting) -> lists.Row:
    if meeting.state not in {State.ANNOUNCED, State.PUBLISHED}:
        return {"id": meeting.pk, "gone": True, "reason": meeting.withdrawn_reason or None}
    return {
        "id": meeting.pk,
        "title": meeting.title,
        "held_on": meeting.held_on,
        "state": meeting.state,
        "body": meeting.body_id,
        "published_at": meeting.published_at,
        "url": lists.address_of(meeting.get_absolute_url()),
    }


def _agenda_item(item: AgendaItem) -> lists.Row:
    path = item.meeting.get_absolute_url()
    return {
        "id": item.pk,
        "meeting": item.meeting_id,
        "position": item.position,
        "title": item.title,
        "start_ms": item.start_ms,
        "url": lists.address_of(path)
        if item.start_ms is None
        else lists.moment_of(path, item.start_ms),
    }
