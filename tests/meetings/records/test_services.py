"""A meeting moves as the rules allow, and each move is written into the log."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from meetings.records import changes, services
from meetings.records.models import Change, Meeting, Place, State
from meetings.records.services import IllegalMove, Item
from tests.concurrency import at_once
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory, PlaceFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ALL = [(start, end) for start in State for end in State]


def move(meeting: Meeting, to: State) -> Meeting:
    return {
        State.DRAFT: lambda: services.return_to_draft(meeting=meeting),
        State.ANNOUNCED: lambda: services.announce(meeting=meeting),
        State.PUBLISHED: lambda: services.publish(meeting=meeting, now=NOW),
        State.WITHDRAWN: lambda: services.withdraw(meeting=meeting, reason="Recorded twice."),
    }[to]()


@pytest.mark.django_db
@pytest.mark.parametrize(("start", "end"), ALL)
def test_only_legal_moves_are_made(start: State, end: State) -> None:
    meeting = AgendaItemFactory(meeting=MeetingFactory(state=start)).meeting

    if end in services.MOVES[start]:
        assert move(meeting, end).state == end
        assert Change.objects.filter(meeting_id=meeting.pk).count() == 1
    else:
        with pytest.raises(IllegalMove):
            move(meeting, end)
        meeting.refresh_from_db()
        assert meeting.state == start
        assert not Change.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_an_unknown_state() -> None:
    meeting = MeetingFactory()

    with pytest.raises(IntegrityError, match="meeting_state_known"), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(state="hidden")


@pytest.mark.django_db
def test_a_meeting_is_announced_with_its_agenda_only() -> None:
    with pytest.raises(IllegalMove, match="agenda"):
        services.announce(meeting=MeetingFactory(state=State.DRAFT))


@pytest.mark.django_db
def test_withdrawing_takes_a_reason() -> None:
    with pytest.raises(IllegalMove, match="reason"):
        services.withdraw(meeting=MeetingFactory(), reason="  ")


@pytest.mark.django_db
def test_publishing_again_keeps_the_first_time() -> None:
    meeting = services.publish(meeting=MeetingFactory(state=State.DRAFT), now=NOW)
    services.withdraw(meeting=meeting, reason="Recorded twice.")

    again = services.publish(meeting=meeting, now=NOW.replace(year=2027))

    assert again.published_at == NOW
    assert again.withdrawn_reason == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told() -> None:
    meeting = MeetingFactory(state=State.DRAFT)

    outcomes = at_once(*[lambda: services.publish(meeting=meeting, now=NOW)] * 2)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IllegalMove", "Meeting"]
    assert Change.objects.count() == 1


@pytest.mark.django_db
def test_the_same_agenda_again_is_no_change() -> None:
    meeting = MeetingFactory()
    items = [Item("Call to order", 0), Item("Budget")]

    services.set_agenda(meeting=meeting, items=items)
    services.set_agenda(meeting=meeting, items=items)

    assert [item.title for item in meeting.agenda.order_by("position")] == [
        "Call to order",
        "Budget",
    ]
    assert Change.objects.filter(kind=Change.Kind.AGENDA).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        changes.record(meeting=MeetingFactory(), kind=Change.Kind.EDITED)


@pytest.mark.django_db(transaction=True)
def test_a_change_carries_the_transaction_that_made_it() -> None:
    meeting = MeetingFactory()

    with transaction.atomic():
        first = changes.record(meeting=meeting, kind=Change.Kind.EDITED)
        second = changes.record(meeting=meeting, kind=Change.Kind.EDITED)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (xid,) = cursor.fetchone()
    with transaction.atomic():
        third = changes.record(meeting=meeting, kind=Change.Kind.EDITED)

    for change in (first, second, third):
        change.refresh_from_db()
    assert first.xid == second.xid == xid
    assert third.xid > xid


@pytest.mark.django_db
def test_within_and_around_walk_the_tree() -> None:
    state = PlaceFactory(name="State")
    county = PlaceFactory(name="County", parent=state)
    city = PlaceFactory(name="City", parent=county)
    PlaceFactory(name="Elsewhere")

    assert set(Place.objects.within(county)) == {county, city}
    assert set(Place.objects.within(state)) == {state, county, city}
    assert list(Place.objects.around(city)) == [state, county]


@pytest.mark.django_db
def test_names_sort_without_case_and_accents() -> None:
    for name in ("Zürich", "Ångström", "abbot", "Écully", "zenith"):
        PlaceFactory(name=name, slug=name.encode("ascii", "ignore").decode().lower() + "-x")

    names = list(Place.objects.order_by("sort_name").values_list("name", flat=True))

    assert names == ["abbot", "Ångström", "Écully", "zenith", "Zürich"]
