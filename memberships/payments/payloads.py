"""Payloads: what Stripe said word for word, dropped when it is needed no more.

They hold names and addresses of buyers. The event stays, with its hash and what came of it, and
whoever looks into it again asks Stripe for the purchase that it was about.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from memberships.purchases.models import Purchase

from .models import TO_DO, StripeEvent

KEPT = timedelta(days=396)  # 13 months, as the words of mail


def drop_old(*, now: datetime) -> int:
    """Drop what came 13 months ago; how many those were. What is still to do stays whole."""
    old = StripeEvent.objects.exclude(state__in=TO_DO).filter(
        received_at__lte=now - KEPT, payload__isnull=False
    )
    return old.update(payload=None)


def drop_of(purchase: Purchase) -> None:
    """Drop all that was said about a purchase whose buyer has closed the account.

    Events that nobody has looked into yet are told here which purchase they are about.
    """
    payment = {"payload__data__object__payment_intent": purchase.payment_intent_id}
    unread = Q(state__in=[*TO_DO, StripeEvent.State.DEAD]) & (
        Q(payload__data__object__metadata__purchase=str(purchase.pk))
        | (Q(**payment) if purchase.payment_intent_id else Q(pk__in=[]))
    )
    about = StripeEvent.objects.filter(
        Q(purchase=purchase) | Q(object_id__in=_names(purchase)) | unread, payload__isnull=False
    )
    about.update(purchase=purchase, payload=None)


def drop(event: StripeEvent, *, purchase: Purchase) -> None:
    """Drop what one event says. Whoever takes it up again is told here what it is about."""
    StripeEvent.objects.filter(pk=event.pk).update(purchase=purchase, payload=None)


def _names(purchase: Purchase) -> list[str]:
    """Everything at Stripe that is part of this sale."""
    own = [purchase.checkout_session_id, purchase.payment_intent_id, purchase.charge_id]
    refunds = purchase.refunds.values_list("stripe_refund_id", flat=True)
    disputes = purchase.disputes.values_list("pk", flat=True)
    return [name for name in (*own, *refunds, *disputes) if name]
