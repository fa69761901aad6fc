"""Sending refunds where it goes wrong: nothing twice, nothing lost, unknown is not failed.

Most of these give back a part of the payment: of the whole, Stripe would refuse the second by
itself, and a mistake of ours would not show. Numbers in names are rows of the matrix.
"""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from memberships.gateway import money
from memberships.gateway.refusals import TryAgainLater
from memberships.models import Refund
from memberships.payments import sending
from memberships.payments.requesting import request_refund
from portal.post.models import Mail
from tests.concurrency import at_once
from tests.memberships.payments.buying import (
    access,
    at_stripe,
    bought,
    put_in,
    refund_of,
    sent,
    settled,
    status,
    take_up,
    told,
)
from tests.memberships.sandboxed import impatience

pytestmark = pytest.mark.django_db

CALL = "POST /v1/refunds"


def lease_ran_out():
    Refund.objects.filter(state="sending").update(
        leased_until=timezone.now() - timedelta(minutes=1)
    )


def only(purchase):
    """The one refund that Stripe has, which is the one of our row."""
    [made] = at_stripe(purchase)
    row = Refund.objects.get(stripe_refund_id=made.id)
    assert (row.state, row.amount) == (made.status, made.amount)
    return row


def test_whole_refund_ends_the_membership_and_is_told(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    assert (settled(purchase).state, status(purchase)) == ("refund_pending", ("suspended", None))
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))
    assert only(purchase) == refund
    assert only(purchase).settled_at


def test_partial_refund_leaves_the_membership(sandbox):
    purchase = bought(sandbox)
    refund_of(purchase, amount=500, origin="staff")
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.amount_refunded) == ("paid", 500)
    assert access(purchase)


@pytest.mark.parametrize("kind", ["503", "429", "409", "drop_before", "drop_after"])
def test_rows_14_and_18_trouble_on_the_way_is_unknown_and_the_same_key_goes_on(sandbox, kind):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    sandbox.control("fault", kind=kind, call=CALL, times=3)
    sent()
    refund.refresh_from_db()
    assert (refund.state, refund.tries) == ("requested", 1)
    assert refund.error
    assert sending.claim() is None  # not before its pause is over
    sandbox.control("faults_end")
    sent()
    assert (only(purchase).pk, only(purchase).state) == (refund.pk, "succeeded")


def test_row_14_lost_answer_is_asked_for_again(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    sandbox.control("fault", kind="timeout_after", call=CALL, times=3)
    with impatience():
        sent()
    refund.refresh_from_db()
    assert (refund.state, len(at_stripe(purchase))) == ("requested", 1)
    sandbox.control("faults_end")
    sent()
    assert only(purchase).pk == refund.pk


def test_row_15_refund_has_its_row_before_stripe_is_told(sandbox, spy, monkeypatch):
    purchase = bought(sandbox)
    rows = []
    ask = spy.request

    def look(self, method, url, headers, post_data=None):
        if (method.upper(), urlsplit(url).path) == ("POST", "/v1/refunds"):
            named = dict(parse_qsl(post_data))["metadata[refund_id]"]
            rows.append(Refund.objects.get(pk=named, idempotency_key=headers["Idempotency-Key"]))
        return ask(self, method, url, headers, post_data)

    monkeypatch.setattr(spy, "request", look)
    asked = request_refund(
        purchase_id=purchase.pk,
        origin=Refund.Origin.SELF_SERVICE,
        by=purchase.user,
        now=timezone.now(),
    )
    sent()
    assert rows == [asked]
    assert (rows[0].state, only(purchase).pk) == ("sending", asked.pk)


class Killed(BaseException):
    """The worker's process ends here."""


def test_rows_15_and_42_killed_between_the_call_and_the_commit(sandbox, monkeypatch):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(sending, "settle", die)
        with pytest.raises(Killed):
            sent()
    refund.refresh_from_db()
    assert (refund.state, len(at_stripe(purchase))) == ("sending", 1)
    assert sending.claim() is None  # it is still held
    lease_ran_out()
    sent()
    assert only(purchase).pk == refund.pk


def test_row_15_webhook_settles_what_the_dead_worker_sent(sandbox, monkeypatch):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(sending, "settle", die)
        with pytest.raises(Killed):
            sent()
    for event in told(purchase):
        put_in(event)
    take_up()
    assert only(purchase).pk == refund.pk
    lease_ran_out()
    assert sending.claim() is None


def test_row_16_after_a_day_the_list_is_asked_before_the_key(sandbox, spy):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    sandbox.control("fault", kind="drop_after", call=CALL, times=3)
    sent()
    sandbox.control("faults_end")
    spy.calls.clear()
    sent(now=timezone.now() + timedelta(hours=24, minutes=1))
    assert [call for call in spy.calls if call[0].upper() == "POST"] == []
    assert only(purchase).pk == refund.pk


def test_row_16_after_a_day_without_a_match_it_is_sent(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    sandbox.control("fault", kind="503", call=CALL, times=3)
    sent()
    sandbox.control("faults_end")
    sent(now=timezone.now() + timedelta(hours=25))
    assert only(purchase).pk == refund.pk


def test_row_17_failure_kept_under_a_key_ends_in_a_new_row_that_says_so(sandbox):
    purchase = bought(sandbox)
    first = refund_of(purchase, amount=500, reason="asked by phone")
    sandbox.control("fault", kind="500", call=CALL)
    sent(times=2)
    first.refresh_from_db()
    assert (first.state, Refund.objects.count()) == ("requested", 1)
    sent()
    first.refresh_from_db()
    assert first.state == "canceled"
    assert "lists no refund" in first.error
    second = Refund.objects.in_flight().get()
    assert second.idempotency_key == f"{first.idempotency_key}-2"
    assert (second.amount, second.reason, second.requested_at) == (
        500,
        "asked by phone",
        first.requested_at,
    )
    sent()
    assert only(purchase).pk == second.pk


def test_row_17_failure_that_was_none_is_found_in_the_list(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    sandbox.control("fault", kind="500_after", call=CALL)
    sent(times=3)
    assert only(purchase).pk == refund.pk
    assert Refund.objects.count() == 1


def test_row_13_dashboard_was_faster(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    sent()
    refund.refresh_from_db()
    purchase.refresh_from_db()
    assert (refund.state, only(purchase).origin) == ("canceled", "dashboard")
    assert (purchase.state, purchase.amount_refunded) == ("refunded", purchase.amount_total)
    assert status(purchase) == ("ended", "refunded")


def test_row_27_dispute_was_faster(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    charge = purchase.charge_id
    sandbox.control("dispute", charge=charge)
    sent()
    refund.refresh_from_db()
    purchase.refresh_from_db()
    assert (refund.state, refund.failure_reason) == ("failed", "charge_disputed")
    assert (purchase.state, status(purchase)) == ("disputed", ("suspended", None))
    assert at_stripe(purchase) == []


def test_more_than_is_left_is_refused_and_shown_to_staff(sandbox):
    purchase = bought(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id, amount=500)
    refund = refund_of(purchase, origin="staff")  # asked for before we heard of that
    sent()
    refund.refresh_from_db()
    purchase.refresh_from_db()
    assert refund.state == "failed"
    assert "greater than unrefunded" in refund.error
    assert (purchase.state, purchase.amount_refunded, access(purchase)) == ("paid", 500, True)
    assert "Stripe refused a refund" in purchase.attention


def test_row_24_buyer_who_asked_for_all_gets_what_the_dashboard_left(sandbox):
    """The dashboard was used and we had not heard of it: the promise holds for the remainder."""
    purchase = bought(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id, amount=500)
    refund = refund_of(purchase, reason="moved away")
    sent()
    refund.refresh_from_db()
    assert (refund.state, refund.stripe_refund_id) == ("canceled", None)
    anew = Refund.objects.in_flight().get()
    assert (anew.amount, anew.reason) == (purchase.amount_total - 500, "moved away")
    assert (anew.idempotency_key, anew.requested_at) == (
        f"{refund.idempotency_key}-2",
        refund.requested_at,
    )
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refund_pending", ("suspended", None))
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))
    assert sorted(one.amount for one in at_stripe(purchase)) == [500, purchase.amount_total - 500]


@pytest.mark.parametrize("key", ["", "rk_test_revoked"])
def test_key_that_stripe_does_not_take_lets_the_refund_wait(sandbox, settings, key):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    right, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, key
    sent(times=12)
    refund.refresh_from_db()
    assert (refund.state, refund.failure_reason) == ("requested", None)
    assert refund.error
    assert sending.claim() is None  # not before its pause is over
    settings.STRIPE_SECRET_KEY = right
    sent()
    assert (only(purchase).pk, only(purchase).state) == (refund.pk, "succeeded")


def test_buyer_is_told_that_stripe_refused_and_why_as_far_as_it_is_theirs_to_know(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    sandbox.control("dispute", charge=purchase.charge_id)
    sent()
    told_them = Mail.objects.get(key=f"refund-{refund.pk}-failed")
    assert told_them.address == purchase.user.email
    assert "The bank decides about the money now" in told_them.text
    assert "/membership/refund/by-link/" in told_them.text


def test_stripe_that_falls_silent_after_the_refund_leaves_it_claimed(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    sandbox.control("fault", kind="503", call="GET", times=9)
    with pytest.raises(TryAgainLater):
        sent()
    refund.refresh_from_db()
    assert refund.state == "sending"
    sandbox.control("faults_end")
    lease_ran_out()
    sent()
    assert only(purchase).pk == refund.pk


@pytest.mark.django_db(transaction=True)
def test_row_12_four_workers_send_one_refund_once(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase, amount=500)
    at_once(*[take_up] * 4)
    assert only(purchase).pk == refund.pk
    assert money.payment(
        purchase.payment_intent_id, patience=money.Patience.WEB
    ).charge.amount_refunded == (500)
