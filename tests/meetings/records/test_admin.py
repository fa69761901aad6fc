"""What staff change of a place or a body changes every meeting that names it."""

import pytest
from django.urls import reverse

from meetings.records.models import Change, State
from tests.meetings.records.factories import BodyFactory, MeetingFactory, PlaceFactory

pytestmark = pytest.mark.django_db


def told() -> set[int]:
    return set(Change.objects.values_list("meeting_id", flat=True))


@pytest.fixture
def county():
    return PlaceFactory(level="county")


@pytest.fixture
def body(county):
    return BodyFactory(place=PlaceFactory(parent=county))


def save(staff, row, **fields):
    address = reverse(f"admin:meetings_{row._meta.model_name}_change", args=[row.pk])
    answer = staff.post(address, fields)
    assert answer.status_code == 302


def test_a_body_that_is_renamed_is_told_for_its_public_meetings_alone(staff, body):
    meeting = MeetingFactory(body=body)
    announced = MeetingFactory(body=body, state=State.ANNOUNCED)
    MeetingFactory(body=body, state=State.DRAFT)
    MeetingFactory()
    facts = {"slug": body.slug, "place": body.place_id, "description": ""}
    save(staff, body, name=body.name, **facts)
    assert told() == set()
    save(staff, body, name="Council of the Levee", **facts)
    assert told() == {meeting.pk, announced.pk}


def test_a_place_that_is_renamed_is_told_for_all_that_lies_in_it(staff, body, county):
    meeting = MeetingFactory(body=body)
    MeetingFactory()
    save(staff, county, name="Levee County", slug=county.slug, level=county.level, parent="")
    assert told() == {meeting.pk}
