"""Facts are read from Stripe's own examples too, not only from what the sandbox answers."""

import json
from datetime import UTC, datetime

import pytest
import stripe
from django.conf import settings

from memberships.gateway import reading
from memberships.gateway.refusals import TryAgainLater

THEN = datetime.fromtimestamp(1234567890, UTC)


@pytest.fixture
def example():
    """One of Stripe's examples as the SDK gives it, with some of its fields changed."""
    path = settings.STRIPE_OPENAPI.with_name("stripe-fixtures.json")
    if not path.exists():
        pytest.skip(f"no examples of Stripe's at {path}")
    resources = json.loads(path.read_text())["resources"]

    def construct(kind, cls, **changes):
        return cls.construct_from({**resources[kind], **changes}, "sk_test_1")

    return construct


def test_a_session(example):
    totals = {"amount_discount": 500, "amount_shipping": None, "amount_tax": 2379}
    session = reading.session_facts(
        example(
            "checkout.session",
            stripe.checkout.Session,
            amount_subtotal=15400,
            amount_total=14900,
            currency="eur",
            total_details=totals,
        )
    )
    assert (session.amount_subtotal, session.amount_discount, session.amount_total) == (
        15400,
        500,
        14900,
    )
    assert (session.amount_tax, session.currency) == (2379, "eur")
    assert session.expires_at == session.created == THEN
    assert session.customer_email == "example@example.com"
    assert session.customer_country is None
    assert session.payment_intent_id == "pi_1PgafyB7WZ01zgkWSjxsAJo3"


def test_a_price(example):
    price = reading.price_facts(example("price", stripe.Price, tax_behavior="exclusive"))
    assert (price.id, price.amount, price.currency) == (
        "price_1PgafmB7WZ01zgkW6dKueIc5",
        2000,
        "usd",
    )
    assert not price.is_one_time
    assert price.tax == "exclusive"
    assert reading.price_facts(example("price", stripe.Price)).tax == "unspecified"
    chosen = reading.price_facts(example("price", stripe.Price, type="one_time", unit_amount=None))
    assert (chosen.is_one_time, chosen.amount) == (True, None)
    nobody_said = example("price", stripe.Price, tax_behavior=None)
    assert reading.price_facts(nobody_said).tax == "unspecified"


def test_a_session_without_an_amount_is_not_guessed_at(example):
    with pytest.raises(TryAgainLater) as refused:
        reading.session_facts(example("checkout.session", stripe.checkout.Session))
    assert refused.value.code == "unreadable"


def test_a_payment_without_and_with_a_charge(example):
    assert reading.intent_facts(example("payment_intent", stripe.PaymentIntent)).charge is None
    charge = example("charge", stripe.Charge).to_dict()
    intent = example("payment_intent", stripe.PaymentIntent, latest_charge=charge)
    found = reading.intent_facts(intent).charge
    assert (found.last4, found.brand, found.country) == ("4242", "visa", "US")
    assert (found.amount, found.paid_at) == (100, THEN)


def test_a_charge_that_came_as_an_id_alone_is_not_guessed_at(example):
    intent = example("payment_intent", stripe.PaymentIntent, latest_charge="ch_1")
    with pytest.raises(TryAgainLater):
        reading.intent_facts(intent)


def test_a_refund(example):
    refund = reading.refund_facts(example("refund", stripe.Refund))
    assert (refund.status, refund.amount, refund.created) == ("succeeded", 100, THEN)
    assert (refund.failure_reason, refund.pending_reason) == (None, None)
    assert refund.charge_id == "ch_1PgafuB7WZ01zgkWXYmPNZs8"


def test_a_refund_with_an_expanded_payment_has_its_id(example):
    intent = example("payment_intent", stripe.PaymentIntent).to_dict()
    refund = reading.refund_facts(example("refund", stripe.Refund, payment_intent=intent))
    assert refund.payment_intent_id == intent["id"]


def test_a_refund_whose_status_is_left_open_is_on_its_way(example):
    assert reading.refund_facts(example("refund", stripe.Refund, status=None)).status == "pending"


def test_a_dispute(example):
    dispute = reading.dispute_facts(example("dispute", stripe.Dispute))
    assert (dispute.status, dispute.reason) == ("warning_needs_response", "general")
    assert dispute.evidence_due_by == datetime.fromtimestamp(1723679999, UTC)
    assert dispute.charge_is_refundable


def test_an_event(example):
    event = reading.event_facts(example("event", stripe.Event).to_dict())
    assert (event.type, event.object_kind, event.api_version) == ("plan.created", "plan", None)
    assert event.metadata == {}


@pytest.mark.parametrize(
    ("read", "kind", "cls"),
    [
        (reading.refund_facts, "refund", stripe.Refund),
        (reading.dispute_facts, "dispute", stripe.Dispute),
        (reading.intent_facts, "payment_intent", stripe.PaymentIntent),
    ],
)
def test_a_status_that_we_do_not_know_is_not_guessed_at(example, read, kind, cls):
    assert read(example(kind, cls))
    with pytest.raises(TryAgainLater, match="lost_at_sea"):
        read(example(kind, cls, status="lost_at_sea"))
