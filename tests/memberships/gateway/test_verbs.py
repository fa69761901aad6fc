"""The gateway's verbs: the real SDK against a real sandbox, both judged by the specification."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
import stripe

from memberships.gateway import checkout, client, events, money
from memberships.gateway.client import Patience
from memberships.gateway.refusals import (
    AlreadyRefunded,
    Disputed,
    NotLetIn,
    SessionNotOpen,
    WillNotHelp,
)
from tests.memberships.selling import ask_for_refund, open_session, sold

WEB = Patience.WEB


def test_a_session_opens_with_what_was_asked_for(sandbox):
    expires_at = (datetime.now(UTC) + timedelta(minutes=31)).replace(microsecond=0)
    session = open_session(key="one", expires_at=expires_at)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_subtotal, session.amount_total, session.amount_tax) == (14900, 14900, 0)
    assert session.currency == "usd"
    assert session.expires_at == expires_at
    assert session.client_reference_id == "p-1"
    assert session.metadata == {"purchase": "p-1"}
    assert session.customer_email == "reader@example.org"
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert session.payment_intent_id is None
    assert not session.livemode
    assert checkout.session(session.id, patience=WEB) == session


def test_a_kept_price_is_asked_for_by_its_id(sandbox):
    session = open_session(key="one", price=checkout.KeptPrice(price_id="price_sandbox_900_eur"))
    assert (session.amount_total, session.currency) == (900, "eur")


def test_a_kept_price_says_what_it_costs(sandbox):
    price = checkout.price("price_sandbox_4200_eur", patience=WEB)
    assert (price.amount, price.currency, price.livemode) == (4200, "eur", False)
    assert price.active
    assert price.is_one_time
    assert price.tax == "inclusive"
    with pytest.raises(WillNotHelp) as refused:
        checkout.price("price_gone", patience=WEB)
    assert refused.value.code == "resource_missing"


def test_what_is_sent_has_our_marks_and_no_payment_methods(spy):
    open_session(key="key-7")
    (method, path, headers, body), *others = spy.calls
    sent = parse_qs(body)
    assert (method, path, others) == ("POST", "/v1/checkout/sessions", [])
    assert headers["Idempotency-Key"] == "key-7"
    assert headers["Stripe-Version"] == client.API_VERSION == stripe.api_version
    assert sent["payment_intent_data[metadata][purchase]"] == ["p-1"]
    assert sent["adaptive_pricing[enabled]"] == ["false"]
    assert not [name for name in sent if "payment_method_types" in name]


def test_a_paid_session_leads_to_its_payment_and_card(sandbox):
    session = sold(sandbox)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    paid = money.payment(session.payment_intent_id, patience=WEB)
    assert (paid.status, paid.amount, paid.amount_received) == ("succeeded", 14900, 14900)
    assert paid.metadata == {"purchase": "p-1"}
    assert (paid.charge.status, paid.charge.last4, paid.charge.brand) == (
        "succeeded",
        "4242",
        "visa",
    )
    assert paid.charge.paid_at == paid.charge.created
    assert paid.charge.created.tzinfo == UTC
    assert paid.charge.receipt_url
    assert not paid.charge.disputed


def test_a_late_payment_is_complete_and_unpaid_until_it_arrives(sandbox):
    session = sold(sandbox, way="later")
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    before = money.payment(session.payment_intent_id, patience=WEB)
    assert (before.status, before.charge.status, before.charge.paid_at) == (
        "processing",
        "pending",
        None,
    )
    sandbox.control("settle_payment", session=session.id, succeeds=True)
    assert checkout.session(session.id, patience=WEB).payment_status == "paid"
    after = money.payment(session.payment_intent_id, patience=WEB)
    assert (after.status, after.charge.status, after.charge.last4) == (
        "succeeded",
        "succeeded",
        None,
    )


def test_a_late_payment_can_fail(sandbox):
    session = sold(sandbox, way="later")
    sandbox.control("settle_payment", session=session.id, succeeds=False)
    paid = money.payment(session.payment_intent_id, patience=WEB)
    assert (paid.status, paid.charge.status) == ("requires_payment_method", "failed")
    assert checkout.session(session.id, patience=WEB).payment_status == "unpaid"


def test_a_declined_card_leaves_the_session_open(sandbox):
    session = sold(sandbox, way="declined")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    paid = money.payment(session.payment_intent_id, patience=WEB)
    assert (paid.status, paid.charge.status, paid.charge.paid_at) == (
        "requires_payment_method",
        "failed",
        None,
    )
    sandbox.control("pay", session=session.id)
    again = checkout.session(session.id, patience=WEB)
    assert (again.payment_status, again.payment_intent_id) == ("paid", session.payment_intent_id)


def test_an_open_session_can_be_closed(sandbox):
    session = open_session(key="one")
    assert checkout.expire_session(session.id, patience=WEB).status == "expired"


@pytest.mark.parametrize("way", ["card", "later"])
def test_a_session_that_was_paid_cannot_be_closed_and_says_so(sandbox, way):
    session = sold(sandbox, way=way)
    with pytest.raises(SessionNotOpen) as refused:
        checkout.expire_session(session.id, patience=WEB)
    assert refused.value.session == session


def test_a_session_past_its_time_is_expired_by_itself(sandbox):
    session = open_session(key="one")
    sandbox.control("clock", shift_s=32 * 60)
    with pytest.raises(SessionNotOpen) as refused:
        checkout.expire_session(session.id, patience=WEB)
    assert refused.value.session.status == "expired"


def test_closing_a_session_that_nobody_knows_is_no_session_not_open(sandbox):
    with pytest.raises(WillNotHelp) as refused:
        checkout.expire_session("cs_test_nobody", patience=WEB)
    assert not isinstance(refused.value, SessionNotOpen)
    assert refused.value.code == "resource_missing"


def test_a_refund_says_how_much_and_what_it_belongs_to(sandbox, spy):
    session = sold(sandbox)
    spy.calls.clear()
    refund = ask_for_refund(session, amount=14900, key="r-1")
    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 14900, "usd")
    assert refund.metadata == {"refund_id": "r-1"}
    assert refund.payment_intent_id == session.payment_intent_id
    assert parse_qs(spy.calls[0][3])["amount"] == ["14900"]
    assert spy.calls[0][2]["Idempotency-Key"] == "r-1"
    paid = money.payment(session.payment_intent_id, patience=WEB)
    assert paid.charge.amount_refunded == 14900


def test_no_refund_goes_out_without_an_amount(sandbox, spy):
    session = sold(sandbox)
    spy.calls.clear()
    with pytest.raises(ValueError, match="gives something back"):
        ask_for_refund(session, amount=0, key="r-1")
    assert spy.calls == []


def test_refunds_in_parts_are_listed_oldest_first(sandbox):
    session = sold(sandbox)
    parts = [ask_for_refund(session, amount=amount, key=f"r-{amount}") for amount in (100, 250, 7)]
    assert money.refunds_of(session.payment_intent_id, patience=WEB) == parts
    since = parts[0].created - timedelta(seconds=1)
    assert money.refunds_since(since, patience=WEB) == parts
    assert money.refunds_since(since + timedelta(hours=1), patience=WEB) == []


def test_more_than_a_page_of_sessions_is_found_whole(sandbox):
    made = [open_session(key=f"k-{number}") for number in range(103)]
    found = checkout.sessions_since(made[0].created - timedelta(seconds=5), patience=WEB)
    assert [one.id for one in found] == [one.id for one in made]


def test_what_is_refunded_already_is_said_to_be(sandbox):
    session = sold(sandbox)
    sandbox.control("dashboard_refund", payment_intent=session.payment_intent_id)
    with pytest.raises(AlreadyRefunded) as refused:
        ask_for_refund(session, amount=14900, key="r-1")
    assert refused.value.code == "charge_already_refunded"
    assert refused.value.request_id.startswith("req_")
    [theirs] = money.refunds_of(session.payment_intent_id, patience=WEB)
    assert theirs.metadata == {}


def test_more_than_is_left_cannot_be_refunded(sandbox):
    session = sold(sandbox)
    ask_for_refund(session, amount=14000, key="r-1")
    with pytest.raises(WillNotHelp) as refused:
        ask_for_refund(session, amount=901, key="r-2")
    assert type(refused.value) is WillNotHelp


def test_a_refund_may_be_on_its_way_and_then_fail(sandbox):
    session = sold(sandbox)
    sandbox.control("refund_pending", times=1)
    refund = ask_for_refund(session, amount=14900, key="r-1")
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    sandbox.control("settle_refund", refund=refund.id, succeeds=True)
    sandbox.control("settle_refund", refund=refund.id, succeeds=False)  # days later
    [found] = money.refunds_of(session.payment_intent_id, patience=WEB)
    assert (found.status, found.failure_reason) == ("failed", "expired_or_canceled_card")
    paid = money.payment(session.payment_intent_id, patience=WEB)
    assert paid.charge.amount_refunded == 0


def test_what_the_bank_took_back_is_not_refunded_too(sandbox):
    session = sold(sandbox)
    charge = money.payment(session.payment_intent_id, patience=WEB).charge
    sandbox.control("dispute", charge=charge.id)
    with pytest.raises(Disputed):
        ask_for_refund(session, amount=14900, key="r-1")
    [dispute] = money.disputes_of(session.payment_intent_id, patience=WEB)
    assert (dispute.status, dispute.reason, dispute.amount) == (
        "needs_response",
        "fraudulent",
        14900,
    )
    assert (dispute.charge_id, dispute.charge_is_refundable) == (charge.id, False)
    assert money.payment(session.payment_intent_id, patience=WEB).charge.disputed
    assert money.disputes_since(dispute.created, patience=WEB) == [dispute]


def test_what_the_bank_only_asks_about_can_be_refunded(sandbox):
    session = sold(sandbox)
    charge = money.payment(session.payment_intent_id, patience=WEB).charge
    sandbox.control("dispute", charge=charge.id, status="warning_needs_response")
    assert ask_for_refund(session, amount=14900, key="r-1").status == "succeeded"


def test_events_are_read_again_oldest_first(sandbox):
    session = sold(sandbox)
    refund = ask_for_refund(session, amount=500, key="r-1")
    found = events.events_since(session.created, patience=Patience.WORKER)
    assert [one.type for one in found] == [
        "checkout.session.completed",
        "refund.created",
        "charge.refunded",
    ]
    completed, created, _refunded = found
    assert (completed.object_id, completed.metadata) == (session.id, {"purchase": "p-1"})
    assert completed.payment_intent_id == session.payment_intent_id
    assert (created.object_id, created.metadata) == (refund.id, {"refund_id": "r-1"})
    assert created.payment_intent_id == session.payment_intent_id
    assert completed.api_version == client.API_VERSION
    assert completed.payload["data"]["object"]["amount_total"] == 14900
    assert events.event(completed.id, patience=WEB) == completed


def test_without_a_key_nothing_is_sent(sandbox, settings, spy):
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(NotLetIn) as refused:
        open_session(key="one")
    assert refused.value.code == "no_key"
    assert spy.calls == []


def test_a_wrong_key_lets_nobody_in(sandbox, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    with pytest.raises(NotLetIn):
        checkout.session("cs_test_1", patience=WEB)


def test_a_live_key_never_goes_to_another_address(sandbox, settings, spy):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_LIVEMODE = "sk_live_1", True
    with pytest.raises(Exception, match="a live key goes to Stripe"):
        checkout.session("cs_test_1", patience=WEB)
    assert spy.calls == []
