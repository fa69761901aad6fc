"""Snapshot: all that Stripe knows about one sale, asked for without a lock or a transaction."""

from dataclasses import dataclass

from memberships.gateway import checkout, money
from memberships.gateway.client import Patience
from memberships.gateway.facts import (
    ChargeFacts,
    DisputeFacts,
    IntentFacts,
    RefundFacts,
    SessionFacts,
)
from memberships.purchases.models import Purchase
from memberships.refunds.models import CHARGEBACK, IN_FLIGHT


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What was true at Stripe while it was fetched."""

    session: SessionFacts | None = None
    intent: IntentFacts | None = None
    refunds: tuple[RefundFacts, ...] = ()
    disputes: tuple[DisputeFacts, ...] = ()

    @property
    def charge(self) -> ChargeFacts | None:
        """The charge that brought the money; None where none came."""
        charge = self.intent.charge if self.intent else None
        return charge if charge is not None and charge.paid_at is not None else None

    @property
    def left(self) -> int:
        """What came and has not gone back, nor is on its way at Stripe, in minor units."""
        if self.charge is None:
            return 0
        back = {*IN_FLIGHT, "succeeded"}
        return self.charge.amount - sum(one.amount for one in self.refunds if one.status in back)

    @property
    def is_with_the_bank(self) -> bool:
        """Has a bank taken the money back, for now or for good?"""
        return any(one.status in {*CHARGEBACK, "lost"} for one in self.disputes)


def of(purchase: Purchase, *, patience: Patience) -> Snapshot:
    """Ask Stripe. Raises TryAgainLater, WillNotHelp."""
    return about(
        session_id=purchase.checkout_session_id,
        payment_intent_id=purchase.payment_intent_id,
        patience=patience,
    )


def about(*, session_id: str | None, payment_intent_id: str | None, patience: Patience) -> Snapshot:
    """The same, by the names that Stripe has for a sale."""
    session = None
    if session_id:
        session = checkout.session(session_id, patience=patience)
    intent_id = (session.payment_intent_id if session else None) or payment_intent_id
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
