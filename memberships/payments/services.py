"""Verbs of payments: keeping what Stripe tells, settling a sale, reconciling with Stripe."""

from django.conf import settings
from django.db import transaction

from memberships.gateway.events import HANDLED
from memberships.gateway.facts import EventFacts

from . import inbox, tasks
from .models import StripeEvent
from .reconciliation import reconcile
from .settling import Settled, StillMoving, settle
from .taking_up import take_up

__all__ = ["Settled", "StillMoving", "keep", "reconcile", "settle", "take_up"]


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


def _nudge() -> None:
    tasks.take_up.apply_async(ignore_result=True)
