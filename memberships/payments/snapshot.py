"""Snapshot: all that Stripe knows about one sale, asked for without a lock or a transaction."""

from dataclasses import dataclass

from memberships.gateway import checkout, money
from memberships.gateway.client import Patience
from memberships.gateway.facts import DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from memberships.purchases.models import Purchase


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What was true at Stripe while it was fetched."""

    session: SessionFacts | None = None
    intent: IntentFacts | None = None
    refunds: tuple[RefundFacts, ...] = ()
    disputes: tuple[DisputeFacts, ...] = ()


def of(purchase: Purchase, *, patience: Patience) -> Snapshot:
    """Ask Stripe. Raises TryAgainLater, WillNotHelp."""
    session = None
    if purchase.checkout_session_id:
        session = checkout.session(purchase.checkout_session_id, patience=patience)
    intent_id = (session.payment_intent_id if session else None) or purchase.payment_intent_id
    if not intent_id:
        return Snapshot(session=session)
    intent = money.payment(intent_id, patience=patience)
    if intent.charge is None or intent.charge.paid_at is None:  # nothing to give or take back
        return Snapshot(session=session, intent=intent)
    return Snapshot(
        session=session,
        intent=intent,
        refunds=tuple(money.refunds_of(intent_id, patience=patience)),
        disputes=tuple(money.disputes_of(intent_id, patience=patience)),
    )
