"""What Stripe said word for word is kept as long as it is needed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from memberships.models import StripeEvent
from memberships.payments import inbox, payloads, tasks
from portal.celery import app
from tests.memberships.factories import (
    DisputeFactory,
    PaidPurchaseFactory,
    PurchaseFactory,
    StripeEventFactory,
    SucceededRefundFactory,
)
from tests.memberships.payments.buying import access, at_checkout, pay, put_in, take_up, told

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = NOW - payloads.KEPT
ENDED = {"state": "processed", "processed_at": NOW}


def said(event):
    event.refresh_from_db()
    return event.payload


def test_after_thirteen_months_the_words_go_and_the_row_stays():
    old = StripeEventFactory(received_at=LONG_AGO, **ENDED)
    young = StripeEventFactory(received_at=LONG_AGO + timedelta(seconds=1), **ENDED)
    assert payloads.drop_old(now=NOW) == 1
    assert (said(old), said(young)) == (None, {"object": "event"})
    assert (old.sha256, old.state, old.object_id) == ("0" * 64, "processed", "cs_test_1")
    assert payloads.drop_old(now=NOW) == 0


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ({"state": "received"}, True),
        ({"state": "processing", "leased_until": NOW}, True),
        ({"state": "parked", "error": "No purchase."}, True),
        ({"state": "dead", "error": "KeyError"}, False),
        ({"state": "ignored"}, False),
    ],
    ids=lambda given: given["state"] if isinstance(given, dict) else "",
)
def test_what_is_still_to_do_keeps_its_words(state, kept):
    event = StripeEventFactory(received_at=LONG_AGO, **state)
    payloads.drop_old(now=NOW)
    assert bool(said(event)) is kept


def test_task_drops_and_beat_calls_it_daily():
    event = StripeEventFactory(received_at=timezone.now() - payloads.KEPT, **ENDED)
    tasks.drop_old_payloads()
    assert said(event) is None
    [entry] = [
        one
        for one in app.conf.beat_schedule.values()
        if one["task"] == tasks.drop_old_payloads.name
    ]
    assert entry["schedule"].hour == {3}


def test_everything_said_about_one_purchase_goes_and_nothing_of_another():
    purchase = PaidPurchaseFactory()
    other = StripeEventFactory(object_id="cs_test_other", purchase=PaidPurchaseFactory(), **ENDED)
    refund, dispute = SucceededRefundFactory(purchase=purchase), DisputeFactory(purchase=purchase)
    names = [
        purchase.checkout_session_id,
        purchase.payment_intent_id,
        purchase.charge_id,
        refund.stripe_refund_id,
        dispute.pk,
    ]
    about = [StripeEventFactory(object_id=name, **ENDED) for name in names]
    about.append(StripeEventFactory(object_id="re_unknown", purchase=purchase, **ENDED))
    for thing in (
        {"metadata": {"purchase": str(purchase.pk)}},
        {"payment_intent": purchase.payment_intent_id},
    ):
        payload = {"data": {"object": thing}}
        about.append(StripeEventFactory(object_id="x", payload=payload))
        about.append(StripeEventFactory(object_id="x", payload=payload, state="dead", error="No."))
    payloads.drop_of(purchase)
    assert [said(one) for one in about] == [None] * len(about)
    assert {one.purchase for one in about} == {purchase}
    assert said(other) is not None


def test_purchase_that_never_met_stripe_takes_nobody_s_words():
    event = StripeEventFactory(payload={"data": {"object": {"payment_intent": None}}})
    payloads.drop_of(PurchaseFactory())
    assert said(event) is not None


def test_event_without_words_is_taken_up_by_the_purchase_it_is_about(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    payloads.drop_of(purchase)
    take_up()
    event = StripeEvent.objects.get()
    assert (event.state, event.payload, access(purchase)) == ("processed", None, True)
    assert inbox.requeue(event)
    take_up()
    event.refresh_from_db()
    assert event.state == "processed"


def test_what_comes_after_the_account_was_closed_is_not_kept(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    purchase.user.delete()
    take_up()
    event = StripeEvent.objects.get()
    assert (event.state, event.purchase, event.payload) == ("processed", purchase, None)
    purchase.refresh_from_db()
    assert (purchase.card_brand, purchase.card_last4, purchase.receipt_url) == ("", "", "")
    assert purchase.card_country


def test_death_between_dropping_and_being_done_loses_no_event(sandbox, monkeypatch):
    purchase = at_checkout()
    pay(sandbox, purchase)
    purchase.user.delete()
    put_in(told(purchase)[0])

    def die(*args, **kwargs):
        raise MemoryError

    with monkeypatch.context() as dying:
        dying.setattr(inbox, "done", die)
        with pytest.raises(MemoryError):
            take_up()
    StripeEvent.objects.update(leased_until=NOW - timedelta(days=400))
    take_up()
    kept = StripeEvent.objects.get()
    assert (kept.state, kept.payload, kept.purchase) == ("processed", None, purchase)


def test_fraud_warning_is_known_without_its_words(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    take_up()
    StripeEventFactory(
        type="radar.early_fraud_warning.created", purchase=purchase, payload=None, **ENDED
    )
    StripeEvent.objects.exclude(payload=None).update(state="received", processed_at=None)
    take_up()
    purchase.refresh_from_db()
    assert "suspects fraud" in purchase.attention
