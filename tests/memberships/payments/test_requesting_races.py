"""Money back asked for at the same moment as something else, on real locks.

Numbers in names are rows of the matrix.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import DateTimeField, Func
from django.utils import timezone

from memberships.models import Membership, Purchase, Refund
from memberships.payments import snapshot
from memberships.payments.requesting import GuaranteeOver, RefundUnderWay, request_refund
from portal.post.models import Mail
from tests.concurrency import at_once, until_somebody_waits
from tests.memberships.factories import MembershipFactory, PaidPurchaseFactory
from tests.memberships.payments.buying import at_stripe, bought, sent, settled, status, take_up

pytestmark = pytest.mark.django_db(transaction=True)


def ask(purchase, origin=Refund.Origin.SELF_SERVICE):
    return request_refund(
        purchase_id=purchase.pk, origin=origin, by=None, now=timezone.now(), reason="race"
    )


def test_row_12_of_many_at_once_one_is_written_and_all_the_others_see_it():
    purchase = PaidPurchaseFactory()
    MembershipFactory(user=purchase.user, purchase=purchase, source="purchase")
    callers = [Refund.Origin.SELF_SERVICE, Refund.Origin.STAFF] * 6
    outcomes = at_once(*[lambda origin=origin: ask(purchase, origin) for origin in callers])
    [written] = [one for one in outcomes if isinstance(one, Refund)]
    others = [one for one in outcomes if one is not written]
    assert all(isinstance(one, RefundUnderWay) for one in others), others
    assert {one.refund for one in others} == {written}
    assert Refund.objects.count() == Mail.objects.count() == 1
    purchase.refresh_from_db()
    assert (purchase.state, purchase.version) == ("refund_pending", 1)


@pytest.mark.parametrize("in_time", [True, False])
def test_row_22_instant_of_asking_counts_and_not_the_wait_for_the_lock(in_time):
    """The row is held by another; meanwhile the guarantee ends, or had ended when it was asked."""
    now = timezone.now()
    purchase = PaidPurchaseFactory(
        paid_at=now - timedelta(days=30), refundable_until=now + timedelta(hours=1)
    )
    locked = threading.Event()

    def hold():
        with transaction.atomic():
            held = Purchase.objects.select_for_update().filter(pk=purchase.pk)
            held.get()
            if not in_time:
                held.update(refundable_until=this_instant)
            locked.set()
            until_somebody_waits()
            if in_time:
                held.update(refundable_until=this_instant)

    this_instant = Func(template="clock_timestamp()", output_field=DateTimeField())

    def request():
        assert locked.wait(10)
        return ask(purchase)

    outcomes = at_once(hold, request)
    [came_of_it] = [one for one in outcomes if one is not None]
    assert isinstance(came_of_it, Refund if in_time else GuaranteeOver), came_of_it


class Slow:
    """One thread settles: it has asked Stripe, and waits with what it knows."""

    def __init__(self, monkeypatch, purchase):
        self.has_fetched, self.may_go_on = threading.Event(), threading.Event()
        self.fetched = []
        fetch = snapshot.of

        def slowly(row, *, patience):
            facts = fetch(row, patience=patience)
            if threading.current_thread() is self.thread:
                self.fetched.append(len(facts.refunds))
                if len(self.fetched) == 1:
                    self.has_fetched.set()
                    assert self.may_go_on.wait(10)
            return facts

        def work():
            try:
                self.came_of_it = settled(purchase)
            finally:
                connection.close()

        monkeypatch.setattr(snapshot, "of", slowly)
        self.thread = threading.Thread(target=work)
        self.thread.start()
        assert self.has_fetched.wait(10)

    def go_on(self):
        self.may_go_on.set()
        self.thread.join(10)


def test_settling_that_knows_nothing_of_the_request_starts_over(sandbox, monkeypatch):
    purchase = bought(sandbox)
    slow = Slow(monkeypatch, purchase)
    refund = ask(purchase)
    slow.go_on()
    assert len(slow.fetched) == 2
    assert slow.came_of_it.version == 3  # bought, asked for, settled
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refund_pending", ("suspended", None))
    assert Refund.objects.get() == refund


def test_settling_that_slept_while_the_money_went_back_starts_over(sandbox, monkeypatch):
    """Asked for, sent and settled by others, between the look at Stripe and the lock."""
    purchase = bought(sandbox)
    slow = Slow(monkeypatch, purchase)
    ask(purchase)
    sent()
    slow.go_on()
    assert slow.fetched == [0, 1]
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))


def test_row_13_request_and_dashboard_at_once_return_the_money_once(sandbox):
    purchase = bought(sandbox)

    def in_the_dashboard():
        sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)

    at_once(lambda: ask(purchase), in_the_dashboard, take_up, lambda: settled(purchase))
    Refund.objects.in_flight().update(next_try_at=timezone.now())
    take_up()
    settled(purchase)
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))
    assert sum(one.amount for one in at_stripe(purchase)) == purchase.amount_total
    assert not Refund.objects.in_flight().exists()


def test_no_lock_is_left_behind_by_a_refusal():
    purchase = PaidPurchaseFactory(
        paid_at=timezone.now() - timedelta(days=40),
        refundable_until=timezone.now() - timedelta(days=9),
    )
    with pytest.raises(GuaranteeOver):
        ask(purchase)
    with transaction.atomic():
        Purchase.objects.select_for_update(nowait=True).get(pk=purchase.pk)
    assert not Membership.objects.exists()
