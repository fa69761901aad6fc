"""Reduction: what all that Stripe knows about one sale comes to. Pure: no clock, no query.

The same facts give the same projection in any order and however often they are told.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from memberships.gateway.facts import (
    ChargeFacts,
    DisputeFacts,
    IntentFacts,
    RefundFacts,
    SessionFacts,
)
from memberships.purchases import guarantee
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import CHARGEBACK, IN_FLIGHT, INQUIRY, Refund

from .projection import Alert, Doubt, OwnRefund, Projection, RefundOutcome, Sale

State = Purchase.State
Fact = TypeVar("Fact", RefundFacts, DisputeFacts)

# Of one object told twice, the later stage is the truer. A refund can fail after it succeeded, an
# inquiry can become a chargeback.
REFUND_STAGES = ["pending", "requires_action", "succeeded", "canceled", "failed"]
DISPUTE_STAGES = [*INQUIRY, "warning_closed", *CHARGEBACK, "prevented", "won", "lost"]

ACCESS: Mapping[str, tuple[Membership.Status, Membership.EndReason | None]] = {
    State.PAID: (Membership.Status.ACTIVE, None),
    State.REFUND_PENDING: (Membership.Status.SUSPENDED, None),
    State.DISPUTED: (Membership.Status.SUSPENDED, None),
    State.REFUNDED: (Membership.Status.ENDED, Membership.EndReason.REFUNDED),
    State.CHARGED_BACK: (Membership.Status.ENDED, Membership.EndReason.CHARGED_BACK),
}


class IncompleteFacts(Exception):
    """A sale that was paid, and facts without its payment: nothing may be concluded from them."""


def reduce(
    *,
    sale: Sale,
    session: SessionFacts | None,
    intent: IntentFacts | None = None,
    refunds: Iterable[RefundFacts] = (),
    disputes: Iterable[DisputeFacts] = (),
    own_refunds: Iterable[OwnRefund] = (),
    came_at: datetime | None = None,
    fraud_warning: bool = False,
) -> Projection:
    """The state of a sale.

    `came_at` is when a delayed payment succeeded, by its event, where that is known. Raises
    IncompleteFacts where a payment that we accepted is missing.
    """
    charge = _money(intent)
    if intent is None or charge is None:
        if sale.paid_at is not None:
            raise IncompleteFacts(sale.purchase_id)
        return _unpaid(session, intent)
    outcomes = _outcomes(
        _of_this_payment(refunds, intent, REFUND_STAGES), own := tuple(own_refunds)
    )
    doubts = frozenset() if sale.paid_at else frozenset(_doubts(sale, session, intent, charge))
    returned = sum(one.amount for one in outcomes if one.state == Refund.State.SUCCEEDED)
    statuses: set[str] = {one.status for one in _of_this_payment(disputes, intent, DISPUTE_STAGES)}
    alerts = frozenset(_alerts(outcomes, statuses, returned, charge.amount, fraud_warning))
    if doubts:
        is_gone = returned >= charge.amount or "lost" in statuses  # back to the buyer, either way
        return Projection(
            state=State.PAYMENT_FAILED if is_gone else State.PROCESSING,
            payment_intent_id=intent.id,
            charge_id=charge.id,
            refunds=outcomes,
            alerts=alerts,
            doubts=frozenset() if is_gone else doubts,
        )
    on_its_way = _on_its_way(outcomes, own)
    state = _paid(charge.amount, returned, on_its_way, statuses)
    status, end_reason = ACCESS[state]
    paid_at = sale.paid_at or max(filter(None, [charge.paid_at, came_at]))
    return Projection(
        state=state,
        membership=status,
        end_reason=end_reason,
        amount_total=charge.amount,
        currency=charge.currency,
        amount_tax=min(session.amount_tax, charge.amount) if session else 0,
        amount_refunded=min(returned, charge.amount),
        payment_intent_id=intent.id,
        charge_id=charge.id,
        paid_at=paid_at,
        refundable_until=sale.refundable_until
        or guarantee.ends_at(paid_at, days=sale.guarantee_days),
        card_brand=charge.brand or "",
        card_last4=charge.last4 or "",
        receipt_url=charge.receipt_url or "",
        billing_country=(session.customer_country if session else None) or "",
        card_country=charge.country or "",
        taxes=session.taxes if session else (),
        refunds=outcomes,
        alerts=alerts,
    )


def _money(intent: IntentFacts | None) -> ChargeFacts | None:
    """The charge that brought the money; a page that says "complete" has brought none."""
    if intent is None or intent.status != "succeeded" or intent.charge is None:
        return None
    charge = intent.charge
    return charge if charge.status == "succeeded" and charge.paid_at is not None else None


def _unpaid(session: SessionFacts | None, intent: IntentFacts | None) -> Projection:
    if session is None:
        return Projection(state=State.CREATED)
    if session.status == "open":
        return Projection(state=State.OPEN)
    if session.status == "expired":
        return Projection(state=State.EXPIRED)
    if session.payment_status == "no_payment_required":
        return Projection(state=State.PAYMENT_FAILED, doubts=frozenset({Doubt.NOTHING_TO_PAY}))
    if intent is not None and intent.status in {"requires_payment_method", "canceled"}:
        return Projection(state=State.PAYMENT_FAILED, payment_intent_id=intent.id)
    return Projection(
        state=State.PROCESSING, payment_intent_id=intent.id if intent is not None else None
    )


def _doubts(
    sale: Sale, session: SessionFacts | None, intent: IntentFacts, charge: ChargeFacts
) -> Iterable[Doubt]:
    """What differs between the sale that we offered and the payment that came."""
    asked = session.amount_total if session else sale.price
    if charge.amount != asked or (session and session.amount_subtotal != sale.price):
        yield Doubt.OTHER_AMOUNT
    if {charge.currency, intent.currency, (session or intent).currency} != {sale.currency}:
        yield Doubt.OTHER_CURRENCY
    named = {intent.metadata.get("purchase")}
    if session:
        named |= {session.metadata.get("purchase"), session.client_reference_id}
    if named != {sale.purchase_id}:
        yield Doubt.OTHER_PURCHASE
    if {intent.livemode, (session or intent).livemode} != {sale.livemode}:
        yield Doubt.OTHER_MODE
    if session and session.amount_discount:
        yield Doubt.DISCOUNT


def _paid(total: int, returned: int, on_its_way: int, disputes: set[str]) -> Purchase.State:
    """The order in which these are asked is the rule."""
    if returned >= total:
        return State.REFUNDED
    if "lost" in disputes:
        return State.CHARGED_BACK
    if disputes & set(CHARGEBACK):
        return State.DISPUTED
    if returned + on_its_way >= total:
        return State.REFUND_PENDING
    return State.PAID


def _of_this_payment(
    facts: Iterable[Fact], intent: IntentFacts, stages: list[str]
) -> tuple[Fact, ...]:
    """Each object once, at its latest stage, the oldest first."""
    latest: dict[str, Fact] = {}
    for fact in facts:
        if fact.payment_intent_id not in {None, intent.id}:
            continue
        known = latest.get(fact.id)
        if known is None or stages.index(known.status) < stages.index(fact.status):
            latest[fact.id] = fact
    return tuple(sorted(latest.values(), key=lambda fact: (fact.created, fact.id)))


def _outcomes(facts: Iterable[RefundFacts], own: Iterable[OwnRefund]) -> tuple[RefundOutcome, ...]:
    """Stripe's refunds, with our rows beside them: by Stripe's id, else by the id we sent along."""
    by_stripe_id = {one.stripe_refund_id: one.id for one in own if one.stripe_refund_id}
    ours = {one.id for one in own}
    return tuple(
        RefundOutcome(
            stripe_refund_id=fact.id,
            own_id=by_stripe_id.get(fact.id)
            or (sent if (sent := fact.metadata.get("refund_id")) in ours else None),
            state=Refund.State(fact.status),
            amount=fact.amount,
            failure_reason=fact.failure_reason,
            pending_reason=fact.pending_reason or "",
            created_at=fact.created,
        )
        for fact in facts
    )


def _on_its_way(outcomes: Iterable[RefundOutcome], own: Iterable[OwnRefund]) -> int:
    """In flight at Stripe, and what we have asked for and Stripe has not listed yet."""
    listed = {one.own_id for one in outcomes}
    at_stripe = sum(one.amount for one in outcomes if one.state in IN_FLIGHT)
    unlisted = {one.id: one for one in own if one.state in IN_FLIGHT and one.id not in listed}
    return at_stripe + sum(one.amount for one in unlisted.values())


def _alerts(
    outcomes: Iterable[RefundOutcome],
    disputes: set[str],
    returned: int,
    total: int,
    fraud_warning: bool,  # noqa: FBT001 - passed on from one place
) -> Iterable[Alert]:
    states = {one.state for one in outcomes}
    if disputes & set(INQUIRY):
        yield Alert.INQUIRY
    if disputes & set(CHARGEBACK):
        yield Alert.DISPUTED
    if "lost" in disputes:
        yield Alert.CHARGED_BACK
    if returned and disputes & {*INQUIRY, *CHARGEBACK, "lost"}:
        yield Alert.DISPUTED_AFTER_REFUND
    if fraud_warning and returned < total:
        yield Alert.FRAUD_WARNING
    if Refund.State.FAILED in states and returned < total:
        yield Alert.REFUND_FAILED
    if Refund.State.REQUIRES_ACTION in states:
        yield Alert.REFUND_WAITS_FOR_BUYER
    if returned > total:
        yield Alert.REFUNDED_TOO_MUCH
