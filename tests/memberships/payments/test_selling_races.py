"""Several clicks at the same moment, on real locks, with a real process for Stripe."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from memberships.gateway import checkout
from memberships.gateway.client import Patience
from memberships.models import Plan, Purchase, User
from memberships.payments import openings, selling
from memberships.purchases import plans
from tests.concurrency import at_once, until_somebody_waits
from tests.memberships.factories import PlanFactory, PlanStockFactory, UserFactory
from tests.memberships.payments.buying import access, pay, settled

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def begin(user, plan, **more):
    return selling.begin(user=user, plan_id=plan.pk, return_to="", now=timezone.now(), **more)


def at_stripe():
    since = timezone.now() - timedelta(hours=1)
    return checkout.sessions_since(since, patience=Patience.WEB)


def in_background(work):
    """Let the work run beside the test; join the thread for its end, then look at `.came_of_it`."""

    def run():
        try:
            thread.came_of_it = work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            thread.came_of_it = error
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def asleep_in_transactions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%%'"
        )
        return cursor.fetchone()[0]


def test_rows_1_and_2_six_clicks_at_once_come_to_one_session(sandbox):
    user, plan = UserFactory(), PlanStockFactory(plan__active=True, capacity=6).plan
    outcomes = at_once(*[lambda: begin(user, plan)] * 6)
    assert {type(one) for one in outcomes} == {selling.Checkout}, outcomes
    assert len({one.url for one in outcomes}) == 1
    assert Purchase.objects.count() == len(at_stripe()) == 1
    plan.stock.refresh_from_db()
    assert plan.stock.held == 1


def test_rows_1_and_2_clicks_at_once_after_a_kept_failure_come_to_one_session(sandbox):
    user, plan = UserFactory(), PlanFactory(active=True)
    sandbox.control("fault", kind="500", call="POST")
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)
    outcomes = at_once(*[lambda: begin(user, plan)] * 4)
    assert len({getattr(one, "url", one) for one in outcomes}) == 1, outcomes
    assert Purchase.objects.get().attempt == 2
    assert len(at_stripe()) == 1


def test_row_1_click_that_was_overtaken_makes_the_session_of_the_other(sandbox, monkeypatch):
    """One has written the row and falls asleep before the call; the other must not wait for it."""
    user, plan = UserFactory(), PlanFactory(active=True)
    is_asleep, may_go_on, ask = threading.Event(), threading.Event(), openings.ask
    calls = []

    def slowly(purchase, *, email):
        calls.append(purchase)
        if len(calls) == 1:
            is_asleep.set()
            assert may_go_on.wait(10)
        return ask(purchase, email=email)

    monkeypatch.setattr(openings, "ask", slowly)
    sleeper = in_background(lambda: begin(user, plan))
    assert is_asleep.wait(10)
    assert asleep_in_transactions() == 0
    with transaction.atomic():
        Purchase.objects.select_for_update(nowait=True).get()
    awake = begin(user, plan)
    may_go_on.set()
    sleeper.join(10)
    assert sleeper.came_of_it.url == awake.url
    assert Purchase.objects.count() == len(at_stripe()) == 1


def test_row_45_twelve_buyers_for_three_places(sandbox):
    plan = PlanStockFactory(plan__active=True, capacity=3).plan
    users = [UserFactory() for _one in range(12)]
    outcomes = at_once(*(lambda user=user: begin(user, plan) for user in users))
    sold_out = [one for one in outcomes if isinstance(one, selling.SoldOut)]
    assert (len(sold_out), Purchase.objects.count(), len(at_stripe())) == (9, 3, 3)
    plan.stock.refresh_from_db()
    assert plan.stock.held == 3


def test_row_44_press_while_the_first_payment_is_settled_buys_nothing_twice(sandbox):
    user, plan = UserFactory(), PlanFactory(active=True)
    first = begin(user, plan).purchase
    pay(sandbox, first)
    outcomes = at_once(lambda: settled(first), *[lambda: begin(user, plan)] * 3)
    refused = [one for one in outcomes if isinstance(one, selling.AlreadyMember)]
    assert len(refused) == 3, outcomes
    assert access(first)
    assert len(at_stripe()) == 1


def test_row_32_plan_cannot_be_edited_under_a_sale(sandbox):
    """Its row is held from reading the terms to the commit of the purchase."""
    plan = PlanFactory(active=True)
    users = [UserFactory() for _one in range(3)]

    def edit():
        with transaction.atomic():
            Plan.objects.filter(pk=plan.pk).update(amount=29_900)

    read = selling.terms_of(plan)
    outcomes = at_once(edit, *(lambda user=user: begin(user, plan, terms=read) for user in users))
    plan.refresh_from_db()
    sold = Purchase.objects.values_list("amount_total", flat=True)
    assert set(sold) <= {plan.amount}, outcomes
    if plan.amount == 29_900:
        assert not sold


def test_row_11_account_that_is_closed_at_the_same_moment_is_sold_nothing(sandbox, monkeypatch):
    user, plan = UserFactory(), PlanFactory(active=True)
    refuse = selling._refuse_members
    times = []

    def slowly(buyer, *, now):
        times.append(now)
        if len(times) == 2:  # inside the transaction of the row
            at_once(lambda: User.objects.filter(pk=buyer.pk).delete())
        refuse(buyer, now=now)

    monkeypatch.setattr(selling, "_refuse_members", slowly)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)
    assert not Purchase.objects.exists()
    assert at_stripe() == []


def test_row_32_buyer_who_waited_for_a_plan_that_was_succeeded_is_told_of_a_change(sandbox):
    plan = PlanFactory(active=True)
    user = UserFactory()
    with transaction.atomic():
        plans.succeed(plan=plan, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
        waiting = in_background(lambda: begin(user, plan))
        until_somebody_waits()
    waiting.join(10)
    assert isinstance(waiting.came_of_it, selling.OfferChanged), waiting.came_of_it
