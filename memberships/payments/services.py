"""Verbs of payments: keeping what Stripe tells, settling a sale, and what staff decide."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from memberships.accounts.models import User
from memberships.gateway.events import HANDLED
from memberships.gateway.facts import EventFacts
from memberships.purchases.models import Plan, Purchase
from memberships.refunds.queries import bought_with

from . import inbox, notices, orphans, tasks
from .deciding import CannotDecide, accept, send_back, take_note
from .models import StripeEvent
from .reconciliation import reconcile
from .requesting import CannotRefund, request_refund
from .settling import Settled, StillMoving, settle
from .taking_up import take_up

__all__ = [
    "CannotDecide",
    "CannotRefund",
    "Settled",
    "StillMoving",
    "accept",
    "adopt_payment",
    "keep",
    "mail_way_to_refund",
    "process_again",
    "reconcile",
    "refund_payment",
    "request_refund",
    "send_back",
    "set_aside",
    "settle",
    "take_note",
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


def adopt_payment(*, event_id: str, user: User, plan: Plan, now: datetime) -> Purchase:
    """Give the payment that a waiting event is about to a person. Raises CannotDecide."""
    purchase = orphans.adopt(event_id=event_id, user=user, plan=plan, now=now)
    transaction.on_commit(_nudge, robust=True)
    return purchase


def refund_payment(*, event_id: str, by: User, reason: str, now: datetime) -> Purchase:
    """Send back the payment that a waiting event is about. Raises CannotDecide, CannotRefund."""
    purchase = orphans.refund(event_id=event_id, by=by, reason=reason, now=now)
    transaction.on_commit(_nudge, robust=True)
    return purchase


def process_again(*, event: StripeEvent) -> bool:
    """Look at an event once more, now. False where it is in work, or is none of ours."""
    with transaction.atomic():
        moved = inbox.requeue(event)
        if moved:
            transaction.on_commit(_nudge, robust=True)
    return moved


def set_aside(*, event_id: str) -> None:
    """Nothing has to be done about a waiting event. Raises CannotDecide."""
    orphans.set_aside(event_id=event_id)


def _nudge() -> None:
    tasks.take_up.apply_async(ignore_result=True)
