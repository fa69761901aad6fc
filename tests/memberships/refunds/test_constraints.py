"""What the database does not let stand about refunds and disputes, by name."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from memberships.models import Dispute, Refund
from memberships.refunds.models import CHARGEBACK, CLOSED, IN_FLIGHT, INQUIRY, SETTLED
from tests.memberships.factories import (
    DisputeFactory,
    PaidPurchaseFactory,
    RefundFactory,
    SucceededRefundFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SENDING = {"state": "sending", "leased_until": NOW}
PENDING = {"state": "pending", "stripe_refund_id": "re_pending"}
WAITING = {"state": "requires_action", "stripe_refund_id": "re_waiting"}


def refused_by(name, make, **fields):
    model = make._meta.model
    before = model.objects.count()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(**fields)
    assert model.objects.count() == before


@pytest.mark.parametrize(
    ("name", "make", "fields"),
    [
        ("refund_state_is_known", RefundFactory, {"state": "unknown"}),
        ("refund_origin_is_known", RefundFactory, {"origin": "heaven"}),
        ("refund_returns_something", RefundFactory, {"amount": 0}),
        ("refund_of_ours_has_a_key", RefundFactory, {"idempotency_key": None}),
        ("refund_at_stripe_has_its_id", RefundFactory, {"state": "pending"}),
        ("refund_at_stripe_has_its_id", RefundFactory, {"state": "requires_action"}),
        ("refund_at_stripe_has_its_id", SucceededRefundFactory, {"stripe_refund_id": None}),
        ("refund_has_end_time_when_settled", SucceededRefundFactory, {"settled_at": None}),
        ("refund_has_end_time_when_settled", RefundFactory, {"settled_at": NOW}),
        ("refund_failed_says_why", SucceededRefundFactory, {"state": "failed"}),
        ("refund_has_lease_while_sending", RefundFactory, {"state": "sending"}),
        ("refund_has_lease_while_sending", RefundFactory, {"leased_until": NOW}),
        (
            "refund_credit_note_has_its_seller",
            RefundFactory,
            {"credit_note_number": 1, "credited_at": NOW},
        ),
        (
            "refund_credit_note_has_its_date",
            RefundFactory,
            {"credit_note_number": 1, "legal_entity": "portal-inc"},
        ),
        ("refund_credit_note_has_its_date", RefundFactory, {"credited_at": NOW}),
        ("dispute_status_is_known", DisputeFactory, {"status": "angry"}),
        ("dispute_has_end_time_when_closed", DisputeFactory, {"status": "won"}),
        ("dispute_has_end_time_when_closed", DisputeFactory, {"closed_at": NOW}),
        ("dispute_amount_is_a_sum", DisputeFactory, {"amount": -1}),
        ("dispute_currency_is_lower_case", DisputeFactory, {"currency": "USD"}),
    ],
)
def test_rows_that_say_nonsense_are_refused(name, make, fields):
    refused_by(name, make, **fields)


@pytest.mark.parametrize("first", [{}, SENDING, PENDING, WAITING])
def test_rows_12_and_21_one_refund_is_in_flight(first):
    """One that waits for the buyer is in flight as any other."""
    purchase = RefundFactory(amount=100, **first).purchase
    assert Refund.objects.of_purchase(purchase).in_flight().amount() == 100
    refused_by("one_inflight_refund", RefundFactory, purchase=purchase, amount=100)
    refused_by("one_inflight_refund", RefundFactory, purchase=purchase, origin="staff")


def test_dashboard_may_send_several_beside_ours():
    purchase = RefundFactory(amount=100).purchase
    for name in ("re_a", "re_b"):
        RefundFactory(
            purchase=purchase,
            amount=100,
            origin="dashboard",
            idempotency_key=None,
            state="pending",
            stripe_refund_id=name,
        )
    assert Refund.objects.in_flight().amount() == 300


def test_button_gives_the_money_back_once():
    purchase = SucceededRefundFactory(amount=100).purchase
    refused_by("one_self_service_success", SucceededRefundFactory, purchase=purchase, amount=100)
    SucceededRefundFactory(purchase=purchase, amount=100, origin="staff")
    SucceededRefundFactory(purchase=purchase, state="failed", failure_reason="expired_card")
    assert Refund.objects.succeeded().amount() == 200


@pytest.mark.parametrize(
    ("name", "field"),
    [("one_refund_per_stripe_id", "stripe_refund_id"), ("one_refund_per_key", "idempotency_key")],
)
def test_an_id_and_a_key_belong_to_one_refund(name, field):
    refused_by(name, SucceededRefundFactory, **{field: getattr(SucceededRefundFactory(), field)})
    RefundFactory()
    RefundFactory()


def test_a_credit_note_number_is_given_once_by_each_seller():
    drawn = {"credit_note_number": 1, "credited_at": NOW}
    SucceededRefundFactory(legal_entity="portal-inc", **drawn)
    SucceededRefundFactory(legal_entity="portal-gmbh", **drawn)
    refused_by(
        "one_refund_per_credit_note_number",
        SucceededRefundFactory,
        legal_entity="portal-inc",
        **drawn,
    )


def test_purchase_outlives_neither_its_refunds_nor_its_disputes():
    for make in (RefundFactory, DisputeFactory):
        purchase = make().purchase
        with pytest.raises(RestrictedError):
            purchase.delete()


def test_worker_takes_what_is_due_and_what_a_dead_one_left():
    due = RefundFactory()
    left = RefundFactory(state="sending", leased_until=NOW - timedelta(seconds=1))
    RefundFactory(state="sending", leased_until=NOW + timedelta(days=1))
    RefundFactory(next_try_at=NOW + timedelta(days=1))
    SucceededRefundFactory()
    assert set(Refund.objects.to_send()) == {due, left}


def test_disputes_are_told_apart():
    purchase = PaidPurchaseFactory()
    for status in Dispute.Status.values:
        DisputeFactory(
            purchase=purchase, status=status, closed_at=NOW if status in CLOSED else None
        )
    assert set(Dispute.objects.inquiries().values_list("status", flat=True)) == set(INQUIRY)
    assert set(Dispute.objects.chargebacks().values_list("status", flat=True)) == set(CHARGEBACK)
    assert Dispute.objects.open().count() == 4
    assert {*INQUIRY, *CHARGEBACK, *CLOSED} == set(Dispute.Status.values)
    assert {*IN_FLIGHT, *SETTLED} == set(Refund.State.values)


def test_every_constraint_is_broken_here_once():
    """A promise that nothing tests is none."""
    text = Path(__file__).read_text()
    names = {one.name for model in (Refund, Dispute) for one in model._meta.constraints}
    assert {name for name in names if f'"{name}"' not in text} == set()
