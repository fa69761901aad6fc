"""Verbs of payments: keeping what Stripe tells, settling a sale, reconciling with Stripe."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from memberships.gateway.events import HANDLED
from memberships.gateway.facts import EventFacts
from memberships.refunds.queries import bought_with

from . import inbox, notices, tasks
from .models import StripeEvent
from .reconciliation import reconcile
from .settling import Settled, StillMoving, settle
from .taking_up import take_up

__all__ = [
    "Settled",
    "StillMoving",
    "keep",
    "mail_way_to_refund",
    "reconcile",
    "settle",
    "take_up",
]


def keep(event: EventFacts) -> bool:
    """Put a verified event into the inbox, and say whether it is new.

    A worker is nudged on commit; where the broker is down, the sweeper comes within a minute.
    """
    with transaction.atomic():
        new = inbox.keep(
            event,
            source=StripeEvent.Source.WEBHOOK,
            livemode=settings.STRIPE_LIVEMODE,
            handled=HANDLED,
        )
        if new:
            transaction.on_commit(_nudge, robust=True)
    return new


def mail_way_to_refund(*, receipt_number: int, email: str, now: datetime) -> None:
    """Mail the signed link to a refund, if the receipt of that number is that address's.

    Whoever asks learns nothing from it: what is mailed is mailed to the account's own address.
    """
    with transaction.atomic():
        for purchase in bought_with(receipt_number=receipt_number, email=email):
            notices.way_to_refund(purchase, now=now)


def _nudge() -> None:
    tasks.take_up.apply_async(ignore_result=True)
