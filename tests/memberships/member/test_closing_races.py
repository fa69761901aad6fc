"""Closing an account while something else happens to it, on real locks. Row 11 of the matrix."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from memberships.gateway import checkout
from memberships.gateway.client import Patience
from memberships.member import closing
from memberships.member.leaving import at_stake
from memberships.models import Membership, Purchase, Refund, User
from memberships.payments import inbox, selling, snapshot
from memberships.payments.settling import settle
from memberships.purchases import services
from portal.post.models import Mail
from tests.concurrency import at_once, until_somebody_waits
from tests.memberships.factories import PlanFactory, StaffFactory, UserFactory
from tests.memberships.payments.buying import (
    at_checkout,
    bought,
    pay,
    put_in,
    settled,
    take_up,
    told,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def close(user, told=None):
    return closing.close(user=user, told=told or at_stake(user).told, now=timezone.now())


def open_at_stripe():
    since = timezone.now() - timedelta(hours=1)
    return [
        one for one in checkout.sessions_since(since, patience=Patience.WEB) if one.status == "open"
    ]


def beside(work):
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


def nobody_is_left_with_money():
    """Whatever is live or open belongs to somebody."""
    assert not Membership.objects.live().filter(user=None).exists()
    assert not Purchase.objects.filter(user=None, state__in=["created", "open"]).exists()
    assert not Purchase.objects.paid_without_membership().exists()


def test_row_11_twice_at_once_closes_once(sandbox):
    user = at_checkout().user
    said = at_stake(user).told
    outcomes = at_once(*[lambda: close(user, said)] * 4)
    assert [type(one) for one in outcomes] == [closing.Farewell] * 4
    assert [bool(one.email) for one in outcomes].count(True) == 1
    assert not User.objects.exists()
    assert Mail.objects.count() == 1
    nobody_is_left_with_money()


def test_row_11_payment_that_settles_while_the_account_closes_goes_back(sandbox, monkeypatch):
    """One worker has fetched "paid" and not written it; the account closes; the worker goes on."""
    purchase = at_checkout()
    pay(sandbox, purchase, way="later")
    assert settled(purchase).state == "processing"
    sandbox.control("settle_payment", session=purchase.checkout_session_id, succeeds=True)
    has_fetched, may_go_on = threading.Event(), threading.Event()
    fetch = snapshot.of

    def slowly(seen, *, patience):
        facts = fetch(seen, patience=patience)
        if not has_fetched.is_set():
            has_fetched.set()
            assert may_go_on.wait(10)
        return facts

    monkeypatch.setattr(snapshot, "of", slowly)
    worker = beside(lambda: settle(purchase.pk, now=timezone.now()))
    assert has_fetched.wait(10)
    close(purchase.user)
    may_go_on.set()
    worker.join(20)
    assert worker.came_of_it.purchase.state == "refund_pending"
    assert Refund.objects.get().origin == "account_deleted"
    take_up()
    assert Refund.objects.get().state == "succeeded"
    nobody_is_left_with_money()


def test_row_11_payment_that_was_settled_first_is_seen_before_anything_is_deleted(
    sandbox, monkeypatch
):
    """The money is written down between the look at the checkouts and the deletion."""
    purchase = at_checkout()
    told = at_stake(purchase.user).told
    end = closing._end_checkouts

    def paid_meanwhile(user, *, now):
        pay(sandbox, purchase)
        return end(user, now=now)

    monkeypatch.setattr(closing, "_end_checkouts", paid_meanwhile)
    with pytest.raises(closing.OtherwiseThanSaid):
        close(purchase.user, told)
    assert User.objects.filter(pk=purchase.user_id).exists()
    assert Membership.objects.get().status == "active"


def test_row_11_many_settle_while_the_account_closes(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase, way="later")
    settled(purchase)
    sandbox.control("settle_payment", session=purchase.checkout_session_id, succeeds=True)
    told = at_stake(purchase.user).told
    outcomes = at_once(
        lambda: close(purchase.user, told),
        *[lambda: settle(purchase.pk, now=timezone.now())] * 4,
    )
    unexpected = [
        one
        for one in outcomes
        if isinstance(one, Exception) and not isinstance(one, closing.OtherwiseThanSaid)
    ]
    assert unexpected == []
    if User.objects.exists():  # the money was faster: the page is shown anew, and confirmed anew
        close(purchase.user)
    else:
        take_up()
        assert Refund.objects.get().state == "succeeded"
    nobody_is_left_with_money()
    assert not User.objects.exists()


def test_row_11_buying_in_another_tab_leaves_no_open_checkout(sandbox, monkeypatch):
    """The purchase is there and Stripe is being asked for its session when the account closes."""
    plan, user = PlanFactory(active=True), UserFactory()
    ask = checkout.open_session

    def closed_meanwhile(**how):
        monkeypatch.setattr(checkout, "open_session", ask)
        close(user)
        return ask(**how)

    monkeypatch.setattr(checkout, "open_session", closed_meanwhile)
    with pytest.raises(selling.CannotSell):
        selling.begin(user=user, plan_id=plan.pk, return_to="", now=timezone.now())
    assert not User.objects.exists()
    assert open_at_stripe() == []
    nobody_is_left_with_money()


def test_row_11_session_that_was_just_opened_is_closed(sandbox, monkeypatch):
    """The session is made and not written down yet when the account closes."""
    plan, user = PlanFactory(active=True), UserFactory()
    ask = checkout.open_session

    def closed_afterwards(**how):
        monkeypatch.setattr(checkout, "open_session", ask)
        session = ask(**how)
        close(user)
        return session

    monkeypatch.setattr(checkout, "open_session", closed_afterwards)
    with pytest.raises(selling.CannotSell):
        selling.begin(user=user, plan_id=plan.pk, return_to="", now=timezone.now())
    assert not User.objects.exists()
    assert open_at_stripe() == []
    nobody_is_left_with_money()


def test_row_11_purchase_begun_in_the_middle_is_not_missed(sandbox, monkeypatch):
    """It is committed after the checkouts were ended, and before the person is locked."""
    plan, user = PlanFactory(active=True), UserFactory()
    end = closing._end_checkouts
    rounds = []

    def begun_meanwhile(person, *, now):
        beyond_us = end(person, now=now)
        rounds.append(1)
        if len(rounds) == 1:
            selling.begin(user=user, plan_id=plan.pk, return_to="", now=timezone.now())
        return beyond_us

    monkeypatch.setattr(closing, "_end_checkouts", begun_meanwhile)
    close(user)
    assert len(rounds) == 2
    assert open_at_stripe() == []
    assert Purchase.objects.get().state == "expired"
    nobody_is_left_with_money()


def test_row_11_purchase_begun_after_the_others_were_locked_is_not_missed(
    sandbox, monkeypatch, in_thread
):
    """It is committed after the purchases were locked, and before the person is."""
    plan, user = PlanFactory(active=True), UserFactory()
    lock = closing._lock_person

    def begun_meanwhile(person):
        monkeypatch.setattr(closing, "_lock_person", lock)
        in_thread(selling.begin, user=user, plan_id=plan.pk, return_to="", now=timezone.now())
        assert len(open_at_stripe()) == 1
        return lock(person)

    monkeypatch.setattr(closing, "_lock_person", begun_meanwhile)
    close(user)
    assert open_at_stripe() == []
    assert Purchase.objects.get().state == "expired"
    nobody_is_left_with_money()


@pytest.mark.parametrize("what", ["purchase", "grant"])
def test_row_11_what_begins_while_the_person_is_being_deleted_does_not_begin(
    sandbox, monkeypatch, what
):
    plan, user = PlanFactory(active=True), UserFactory()
    erase = closing.erase
    threads = []

    def begin():
        if what == "grant":
            return services.grant(user=user, by=None, now=timezone.now())
        return selling.begin(user=user, plan_id=plan.pk, return_to="", now=timezone.now())

    def begun_meanwhile(person):
        threads.append(beside(begin))
        until_somebody_waits()
        erase(person)

    monkeypatch.setattr(closing, "erase", begun_meanwhile)
    close(user)
    threads[0].join(20)
    assert isinstance(threads[0].came_of_it, selling.CannotSell | IntegrityError)
    assert not User.objects.exists()
    assert not Purchase.objects.exists()
    assert not Membership.objects.exists()
    assert open_at_stripe() == []


def test_row_11_at_random_buyers_and_closers(sandbox):
    plan = PlanFactory(active=True)
    people = [UserFactory() for _ in range(4)]

    def buy(user):
        return lambda: selling.begin(user=user, plan_id=plan.pk, return_to="", now=timezone.now())

    calls = [call for user in people for call in (buy(user), lambda user=user: close(user))]
    at_once(*calls)
    assert not User.objects.exists()
    assert open_at_stripe() == []
    nobody_is_left_with_money()


def test_no_lock_is_held_while_stripe_is_asked(sandbox, monkeypatch, in_thread):
    purchase = at_checkout()
    expire = checkout.expire_session
    seen = []

    def looked_at(session_id, *, patience):
        def lock():
            with transaction.atomic():
                User.objects.select_for_update(nowait=True).get(pk=purchase.user_id)
                return Purchase.objects.select_for_update(nowait=True).get().pk

        assert not connection.in_atomic_block
        seen.append(in_thread(lock))
        return expire(session_id, patience=patience)

    monkeypatch.setattr(checkout, "expire_session", looked_at)
    close(purchase.user)
    assert seen == [purchase.pk]


def test_last_two_superusers_cannot_both_leave():
    two = [StaffFactory(), StaffFactory()]
    tolds = [at_stake(one).told for one in two]
    outcomes = at_once(
        *[lambda one=one, told=told: close(one, told) for one, told in zip(two, tolds, strict=True)]
    )
    kinds = {type(one) for one in outcomes}
    assert kinds == {closing.Farewell, closing.LastSuperuser}
    assert User.objects.filter(is_superuser=True).count() == 1


def test_worker_that_says_what_came_of_an_event_need_not_wait(sandbox, monkeypatch):
    """It holds its event and names the purchase that the closing holds; the closing then wants the
    event. If the worker had to wait, they would wait for each other.
    """
    purchase = bought(sandbox)
    put_in(told(purchase)[0])
    event = inbox.claim()
    erase = closing.erase
    ended = []

    def ended_meanwhile(person):
        worker = beside(lambda: inbox.done(event, purchase=purchase))
        worker.join(5)
        ended.append(not worker.is_alive() and worker.came_of_it)
        erase(person)

    monkeypatch.setattr(closing, "erase", ended_meanwhile)
    close(purchase.user)
    assert ended == [True]


def test_membership_given_in_the_middle_is_not_left_without_its_person(monkeypatch, in_thread):
    """It is committed after the memberships were locked, and before the person is."""
    user = UserFactory()
    told = at_stake(user).told
    lock = closing._lock_person

    def given_meanwhile(person):
        monkeypatch.setattr(closing, "_lock_person", lock)
        in_thread(services.grant, user=user, by=None, now=timezone.now())
        return lock(person)

    monkeypatch.setattr(closing, "_lock_person", given_meanwhile)
    with pytest.raises(closing.OtherwiseThanSaid):
        close(user, told)
    assert Membership.objects.live().get().user == user
    nobody_is_left_with_money()
