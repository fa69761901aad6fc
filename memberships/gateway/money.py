"""Money: what was paid, giving it back, and what banks take back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from .client import Patience, client, translated
from .facts import DisputeFacts, IntentFacts, RefundFacts
from .reading import dispute_facts, intent_facts, refund_facts

RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]


def payment(payment_intent_id: str, *, patience: Patience) -> IntentFacts:
    """What Stripe knows about a payment, with its latest charge.

    Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        return intent_facts(
            client(patience).v1.payment_intents.retrieve(
                payment_intent_id, {"expand": ["latest_charge"]}
            )
        )


def refund(
    *,
    payment_intent_id: str,
    amount: int,
    reason: RefundReason,
    metadata: Mapping[str, str],
    idempotency_key: str,
    patience: Patience,
) -> RefundFacts:
    """Send money back, in whole or in part, to where it came from.

    The amount is always said: without one Stripe takes all that is left, whatever that is by then.
    Raises AlreadyRefunded, Disputed; WillNotHelp where Stripe did nothing for another reason; and
    TryAgainLater where it is not known whether it did: the same key again, or `refunds_of`.
    """
    if amount <= 0:
        raise ValueError("A refund gives something back.")
    with translated():
        return refund_facts(
            client(patience).v1.refunds.create(
                {
                    "payment_intent": payment_intent_id,
                    "amount": amount,
                    "reason": reason,
                    "metadata": dict(metadata),
                },
                {"idempotency_key": idempotency_key},
            )
        )


def refunds_of(payment_intent_id: str, *, patience: Patience) -> list[RefundFacts]:
    """Every refund of a payment, oldest first, whoever made it.

    Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        found = client(patience).v1.refunds.list(
            {"payment_intent": payment_intent_id, "limit": 100}
        )
        return [refund_facts(one) for one in found.auto_paging_iter()][::-1]


def refunds_since(since: datetime, *, patience: Patience) -> list[RefundFacts]:
    """Every refund made at or after this instant, oldest first.

    Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        found = client(patience).v1.refunds.list(
            {"created": {"gte": int(since.timestamp())}, "limit": 100}
        )
        return [refund_facts(one) for one in found.auto_paging_iter()][::-1]


def disputes_of(payment_intent_id: str, *, patience: Patience) -> list[DisputeFacts]:
    """Every dispute about a payment, oldest first. Raises TryAgainLater, WillNotHelp."""
    with translated():
        found = client(patience).v1.disputes.list(
            {"payment_intent": payment_intent_id, "limit": 100}
        )
        return [dispute_facts(one) for one in found.auto_paging_iter()][::-1]


def disputes_since(since: datetime, *, patience: Patience) -> list[DisputeFacts]:
    """Every dispute opened at or after this instant, oldest first.

    Raises TryAgainLater, WillNotHelp.
    """
    with translated():
        found = client(patience).v1.disputes.list(
            {"created": {"gte": int(since.timestamp())}, "limit": 100}
        )
        return [dispute_facts(one) for one in found.auto_paging_iter()][::-1]
