"""Refunds asked for at one moment. Numbers in names are rows of the matrix."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Func
from django.utils import timezone

from memberships.models import Purchase, Refund
from tests.concurrency import at_once, until_somebody_waits
from tests.memberships.factories import PaidPurchaseFactory, RefundFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_row_12_twenty_requests_make_one_refund_by_the_index_alone():
    purchase = PaidPurchaseFactory()
    outcomes = at_once(*[lambda: RefundFactory(purchase=purchase)] * 20)
    refused = [one for one in outcomes if isinstance(one, IntegrityError)]
    assert len(refused) == 19
    assert all("one_inflight_refund" in str(one) for one in refused)
    assert Refund.objects.in_flight().amount() == purchase.amount_total


def test_row_12_under_the_lock_the_others_see_that_one_is_on_its_way():
    purchase = PaidPurchaseFactory()

    def ask():
        with transaction.atomic():
            locked = Purchase.objects.select_for_update().refundable_by_member().get(pk=purchase.pk)
            if Refund.objects.of_purchase(locked).in_flight().exists():
                return "in progress"
            RefundFactory(purchase=locked)
            return "asked"

    outcomes = at_once(*[ask] * 20)
    assert sorted(outcomes) == ["asked"] + ["in progress"] * 19


def test_row_22_whoever_asks_in_time_and_waits_for_the_lock_has_asked_in_time():
    """The guarantee ends while the request waits: the instant at which it was asked counts."""
    now = timezone.now()
    purchase = PaidPurchaseFactory(
        paid_at=now - timedelta(days=30), refundable_until=now + timedelta(hours=1)
    )
    locked = threading.Event()

    def hold():
        with transaction.atomic():
            held = Purchase.objects.select_for_update().filter(pk=purchase.pk)
            held.get()
            locked.set()
            until_somebody_waits()
            this_instant = Func(template="clock_timestamp()", output_field=DateTimeField())
            held.update(refundable_until=this_instant)

    def ask():
        assert locked.wait(10)
        with transaction.atomic():
            asked = Purchase.objects.select_for_update().within_guarantee()
            return asked.filter(pk=purchase.pk).first()

    assert purchase in at_once(hold, ask)
    assert not Purchase.objects.within_guarantee().exists()
