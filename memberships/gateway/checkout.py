"""Checkout: opening Stripe's page for one payment, looking at it, closing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import stripe
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from .client import Patience, client, translated
from .facts import PriceFacts, SessionFacts
from .reading import price_facts, session_facts
from .refusals import SessionNotOpen, WillNotHelp


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPrice:
    """A price that staff made in Stripe's dashboard."""

    price_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainPrice:
    """A price that only we know. The amount is what the buyer pays, taxes included."""

    name: str
    amount: int
    currency: str


def open_session(
    *,
    price: KeptPrice | PlainPrice,
    reference: str,
    metadata: Mapping[str, str],
    email: str,
    expires_at: datetime,
    success_url: str,
    cancel_url: str,
    idempotency_key: str,
    patience: Patience,
    reckons_tax: bool = False,
) -> SessionFacts:
    """Open a page of Stripe's for one payment, by whatever methods the account offers.

    `metadata` is put on the session and on the payment, so that refunds and disputes can be traced.
    `expires_at` lies 30 minutes to 24 hours ahead. All arguments must come from the row whose key
    this is: the same key with other arguments is refused. `success_url` holds
    `{CHECKOUT_SESSION_ID}`, which Stripe fills in. `reckons_tax` has Stripe reckon the tax, which
    needs registrations in the account. Raises TryAgainLater, WillNotHelp.
    """
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [_line_item(price)],
        "client_reference_id": reference,
        "metadata": dict(metadata),
        "payment_intent_data": {"metadata": dict(metadata)},
        "customer_email": email,
        "expires_at": int(expires_at.timestamp()),
        "adaptive_pricing": {"enabled": False},  # what was asked is what is paid, in its currency
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    if reckons_tax:
        params["automatic_tax"] = {"enabled": True}
    with translated():
        made = client(patience).v1.checkout.sessions.create(
            params, {"idempotency_key": idempotency_key}
        )
    return session_facts(made)


def _line_item(price: KeptPrice | PlainPrice) -> SessionCreateParamsLineItem:
    if isinstance(price, KeptPrice):
        return {"price": price.price_id, "quantity": 1}
    return {
        "price_data": {
            "currency": price.currency,
            "unit_amount": price.amount,
            "tax_behavior": "inclusive",
            "product_data": {"name": price.name},
        },
        "quantity": 1,
    }


def price(price_id: str, *, patience: Patience) -> PriceFacts:
    """What Stripe knows about a kept price. Raises TryAgainLater, WillNotHelp."""
    with translated():
        return price_facts(client(patience).v1.prices.retrieve(price_id))


def session(session_id: str, *, patience: Patience) -> SessionFacts:
    """What Stripe knows about a session now, its taxes one by one.

    Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        return session_facts(
            client(patience).v1.checkout.sessions.retrieve(
                session_id, {"expand": ["total_details.breakdown"]}
            )
        )


def expire_session(session_id: str, *, patience: Patience) -> SessionFacts:
    """Close an open session, so that nobody can pay on it any more.

    Raises SessionNotOpen, with the session, where it was complete or expired before; TryAgainLater,
    WillNotHelp.
    """
    try:
        with translated():
            return session_facts(client(patience).v1.checkout.sessions.expire(session_id))
    except WillNotHelp as refusal:
        # Stripe has no code for this: the session itself says whether that was the reason.
        if not isinstance(refusal.__cause__, stripe.InvalidRequestError):
            raise
        found = session(session_id, patience=patience)
        if found.status == "open":
            raise
        raise SessionNotOpen(
            str(refusal), session=found, code=refusal.code, request_id=refusal.request_id
        ) from refusal


def sessions_since(since: datetime, *, patience: Patience) -> list[SessionFacts]:
    """Every session made at or after this instant, oldest first.

    Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        found = client(patience).v1.checkout.sessions.list(
            {"created": {"gte": int(since.timestamp())}, "limit": 100}
        )
        return [session_facts(one) for one in found.auto_paging_iter()][::-1]
