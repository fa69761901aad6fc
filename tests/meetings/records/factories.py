"""Places, bodies, meetings and agenda items for tests."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from meetings.records.models import AgendaItem, Body, Level, Meeting, Place, State, address


class PlaceFactory(DjangoModelFactory[Place]):
    class Meta:
        model = Place

    name = factory.Sequence(lambda number: f"Town {number}")
    slug = factory.LazyAttribute(lambda place: address(place.name))
    level = Level.CITY


class BodyFactory(DjangoModelFactory[Body]):
    class Meta:
        model = Body

    place = factory.SubFactory(PlaceFactory)
    name = factory.Sequence(lambda number: f"Council {number}")
    slug = factory.LazyAttribute(lambda body: address(body.name))


class MeetingFactory(DjangoModelFactory[Meeting]):
    """A published meeting; `state=State.DRAFT` and the like make the others."""

    class Meta:
        model = Meeting

    body = factory.SubFactory(BodyFactory)
    title = factory.Sequence(lambda number: f"Regular meeting {number}")
    slug = factory.LazyAttribute(lambda meeting: address(meeting.title))
    held_on = date(2026, 3, 3)
    state = State.PUBLISHED
    published_at = factory.LazyAttribute(
        lambda meeting: (
            datetime(2026, 3, 5, 9, tzinfo=UTC) if meeting.state == State.PUBLISHED else None
        )
    )
    withdrawn_reason = factory.LazyAttribute(
        lambda meeting: "Recorded twice." if meeting.state == State.WITHDRAWN else ""
    )


class AgendaItemFactory(DjangoModelFactory[AgendaItem]):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    position = factory.Sequence(lambda number: number + 1)
    title = factory.Sequence(lambda number: f"Item {number}")
