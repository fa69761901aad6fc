"""Giving and ending the right to read."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from memberships.gate.entitlement import is_member
from memberships.models import Membership
from memberships.purchases import services
from tests.memberships.factories import (
    MembershipFactory,
    RefundedMembershipFactory,
    StaffFactory,
    UserFactory,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_grant_opens_the_gate_for_life():
    user, staff = UserFactory(), StaffFactory()
    given = services.grant(user=user, by=staff, now=NOW, note="Won the essay prize.")
    assert (given.source, given.granted_by, given.lasts_until) == ("grant", staff, None)
    assert is_member(user, NOW)


@pytest.mark.django_db
def test_grant_may_have_an_end():
    user = UserFactory()
    services.grant(user=user, by=None, now=NOW, lasts_until=NOW + timedelta(days=7))
    assert is_member(user, NOW + timedelta(days=6))
    assert not is_member(user, NOW + timedelta(days=7))


@pytest.mark.parametrize("status", ["active", "suspended"])
@pytest.mark.django_db
def test_second_grant_is_refused_and_changes_nothing(status):
    held = MembershipFactory(status=status)
    rows = list(Membership.objects.values())
    with pytest.raises(services.AlreadyMemberError, match="has a membership already"):
        services.grant(user=held.user, by=None, now=NOW)
    assert list(Membership.objects.values()) == rows


@pytest.mark.django_db
def test_what_ran_out_and_was_not_swept_does_not_stand_in_the_way():
    old = MembershipFactory(started_at=NOW - timedelta(days=9), lasts_until=NOW)
    given = services.grant(user=old.user, by=None, now=NOW)
    old.refresh_from_db()
    assert (old.status, old.end_reason, old.ended_at) == ("ended", "ran_out", NOW)
    assert given.status == "active"


@pytest.mark.django_db
def test_refunded_member_can_be_given_a_new_one():
    user = RefundedMembershipFactory().user
    services.grant(user=user, by=None, now=NOW)
    assert is_member(user, NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_grants_at_once_one_wins(at_once):
    user = UserFactory()
    grant = partial(services.grant, user=user, by=None, now=NOW)
    came = at_once(*[grant] * 6)
    assert sum(isinstance(one, Membership) for one in came) == 1
    assert sum(isinstance(one, services.AlreadyMemberError) for one in came) == 5
    assert Membership.objects.owned_by(user).count() == 1


@pytest.mark.django_db
def test_end_closes_the_gate_and_keeps_both_notes():
    held = MembershipFactory(note="Won the essay prize.")
    assert services.end(
        membership=held, reason=Membership.EndReason.STAFF, now=NOW, note="Copied the essay."
    )
    assert (held.status, held.ended_at, held.end_reason) == ("ended", NOW, "staff")
    assert held.note == "Won the essay prize.\nCopied the essay."
    assert not is_member(held.user, NOW)


@pytest.mark.django_db
def test_second_end_changes_nothing():
    held = RefundedMembershipFactory()
    before = Membership.objects.values().get()
    assert not services.end(membership=held, reason=Membership.EndReason.STAFF, now=NOW)
    assert Membership.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_ends_at_once_one_tells_the_reason(at_once):
    held = MembershipFactory()
    copies = [Membership.objects.get(pk=held.pk) for _ in range(2)]
    reasons = [Membership.EndReason.STAFF, Membership.EndReason.REFUNDED]
    came = at_once(
        *[
            partial(services.end, membership=copy, reason=reason, now=NOW)
            for copy, reason in zip(copies, reasons, strict=True)
        ]
    )
    assert sorted(came) == [False, True]
    held.refresh_from_db()
    assert held.end_reason == reasons[came.index(True)]
