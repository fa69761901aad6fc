"""What the reducer is told about a sale, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from memberships.gateway.facts import TaxFacts
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Refund


class Alert(StrEnum):
    """What staff should hear of. It holds as long as the facts do; tell it once."""

    INQUIRY = "inquiry"
    DISPUTED = "disputed"
    DISPUTED_AFTER_REFUND = "disputed_after_refund"  # show the bank the refund
    CHARGED_BACK = "charged_back"
    FRAUD_WARNING = "fraud_warning"  # refund now, and there will be no chargeback
    REFUND_FAILED = "refund_failed"
    REFUND_WAITS_FOR_BUYER = "refund_waits_for_buyer"
    REFUNDED_TOO_MUCH = "refunded_too_much"


class Doubt(StrEnum):
    """Why money that came is not taken for this sale until a person has looked at it."""

    OTHER_AMOUNT = "other_amount"
    OTHER_CURRENCY = "other_currency"
    OTHER_PURCHASE = "other_purchase"
    OTHER_MODE = "other_mode"
    DISCOUNT = "discount"
    NOTHING_TO_PAY = "nothing_to_pay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """What we offered, and what we stored of the payment when we first accepted it.

    `price` is the plan's. With `paid_at` set the sale is accepted and not judged again, and both
    instants stay as they are.
    """

    purchase_id: str
    price: int
    currency: str
    livemode: bool
    guarantee_days: int
    paid_at: datetime | None = None
    refundable_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRefund:
    """A refund of ours as our row has it; Stripe may or may not have heard of it."""

    id: str
    amount: int
    state: str
    stripe_refund_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundOutcome:
    """One refund that Stripe knows; `own_id` is our row's, None for one from the dashboard."""

    stripe_refund_id: str
    own_id: str | None
    state: Refund.State
    amount: int
    failure_reason: str | None
    pending_reason: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """What the rows should say. `membership` None: this sale gives no right to read.

    With a doubt, the state may be written, but nobody is let in, until staff decide.
    """

    state: Purchase.State
    membership: Membership.Status | None = None
    end_reason: Membership.EndReason | None = None
    amount_total: int | None = None  # None until money came
    currency: str = ""  # of the amounts, as it was paid
    amount_tax: int = 0
    amount_refunded: int = 0
    payment_intent_id: str | None = None
    charge_id: str | None = None
    paid_at: datetime | None = None
    refundable_until: datetime | None = None
    card_brand: str = ""
    card_last4: str = ""
    receipt_url: str = ""
    billing_country: str = ""
    card_country: str = ""
    taxes: tuple[TaxFacts, ...] = ()  # empty where Stripe reports none, or nobody asked
    refunds: tuple[RefundOutcome, ...] = ()
    alerts: frozenset[Alert] = frozenset()
    doubts: frozenset[Doubt] = frozenset()
