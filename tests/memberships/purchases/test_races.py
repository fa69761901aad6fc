"""Many at one moment, on real locks. Numbers in names are rows of the matrix."""

import pytest
from django.db import IntegrityError, transaction

from memberships.models import Membership, Purchase
from tests.concurrency import at_once
from tests.memberships.factories import (
    MembershipFactory,
    PaidPurchaseFactory,
    PlanFactory,
    PurchaseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def refused(outcomes, name):
    return sum(isinstance(one, IntegrityError) and name in str(one) for one in outcomes)


def test_rows_1_and_2_twenty_clicks_open_one_purchase():
    user, plan = UserFactory(), PlanFactory()
    outcomes = at_once(*[lambda: PurchaseFactory(user=user, plan=plan)] * 20)
    assert refused(outcomes, "one_open_purchase_per_user") == 19
    assert Purchase.objects.owned_by(user).count() == 1


def test_rows_2_and_44_two_paid_tabs_make_one_member():
    user = UserFactory()
    tabs = [PaidPurchaseFactory(user=user) for _ in range(2)]
    outcomes = at_once(
        *(
            lambda tab=tab: MembershipFactory(user=user, source="purchase", purchase=tab)
            for tab in tabs
        )
    )
    assert refused(outcomes, "one_live_membership_per_user") == 1
    assert Membership.objects.live().count() == 1
    assert Purchase.objects.paid_without_membership().count() == 1  # to be sent back


def test_row_8_writers_of_one_purchase_take_turns():
    purchase = PaidPurchaseFactory()

    def write():
        with transaction.atomic():
            locked = Purchase.objects.select_for_update().get(pk=purchase.pk)
            locked.version += 1
            locked.save(update_fields=["version"])

    assert at_once(*[write] * 20) == [None] * 20
    purchase.refresh_from_db()
    assert purchase.version == 20
