"""What the database does not let stand, by the name of the constraint that says so."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from memberships.models import Membership, User
from tests.memberships.factories import (
    MembershipFactory,
    PurchaseFactory,
    RefundedMembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def refused_by(name, **fields):
    before = Membership.objects.count()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        MembershipFactory(**fields)
    assert Membership.objects.count() == before


def test_one_person_has_one_live_membership():
    user = MembershipFactory().user
    refused_by("one_live_membership_per_user", user=user)
    refused_by("one_live_membership_per_user", user=user, status="suspended")


def test_ended_memberships_stand_beside_a_live_one():
    user = RefundedMembershipFactory().user
    RefundedMembershipFactory(user=user)
    MembershipFactory(user=user)
    assert Membership.objects.owned_by(user).count() == 3


def test_memberships_of_closed_accounts_do_not_meet():
    MembershipFactory(user=None)
    MembershipFactory(user=None)


def test_one_purchase_gives_one_membership():
    held = RefundedMembershipFactory()
    refused_by("one_membership_per_purchase", source="purchase", purchase=held.purchase)


@pytest.mark.parametrize("source", ["purchase", "gift"])
def test_what_was_bought_names_its_purchase(source):
    refused_by("membership_bought_has_purchase", source=source)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("membership_status_is_known", {"status": "paused"}),
        ("membership_source_is_known", {"source": "raffle"}),
        (
            "membership_end_reason_is_known",
            {"status": "ended", "ended_at": timezone.now(), "end_reason": "bored"},
        ),
        ("membership_has_end_time_when_ended", {"status": "ended", "end_reason": "staff"}),
        ("membership_has_end_time_when_ended", {"ended_at": timezone.now()}),
        (
            "membership_has_end_reason_when_ended",
            {"status": "ended", "ended_at": timezone.now()},
        ),
        ("membership_has_end_reason_when_ended", {"end_reason": "staff"}),
        (
            "membership_lasts_past_its_start",
            {"lasts_until": timezone.now() - timedelta(days=2)},
        ),
    ],
)
def test_rows_that_say_nonsense_are_refused(name, fields):
    refused_by(name, **fields)


def test_purchase_with_a_membership_cannot_be_deleted():
    held = RefundedMembershipFactory()
    with pytest.raises(RestrictedError):
        held.purchase.delete()


def test_membership_and_purchase_outlive_the_account_and_know_nobody():
    held = RefundedMembershipFactory()
    held.user.delete()
    held.refresh_from_db()
    held.purchase.refresh_from_db()
    assert (held.user, held.purchase.user, held.status) == (None, None, "ended")


def test_addresses_that_differ_in_case_alone_are_one():
    UserFactory(email="Ada@Example.org")
    with pytest.raises(IntegrityError, match="one_account_per_email"), transaction.atomic():
        UserFactory(email="ada@EXAMPLE.ORG", address=False)
    with pytest.raises(IntegrityError, match="user_email_is_lower_case"), transaction.atomic():
        User.objects.bulk_create([User(email="ADA@example.org")])
    assert User.objects.get().email == "ada@example.org"


def test_unknown_experience_is_refused():
    with pytest.raises(IntegrityError, match="user_experience_is_known"), transaction.atomic():
        UserFactory(experience="vintage")


def test_account_is_found_whatever_the_case():
    user = UserFactory(email="ada@example.org")
    assert User.objects.get_by_natural_key(" ADA@example.org") == user


def test_account_needs_an_address():
    with pytest.raises(ValueError, match="needs an e-mail address"):
        User.objects.create_user("  ")


def test_purchase_is_its_own_name():
    purchase = PurchaseFactory()
    assert str(purchase) == str(purchase.pk)
