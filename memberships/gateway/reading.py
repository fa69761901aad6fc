"""Reading: the SDK's objects become facts.

An answer that we cannot read leaves as TryAgainLater: what it was about may well have happened.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast, get_args

import stripe

from .facts import (
    ChargeFacts,
    ChargeStatus,
    DisputeFacts,
    DisputeStatus,
    EventFacts,
    IntentFacts,
    IntentStatus,
    PaymentStatus,
    PriceFacts,
    RefundFacts,
    RefundStatus,
    SessionFacts,
    SessionStatus,
    TaxBehavior,
    TaxFacts,
)
from .refusals import TryAgainLater

P = ParamSpec("P")
T = TypeVar("T")


def _readable(read: Callable[P, T]) -> Callable[P, T]:
    @wraps(read)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TryAgainLater(
                f"Stripe's answer is unknown: {error}", code="unreadable"
            ) from error

    return checked


@_readable
def price_facts(price: stripe.Price) -> PriceFacts:
    """A price of the account's own list."""
    return PriceFacts(
        id=price.id,
        active=price.active,
        is_one_time=price.type == "one_time",
        amount=price.unit_amount,
        currency=price.currency,
        tax=cast("TaxBehavior", _one_of(TaxBehavior, price.tax_behavior or "unspecified")),
        livemode=price.livemode,
    )


@_readable
def session_facts(session: stripe.checkout.Session) -> SessionFacts:
    """A Checkout session of mode `payment`."""
    details = session.customer_details
    totals = session.total_details
    address = details.address if details else None
    breakdown = getattr(totals, "breakdown", None)  # it comes only when it is asked for
    return SessionFacts(
        id=session.id,
        url=session.url,
        status=cast("SessionStatus", _one_of(SessionStatus, session.status)),
        payment_status=cast("PaymentStatus", _one_of(PaymentStatus, session.payment_status)),
        payment_intent_id=_id(session.payment_intent),
        amount_subtotal=_amount(session.amount_subtotal),
        amount_total=_amount(session.amount_total),
        amount_tax=totals.amount_tax if totals else 0,
        amount_discount=totals.amount_discount if totals else 0,
        currency=_text(session.currency),
        livemode=session.livemode,
        created=_instant(session.created),
        expires_at=_instant(session.expires_at),
        client_reference_id=session.client_reference_id,
        metadata=_metadata(session.metadata),
        customer_email=(details.email if details else None) or session.customer_email,
        customer_country=address.country if address else None,
        taxes=tuple(map(_tax_facts, breakdown.taxes)) if breakdown else (),
    )


def _tax_facts(tax: stripe.checkout.Session.TotalDetails.Breakdown.Tax) -> TaxFacts:
    rate = tax.rate
    # Of a tax that Stripe reckons itself, the first is the percentage that it used.
    percentage = getattr(rate, "effective_percentage", None)
    if percentage is None and getattr(rate, "rate_type", None) != "flat_amount":
        percentage = rate.percentage
    return TaxFacts(
        name=_text(rate.display_name),
        amount=_amount(tax.amount),
        percentage=None if percentage is None else _decimal(percentage),
        country=getattr(rate, "country", None),
        jurisdiction=getattr(rate, "jurisdiction", None),
        taxable_amount=getattr(tax, "taxable_amount", None),
        reason=getattr(tax, "taxability_reason", None),
    )


@_readable
def intent_facts(intent: stripe.PaymentIntent) -> IntentFacts:
    """A payment intent that was fetched with its latest charge expanded."""
    charge = intent.latest_charge
    if isinstance(charge, str):
        raise TypeError("the latest charge came as an id alone")
    return IntentFacts(
        id=intent.id,
        status=cast("IntentStatus", _one_of(IntentStatus, intent.status)),
        amount=intent.amount,
        amount_received=intent.amount_received,
        currency=intent.currency,
        livemode=intent.livemode,
        created=_instant(intent.created),
        metadata=_metadata(intent.metadata),
        charge=_charge_facts(charge) if charge else None,
    )


def _charge_facts(charge: stripe.Charge) -> ChargeFacts:
    method = charge.payment_method_details
    card = getattr(method, "card", None)  # absent for a method that has none
    created = _instant(charge.created)
    return ChargeFacts(
        id=charge.id,
        status=cast("ChargeStatus", _one_of(ChargeStatus, charge.status)),
        amount=charge.amount,
        amount_refunded=charge.amount_refunded,
        currency=charge.currency,
        created=created,
        paid_at=created if charge.status == "succeeded" and charge.paid else None,
        last4=card.last4 if card else None,
        brand=card.brand if card else None,
        country=card.country if card else None,
        receipt_url=getattr(charge, "receipt_url", None),
        disputed=charge.disputed,
    )


@_readable
def refund_facts(refund: stripe.Refund) -> RefundFacts:
    """A refund, whoever made it. One whose status Stripe leaves open is on its way."""
    return RefundFacts(
        id=refund.id,
        status=cast("RefundStatus", _one_of(RefundStatus, refund.status or "pending")),
        amount=refund.amount,
        currency=refund.currency,
        failure_reason=getattr(refund, "failure_reason", None),  # these two come only when set
        pending_reason=getattr(refund, "pending_reason", None),
        created=_instant(refund.created),
        metadata=_metadata(refund.metadata),
        charge_id=_id(refund.charge),
        payment_intent_id=_id(refund.payment_intent),
    )


@_readable
def dispute_facts(dispute: stripe.Dispute) -> DisputeFacts:
    """A dispute, or an inquiry that may become one."""
    due_by = dispute.evidence_details.due_by
    return DisputeFacts(
        id=dispute.id,
        status=cast("DisputeStatus", _one_of(DisputeStatus, dispute.status)),
        reason=dispute.reason,
        amount=dispute.amount,
        currency=dispute.currency,
        created=_instant(dispute.created),
        charge_id=_text(_id(dispute.charge)),
        payment_intent_id=_id(dispute.payment_intent),
        charge_is_refundable=dispute.is_charge_refundable,
        evidence_due_by=_instant(due_by) if due_by else None,
    )


def event_facts(event: Mapping[str, Any]) -> EventFacts:
    """A snapshot event, parsed from JSON. Raises ValueError where it is no event of Stripe's."""
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    if event.get("object") != "event" or not isinstance(thing, dict):
        raise ValueError("It is no snapshot event.")
    id_, kind, created, live = (event.get(key) for key in ("id", "type", "created", "livemode"))
    if not (isinstance(id_, str) and id_.startswith("evt_") and len(id_) <= 255):
        raise ValueError("It has no id of an event.")
    if not (isinstance(kind, str) and type(created) is int and isinstance(live, bool)):
        raise ValueError("It has no type, time or mode.")
    object_kind, object_id, metadata = (thing.get(key) for key in ("object", "id", "metadata"))
    intent, charge = _id(thing.get("payment_intent")), _id(thing.get("charge"))
    version = event.get("api_version")
    return EventFacts(
        id=id_,
        type=kind,
        created=_instant(created),
        livemode=live,
        api_version=version if isinstance(version, str) else None,
        object_id=object_id if isinstance(object_id, str) else "",
        object_kind=object_kind if isinstance(object_kind, str) else "",
        metadata=_metadata(metadata) if isinstance(metadata, dict) else {},
        payment_intent_id=object_id if object_kind == "payment_intent" else intent,
        charge_id=object_id if object_kind == "charge" else charge,
        payload=event,
    )


def _one_of(literal: object, value: object) -> object:
    if value not in get_args(literal):
        raise ValueError(f"{value!r} is no status that we know")
    return value


def _id(value: object) -> str | None:
    """The id of what is given as an id or as the whole object."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if value is None or isinstance(value, str) else _text(getattr(value, "id", None))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value


def _amount(value: int | None) -> int:
    if type(value) is not int:
        raise TypeError("an amount is missing")
    return value


def _decimal(value: float) -> str:
    """A percentage without the dust of binary fractions, and without zeros at its end."""
    return f"{Decimal(str(value)).normalize():f}"


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("a time is beyond all calendars") from error


def _metadata(value: Any) -> dict[str, str]:
    """Metadata as a plain dict: the SDK's own object is none."""
    plain = value.to_dict() if isinstance(value, stripe.StripeObject) else value or {}
    return {str(name): str(text) for name, text in plain.items()}
