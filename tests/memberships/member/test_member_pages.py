"""The account."""

from datetime import UTC, datetime

import pytest

from memberships.models import Membership
from memberships.purchases import services
from tests.memberships.factories import MembershipFactory, UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 2, 3, 12, tzinfo=UTC)


def test_account_shows_what_one_holds_since_when_and_how(member):
    member.user.memberships.update(started_at=SINCE)
    page = member.get("/membership/account/").text
    assert "You are a member for life." in page
    assert "February 3, 2026" in page
    assert "granted by staff" in page
    assert member.user.email in page


def test_account_names_the_end_of_a_membership_with_an_end():
    held = MembershipFactory(lasts_until=datetime(2030, 1, 2, 10, 30, tzinfo=UTC))
    assert "until January 2, 2030, 10:30 UTC" in Persona(held.user).get("/membership/account/").text


def test_account_says_why_it_ended(refunded_member):
    refunded_member.user.memberships.update(started_at=SINCE, ended_at=SINCE)
    page = refunded_member.get("/membership/account/").text
    assert "from February 3, 2026 to February 3, 2026 (refunded)" in page


def test_account_says_that_it_is_paused(member):
    member.user.memberships.update(status=Membership.Status.SUSPENDED)
    assert "Your membership is paused." in member.get("/membership/account/").text


def test_account_of_one_who_came_back_shows_the_live_one(refunded_member):
    services.grant(user=refunded_member.user, by=None, now=SINCE)
    assert "You are a member for life." in refunded_member.get("/membership/account/").text


def test_account_without_membership_offers_one(staff):
    page = Persona(UserFactory()).get("/membership/account/").text
    assert "You have no membership" in page
    assert "because you are staff" in staff.get("/membership/account/").text


def test_staff_note_is_not_shown_to_the_member(member):
    member.user.memberships.update(note="Difficult person.")
    assert "Difficult" not in member.get("/membership/account/").text


def test_names_are_escaped(member):
    member.user.email = '"<script>x"@example.org'
    member.user.save()
    assert "<script>x" not in member.get("/membership/account/").text


def test_visitor_is_led_to_sign_in(visitor):
    assert visitor.get("/membership/account/").url == ("/accounts/login/?next=/membership/account/")


def test_account_is_read_only(member):
    assert member.post("/membership/account/").status_code == 405


def test_account_costs_few_queries(member, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        member.get("/membership/account/")
