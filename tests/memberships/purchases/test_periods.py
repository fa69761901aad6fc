"""When a membership opens the gate, and when its time is over."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from memberships.gate.entitlement import is_member, members
from memberships.models import Membership
from memberships.purchases import periods, tasks
from tests.memberships.factories import MembershipFactory, StaffFactory, UserFactory

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 4, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "reads"),
    [(START - TICK, False), (START, True), (END - TICK, True), (END, False), (END + TICK, False)],
)
@pytest.mark.django_db
def test_period_is_half_open(at, reads):
    held = MembershipFactory(started_at=START, lasts_until=END)
    assert is_member(held.user, at) is reads
    assert (held.user_id in members(at)) is reads


@pytest.mark.django_db
def test_without_an_end_it_is_for_life():
    held = MembershipFactory(started_at=START)
    assert is_member(held.user, START + timedelta(days=365 * 80))


@pytest.mark.parametrize("status", ["suspended", "ended"])
@pytest.mark.django_db
def test_suspended_and_ended_open_nothing(status):
    over = {"ended_at": END, "end_reason": "staff"} if status == "ended" else {}
    held = MembershipFactory(started_at=START, status=status, **over)
    assert not is_member(held.user, END)
    assert held.user_id not in members(END)


@pytest.mark.django_db
def test_staff_read_as_members_and_the_inactive_do_not():
    staff = StaffFactory()
    gone = MembershipFactory(user__is_active=False, started_at=START).user
    fired = StaffFactory(is_active=False)
    assert is_member(staff, END)
    assert not is_member(gone, END)
    assert not is_member(fired, END)
    assert set(members(END)) == {staff.pk}


class EveryPeriod(TestCase):
    """Set-wise and one by one, the answer is the same."""

    @given(
        start=st.integers(-5, 5),
        length=st.none() | st.integers(1, 5),
        at=st.integers(-8, 12),
        status=st.sampled_from(["active", "suspended"]),
    )
    def test_members_are_those_who_are_members(self, start, length, at, status):
        begin = START + timedelta(days=start)
        held = MembershipFactory(
            started_at=begin,
            lasts_until=None if length is None else begin + timedelta(days=length),
            status=status,
        )
        instant = START + timedelta(days=at)
        reads = status == "active" and at >= start and (length is None or at < start + length)
        assert is_member(held.user, instant) is reads
        assert (held.user_id in members(instant)) is reads


@pytest.mark.django_db
def test_sweep_ends_what_ran_out_as_of_its_end_and_nothing_else():
    over = MembershipFactory(started_at=START, lasts_until=END)
    paused = MembershipFactory(started_at=START, lasts_until=END, status="suspended")
    running = MembershipFactory(started_at=START, lasts_until=END + TICK)
    for_life = MembershipFactory(started_at=START)
    assert periods.end_what_ran_out(now=END) == 2
    for held in (over, paused):
        held.refresh_from_db()
        assert (held.status, held.end_reason, held.ended_at) == ("ended", "ran_out", END)
    for held in (running, for_life):
        held.refresh_from_db()
        assert held.status == "active"


@pytest.mark.django_db
def test_second_sweep_changes_nothing():
    MembershipFactory(started_at=START, lasts_until=END)
    assert periods.end_what_ran_out(now=END) == 1
    rows = list(Membership.objects.values())
    assert periods.end_what_ran_out(now=END + timedelta(days=1)) == 0
    assert list(Membership.objects.values()) == rows


@pytest.mark.django_db
def test_sweep_goes_on_past_one_batch(monkeypatch):
    monkeypatch.setattr(periods, "BATCH", 2)
    for _ in range(5):
        MembershipFactory(started_at=START, lasts_until=END)
    assert periods.end_what_ran_out(now=END) == 5


@pytest.mark.django_db(transaction=True)
def test_sweep_leaves_what_another_one_holds(in_thread):
    held = MembershipFactory(started_at=START, lasts_until=END)
    free = MembershipFactory(started_at=START, lasts_until=END)
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=held.pk)
        assert in_thread(periods.end_what_ran_out, now=END) == 1
    free.refresh_from_db()
    held.refresh_from_db()
    assert (free.status, held.status) == ("ended", "active")
    assert periods.end_what_ran_out(now=END) == 1


@pytest.mark.django_db
def test_task_sweeps():
    held = MembershipFactory(started_at=START, lasts_until=datetime(2026, 3, 2, tzinfo=UTC))
    tasks.end_what_ran_out()
    held.refresh_from_db()
    assert held.end_reason == "ran_out"


@pytest.mark.django_db
def test_visitor_costs_no_query_and_a_reader_one(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not is_member(AnonymousUser(), END)
    user = UserFactory()
    with django_assert_num_queries(1):
        assert not is_member(user, END)
