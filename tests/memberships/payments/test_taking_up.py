"""What comes of an event. Numbers in names are rows of the matrix."""

import logging
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from memberships.models import Purchase, StripeEvent
from memberships.payments import inbox, taking_up
from tests.memberships.factories import StripeEventFactory
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    bought,
    pay,
    put_in,
    refund_of,
    settled,
    take_up,
    told,
)

pytestmark = pytest.mark.django_db


def about(kind, thing, **fields):
    """An event of our own making about something."""
    payload = {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_790_000_000,
        "livemode": False,
        "type": kind,
        "data": {"object": thing},
    }
    return StripeEventFactory(event_id=payload["id"], type=kind, payload=payload, **fields)


def taken_up(event):
    take_up()
    event.refresh_from_db()
    return event


def test_row_3_webhook_before_the_return_opens_everything(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    [event] = told(purchase)
    put_in(event)
    take_up()
    kept = StripeEvent.objects.get()
    assert (kept.state, kept.purchase, access(purchase)) == ("processed", purchase, True)
    assert settled(purchase).state == "paid"


def test_row_6_event_that_comes_again_has_one_effect(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    [event] = told(purchase)
    for _again in range(3):
        put_in(event)
        take_up()
    purchase.refresh_from_db()
    assert (StripeEvent.objects.count(), purchase.version) == (1, 1)


def test_row_9_payment_of_another_product_is_none_of_ours(sandbox):
    session = {"object": "checkout.session", "id": "cs_theirs", "metadata": {}}
    assert taken_up(about("checkout.session.completed", session)).state == "ignored"
    charge = {"object": "charge", "id": "ch_theirs", "metadata": {}}
    assert taken_up(about("charge.refunded", charge)).state == "ignored"


@pytest.mark.parametrize("name", ["7d9c1e1e-0000-4000-8000-000000000000", "no-uuid"])
def test_row_10_payment_that_names_a_purchase_that_is_gone_waits_for_staff(name, caplog):
    charge = {"object": "charge", "id": "ch_1", "metadata": {"purchase": name}}
    event = taken_up(about("charge.refunded", charge))
    assert event.state == "parked"
    assert name in event.error


def test_row_7_dispute_heard_of_before_the_sale_finds_its_purchase(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    [completed] = told(purchase)
    charge = sandbox.control("dispute", charge=_charge(completed))["charge"]
    dispute = told(purchase)[-1]
    assert (dispute.charge_id, dict(dispute.metadata)) == (charge, {})
    put_in(dispute)
    take_up()
    purchase.refresh_from_db()
    assert (purchase.state, StripeEvent.objects.get().state) == ("disputed", "processed")


def _charge(event):
    from memberships.gateway import money
    from memberships.gateway.client import Patience

    return money.payment(event.payment_intent_id, patience=Patience.WEB).charge.id


def test_session_that_was_made_and_never_written_down_is_adopted(sandbox):
    """The crash between Stripe's call and the commit, when a session is opened."""
    purchase = at_checkout()
    pay(sandbox, purchase)
    Purchase.objects.update(state="created", checkout_session_id=None)
    [event] = told(purchase)
    put_in(event)
    take_up()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.checkout_session_id) == ("paid", event.object_id)


def test_paid_session_other_than_the_purchase_s_own_waits_for_staff(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    [event] = told(purchase)
    Purchase.objects.update(checkout_session_id="cs_test_other")
    put_in(event)
    take_up()
    kept = StripeEvent.objects.get()
    assert (kept.state, access(purchase)) == ("parked", False)
    assert "another session" in kept.error


def test_row_32_wrong_amount_parks_the_event(sandbox):
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    take_up()
    kept = StripeEvent.objects.get()
    assert kept.state == "parked"
    assert "Another amount" in kept.error
    assert not access(purchase)


def test_rows_18_and_43_silence_of_stripe_pauses_and_then_it_is_done(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    sandbox.control("fault", kind="503", call="GET", times=9)
    take_up()
    kept = StripeEvent.objects.get()
    assert (kept.state, kept.tries) == ("received", 1)
    assert kept.error.startswith("TryAgainLater")
    sandbox.control("faults_end")
    StripeEvent.objects.update(next_try_at=timezone.now())
    take_up()
    assert access(purchase)


@pytest.mark.parametrize("key", ["", "sk_test_withdrawn"])
def test_key_that_stripe_does_not_take_says_nothing_about_the_event(sandbox, settings, key):
    purchase = at_checkout()
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    good, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, key
    for _again in range(inbox.TRIES_MAX + 1):
        StripeEvent.objects.update(next_try_at=timezone.now())
        take_up()
    kept = StripeEvent.objects.get()
    assert (kept.state, kept.error.split(":")[0]) == ("received", "NotLetIn")
    assert kept.next_try_at > timezone.now() + timedelta(minutes=4)
    settings.STRIPE_SECRET_KEY = good
    StripeEvent.objects.update(next_try_at=timezone.now())
    take_up()
    assert access(purchase)


def test_row_43_poison_is_dead_after_ten_tries_and_stops_nothing(caplog):
    poison = about("charge.refunded", {"object": "charge", "id": "ch_1", "metadata": {}})
    StripeEvent.objects.update(payload={})
    with caplog.at_level(logging.CRITICAL):
        for _again in range(inbox.TRIES_MAX):
            StripeEvent.objects.update(next_try_at=timezone.now())
            take_up()
    poison.refresh_from_db()
    assert (poison.state, poison.tries) == ("dead", inbox.TRIES_MAX)
    assert poison.error.startswith("ValueError")
    other = about("charge.refunded", {"object": "charge", "id": "ch_2", "metadata": {}})
    assert taken_up(other).state == "ignored"


def test_row_52_event_of_another_version_is_taken_up_all_the_same(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    StripeEvent.objects.update(api_version="2020-01-01")
    take_up()
    assert access(purchase)


def test_session_that_stripe_does_not_know_waits_for_staff(sandbox):
    purchase = at_checkout()
    Purchase.objects.update(checkout_session_id="cs_test_gone")
    session = {
        "object": "checkout.session",
        "id": "cs_test_gone",
        "metadata": {"purchase": str(purchase.pk)},
    }
    event = taken_up(about("checkout.session.completed", session))
    assert event.state == "parked"


def test_refunds_are_sent_in_the_same_round(sandbox):
    purchase = bought(sandbox)
    refund_of(purchase)
    take_up()
    purchase.refresh_from_db()
    assert purchase.state == "refunded"


def test_refund_that_cannot_be_settled_stops_no_other(sandbox):
    one, other = bought(sandbox), bought(sandbox, plan=None)
    refund_of(one, amount=500, requested_at=timezone.now())
    Purchase.objects.filter(pk=one.pk).update(checkout_session_id="cs_test_gone")
    refund_of(other, amount=500)
    take_up()
    assert settled(other).amount_refunded == 500


def test_round_ends_after_a_minute():
    times = iter([timezone.now(), *[timezone.now() + taking_up.LONGEST] * 2])
    event = about("charge.refunded", {"object": "charge", "id": "ch_1", "metadata": {}})
    taking_up.take_up(clock=lambda: next(times))
    event.refresh_from_db()
    assert event.state == "received"
