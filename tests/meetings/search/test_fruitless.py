"""Searches without results: counted by month, without saying who, and shown to staff."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from meetings.search import services
from meetings.search.models import FruitlessSearch
from meetings.search.parsing import parse
from tests.concurrency import at_once
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 17, 12, tzinfo=UTC)


def note(typed, now=MAY):
    services.note_fruitless(tree=parse(typed).tree, now=now)


def counted():
    return {(row.text, row.month): row.count for row in FruitlessSearch.objects.all()}


def test_the_same_search_counts_up_however_it_is_typed():
    note("Purple  GIRAFFE")
    note("purple AND giraffe")
    note("purple giraffe", now=MAY.replace(month=6))
    assert counted() == {
        ("purple giraffe", date(2026, 5, 1)): 2,
        ("purple giraffe", date(2026, 6, 1)): 1,
    }


def test_a_row_has_no_room_for_who_or_when():
    names = {field.name for field in FruitlessSearch._meta.get_fields()}
    assert names == {"id", "text", "month", "count"}
    with pytest.raises(IntegrityError), transaction.atomic():
        FruitlessSearch.objects.create(text="x", month=date(2026, 5, 17))


def test_what_was_looked_for_a_year_ago_is_forgotten():
    note("giraffe", now=MAY.replace(year=2025))
    note("okapi", now=MAY.replace(year=2025, month=6))
    note("zebra")
    assert {text for text, _month in counted()} == {"okapi", "zebra"}


def test_a_very_long_search_is_cut_and_counted():
    note("giraffe " + " ".join(f"word{n}" for n in range(45)))
    ((text, _month),) = counted()
    assert len(text) == FruitlessSearch.TEXT_MAX


def test_page_counts_a_member_s_search_once_and_not_while_typing(member, site_index):
    transcribe([], meeting=MeetingFactory())
    site_index()
    member.get("/search/?q=giraf", headers={"HX-Request": "true"})
    member.get("/search/?q=giraffe")
    member.get("/search/?q=giraffe&year=2026")
    member.get("/search/?q=giraffe&page=2")
    member.get("/search/?q=body:nowhere")
    assert {text: count for (text, _month), count in counted().items()} == {"giraffe": 1}


def test_staff_see_the_list_and_cannot_change_it(staff, member):
    note("giraffe")
    listed = staff.get("/admin/meetings/fruitlesssearch/")
    assert "giraffe" in listed.content.decode()
    assert "May 2026" in listed.content.decode()
    assert staff.get("/admin/meetings/fruitlesssearch/add/").status_code == 403
    assert member.get("/admin/meetings/fruitlesssearch/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_counted_both():
    assert at_once(*[lambda: note("giraffe")] * 4) == [None] * 4
    assert list(counted().values()) == [4]
