"""Entries: refunds and disputes, written as Stripe knows them. The caller holds the purchase."""

from collections.abc import Iterable
from datetime import datetime

from memberships.gateway.facts import DisputeFacts
from memberships.purchases.models import Purchase
from memberships.refunds.models import CLOSED, SETTLED, Dispute, Refund

from .projection import RefundOutcome


def enter_refunds(
    purchase: Purchase, outcomes: Iterable[RefundOutcome], *, rows: Iterable[Refund], now: datetime
) -> list[Refund]:
    """Write what became of each refund, and give back those that arrived or failed just now.

    `rows` are the locked refunds of this purchase. One that Stripe lists and we do not know was
    made in its dashboard, and gets a row.
    """
    by_id = {str(row.pk): row for row in rows}
    by_stripe_id = {row.stripe_refund_id: row for row in by_id.values() if row.stripe_refund_id}
    ended = []
    for outcome in outcomes:
        row = by_id.get(outcome.own_id or "") or by_stripe_id.get(outcome.stripe_refund_id)
        if row is None:
            row = Refund(
                purchase=purchase,
                amount=outcome.amount,
                origin=Refund.Origin.DASHBOARD,
                requested_at=outcome.created_at,
            )
        if row.stripe_refund_id == outcome.stripe_refund_id and row.state == outcome.state:
            if row.pending_reason != outcome.pending_reason:
                row.pending_reason = outcome.pending_reason
                row.save(update_fields=["pending_reason"])
            continue
        row.stripe_refund_id = outcome.stripe_refund_id
        row.state = outcome.state
        row.amount = outcome.amount
        row.pending_reason = outcome.pending_reason
        row.leased_until, row.error = None, ""
        is_settled = outcome.state in SETTLED
        row.settled_at = now if is_settled else None
        failed = outcome.state == Refund.State.FAILED
        row.failure_reason = (outcome.failure_reason or "unknown") if failed else None
        row.save()
        if is_settled:
            ended.append(row)
    return ended


def enter_disputes(purchase: Purchase, facts: Iterable[DisputeFacts], *, now: datetime) -> None:
    """Write each dispute as it stands; when it was closed is kept from the first time."""
    for fact in facts:
        known = Dispute.objects.filter(pk=fact.id).first()
        is_closed = fact.status in CLOSED
        Dispute.objects.update_or_create(
            stripe_dispute_id=fact.id,
            defaults={
                "purchase": purchase,
                "status": fact.status,
                "reason": fact.reason,
                "amount": fact.amount,
                "currency": fact.currency,
                "charge_is_refundable": fact.charge_is_refundable,
                "opened_at": fact.created,
                "evidence_due_by": fact.evidence_due_by,
                "closed_at": ((known and known.closed_at) or now) if is_closed else None,
            },
        )
