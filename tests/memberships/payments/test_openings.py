"""Purchases that never heard of their session. Numbers in names are rows of the matrix."""

from datetime import timedelta

import pytest
from django.utils import timezone

from memberships.gateway.refusals import TryAgainLater
from memberships.models import Purchase
from memberships.payments import openings, reconciliation
from tests.memberships.factories import PlanStockFactory, PurchaseFactory
from tests.memberships.payments.buying import access, at_checkout, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    """One place."""
    return PlanStockFactory(capacity=1).plan


def lost(plan):
    """The session is open at Stripe, the answer was lost, and the time is over by our clock."""
    purchase = at_checkout(plan=plan)
    session = purchase.checkout_session_id
    Purchase.objects.filter(pk=purchase.pk).update(
        state="created",
        checkout_session_id=None,
        checkout_url="",
        expires_at=timezone.now() - timedelta(seconds=1),
    )
    purchase.refresh_from_db()
    return purchase, session


def killed(plan, *, ago=timedelta(seconds=1)):
    """The process was killed between the row and the call."""
    purchase = PurchaseFactory(plan=plan, expires_at=timezone.now() - ago, place="held")
    plan.stock.held = 1
    plan.stock.save()
    return purchase


def swept(purchase):
    now = timezone.now()
    found = reconciliation.reconcile(since=now - timedelta(days=2), now=now)
    purchase.refresh_from_db()
    purchase.plan.stock.refresh_from_db()
    return found


def test_row_46_purchase_without_a_session_ends_and_its_place_is_free(sandbox, plan):
    purchase = killed(plan)
    version = purchase.version
    assert swept(purchase).troubled == ()
    assert (purchase.state, purchase.place, purchase.plan.stock.held) == ("expired", "none", 0)
    assert purchase.version > version


def test_row_46_place_is_not_let_go_before_the_time_is_over(sandbox, plan):
    purchase = killed(plan, ago=timedelta(minutes=-1))
    swept(purchase)
    assert (purchase.state, purchase.place) == ("created", "held")


def test_row_46_place_is_not_let_go_by_the_clock_alone(sandbox, plan):
    purchase = killed(plan)
    sandbox.control("fault", kind="503", call="GET /v1/checkout/sessions", times=9)
    with pytest.raises(TryAgainLater):
        list(openings.sweep())
    purchase.refresh_from_db()
    assert (purchase.state, purchase.place) == ("created", "held")


def test_row_46_lost_session_that_is_open_keeps_its_place(sandbox, plan):
    purchase, session = lost(plan)
    swept(purchase)
    assert (purchase.state, purchase.place) == ("open", "held")
    assert purchase.checkout_session_id == session
    assert purchase.checkout_url.endswith(session)


def test_row_46_lost_session_that_is_over_lets_the_place_go(sandbox, plan):
    purchase, _session = lost(plan)
    sandbox.control("clock", shift_s=3600)
    swept(purchase)
    assert (purchase.state, purchase.place, purchase.plan.stock.held) == ("expired", "none", 0)


def test_row_5_lost_session_that_was_paid_opens_everything(sandbox, plan):
    purchase, session = lost(plan)
    sandbox.control("pay", session=session)
    swept(purchase)
    assert (purchase.state, purchase.place, purchase.plan.stock.sold) == ("paid", "sold", 1)
    assert access(purchase)


def test_session_that_an_event_told_of_and_nobody_settled_is_settled(sandbox, plan):
    purchase = at_checkout(plan=plan)
    pay(sandbox, purchase)
    Purchase.objects.update(state="created", expires_at=timezone.now() - timedelta(seconds=1))
    swept(purchase)
    assert purchase.state == "paid"


def test_sessions_of_others_are_left_alone(sandbox, plan):
    other = at_checkout()
    purchase = killed(plan)
    swept(purchase)
    other.refresh_from_db()
    assert (purchase.state, other.state) == ("expired", "open")


def test_stripe_is_not_asked_where_nothing_waits(sandbox, spy):
    assert list(openings.sweep()) == []
    assert spy.calls == []


def test_purchase_that_moved_while_stripe_was_asked_is_left_alone(sandbox, plan):
    purchase = killed(plan)
    Purchase.objects.update(version=7)
    assert not openings.end(purchase)
    assert not openings.count_on(purchase)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.attempt) == ("created", 1)


def test_of_two_sessions_the_one_with_money_is_the_purchase_s(sandbox, plan):
    """It must never come to that; if it does, whoever paid reads."""
    purchase, paid = lost(plan)
    sandbox.control("pay", session=paid)
    openings.count_on(purchase)
    purchase.refresh_from_db()
    Purchase.objects.update(expires_at=timezone.now() + openings.LASTS)
    purchase.refresh_from_db()
    openings.ask(purchase, email="buyer@example.org")
    assert openings.find(purchase).id == paid


def test_session_that_stripe_does_not_list_is_somebody_s_to_look_at(sandbox, plan):
    purchase = killed(plan)
    Purchase.objects.update(checkout_session_id="cs_test_gone")
    assert swept(purchase).troubled == (purchase.pk,)
    assert (purchase.state, purchase.place) == ("created", "held")
