"""Events: Stripe's hints, believed only when signed, and read again when they were lost."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Never

import stripe

from .client import Patience, client, translated
from .facts import EventFacts
from .reading import event_facts
from .refusals import NotAnEvent, TryAgainLater

TOLERANCE_S = 300  # how far the time of a signature may be from ours, to either side

# What the endpoint in Stripe's dashboard subscribes to, and the reconciler asks for.
HANDLED = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "radar.early_fraud_warning.created",
)


def verify_event(
    body: bytes, signature: str | None, *, secrets: Sequence[str], now: datetime
) -> EventFacts:
    """The event in this raw body, if one of the secrets signed it within five minutes of now.

    The SDK alone would take a signature from the future, a list, and an event without an id.
    Raises NotAnEvent.
    """
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise NotAnEvent("The signature is missing or is not ours.")
    # The signature holds, so its time can be read as the SDK reads it: the first of them counts.
    times = [part for part in str(signature).split(",") if part.split("=")[0] == "t"]
    if abs(now.timestamp() - int(times[0].split("=")[1])) > TOLERANCE_S:
        raise NotAnEvent("The signature is too old, or from the future.")
    try:
        event = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotAnEvent("The body is not JSON.") from error
    if not isinstance(event, dict) or b"\\u0000" in body:  # PostgreSQL's JSON has no NUL
        raise NotAnEvent("The body is not an event.")
    try:
        return event_facts(event)
    except (TypeError, ValueError) as error:
        raise NotAnEvent(str(error)) from error


def _is_signed(body: bytes, signature: str | None, secret: str) -> bool:
    try:
        # Age is judged by the caller's clock, not by the SDK: 0 leaves it out here.
        stripe.WebhookSignature.verify_header(body, signature, secret, 0)
    except (stripe.SignatureVerificationError, ValueError):  # ValueError: not UTF-8
        return False
    return True


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def events_since(
    since: datetime, *, types: Sequence[str] = HANDLED, patience: Patience
) -> list[EventFacts]:
    """The events of these types (20 at most) created at or after an instant, oldest first.

    Stripe keeps them for 30 days. Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        found = client(patience).v1.events.list(
            {"created": {"gte": int(since.timestamp())}, "types": list(types), "limit": 100}
        )
        return [_fetched(one) for one in found.auto_paging_iter()][::-1]


def event(event_id: str, *, patience: Patience) -> EventFacts:
    """One event again, as Stripe keeps it. Raises TryAgainLater, WillNotHelp."""
    with translated():
        return _fetched(client(patience).v1.events.retrieve(event_id))


def _fetched(event: stripe.Event) -> EventFacts:
    payload: dict[str, Any] = event.to_dict(for_json=True)
    try:
        return event_facts(payload)
    except (TypeError, ValueError) as error:
        raise TryAgainLater(f"Stripe's answer is unknown: {error}", code="unreadable") from error
