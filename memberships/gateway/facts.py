"""Facts: what Stripe knows about a sale, in our words.

Every amount is an integer in minor units of its currency, whose code is in lower case. Every
instant is aware and in UTC. Ids are Stripe's. A fact is what was true when it was fetched, and no
promise that it still is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

SessionStatus = Literal["open", "complete", "expired"]
PaymentStatus = Literal["paid", "unpaid", "no_payment_required"]
IntentStatus = Literal[
    "canceled",
    "processing",
    "requires_action",
    "requires_capture",
    "requires_confirmation",
    "requires_payment_method",
    "succeeded",
]
ChargeStatus = Literal["succeeded", "pending", "failed"]
RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
# Where Stripe reckons tax: is it within the price, or on top? Where nobody said, it reckons none.
TaxBehavior = Literal["inclusive", "exclusive", "unspecified"]
DisputeStatus = Literal[
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxFacts:
    """One tax within a payment, as Stripe reckoned it. An amount of 0 has its `reason`."""

    name: str  # as Stripe shows it to the buyer: VAT, Sales tax
    amount: int
    percentage: str | None  # a decimal, "8.875"; None for a tax that is no share of the price
    country: str | None  # two letters
    jurisdiction: str | None
    taxable_amount: int | None
    reason: str | None  # Stripe's word: standard_rated, reverse_charge, not_collecting, …


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """A Checkout session: one page of Stripe's on which one payment can be made.

    `complete` says that the buyer is through, not that money came: a delayed method leaves the
    session complete and unpaid. Only `payment_status` speaks of money.
    """

    id: str
    url: str | None  # only while the session is open
    status: SessionStatus
    payment_status: PaymentStatus
    payment_intent_id: str | None  # from the moment somebody tries to pay; never for a free one
    amount_subtotal: int  # before discounts and taxes
    amount_total: int
    amount_tax: int
    amount_discount: int
    currency: str
    livemode: bool
    created: datetime
    expires_at: datetime
    client_reference_id: str | None
    metadata: Mapping[str, str]
    customer_email: str | None  # as typed on Stripe's page; never a credential
    customer_country: str | None  # two letters, from the billing address
    taxes: tuple[TaxFacts, ...] = ()  # what `amount_tax` is made of; only of a session by its id


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceFacts:
    """A price that staff made in Stripe's dashboard."""

    id: str
    active: bool
    is_one_time: bool  # and no subscription
    amount: int | None  # None for one that the buyer chooses, or that has steps
    currency: str
    tax: TaxBehavior
    livemode: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeFacts:
    """One attempt to take the money, and what became of it.

    `paid_at` is when the charge was made, and None unless it succeeded. For a delayed method Stripe
    keeps no time of success on the charge: there the time of the event is the later, fairer one.
    """

    id: str
    status: ChargeStatus
    amount: int
    amount_refunded: int
    currency: str
    created: datetime
    paid_at: datetime | None
    last4: str | None  # None for a method that has no card
    brand: str | None
    country: str | None  # two letters, of the card
    receipt_url: str | None
    disputed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class IntentFacts:
    """A payment across all its attempts, with the latest of them."""

    id: str
    status: IntentStatus
    amount: int
    amount_received: int
    currency: str
    livemode: bool
    created: datetime
    metadata: Mapping[str, str]
    charge: ChargeFacts | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundFacts:
    """Money on its way back, whoever sent it. A refund that succeeded can still fail days later."""

    id: str
    status: RefundStatus
    amount: int
    currency: str
    failure_reason: str | None
    pending_reason: str | None
    created: datetime
    metadata: Mapping[str, str]
    charge_id: str | None
    payment_intent_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DisputeFacts:
    """A payment that the buyer's bank asks about (`warning_…`) or takes back."""

    id: str
    status: DisputeStatus
    reason: str
    amount: int
    currency: str
    created: datetime
    charge_id: str
    payment_intent_id: str | None
    charge_is_refundable: bool
    evidence_due_by: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFacts:
    """A hint that something happened to an object, with that object as it was then.

    `metadata` is the object's own; a refund made in Stripe's dashboard and a dispute have none of
    ours, and are found by their payment intent or charge. `payload` is the whole event as it came,
    ready for a JSON column.
    """

    id: str
    type: str
    created: datetime
    livemode: bool
    api_version: str | None
    object_id: str
    object_kind: str  # Stripe's name: checkout.session, charge, refund, dispute, …
    metadata: Mapping[str, str]
    payment_intent_id: str | None
    charge_id: str | None
    payload: Mapping[str, Any]  # JSON, at the boundary
