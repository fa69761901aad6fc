"""Reconciliation: what Stripe knows and we were not told, or did not take in.

Events vanish from Stripe after 30 days, which is as long as the guarantee; sessions, refunds and
disputes stay, so these are compared as well.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings

from memberships.gateway import checkout, events, money
from memberships.gateway.client import Patience
from memberships.gateway.facts import DisputeFacts, RefundFacts
from memberships.gateway.refusals import NotLetIn, StripeRefused
from memberships.purchases.models import Purchase
from memberships.purchases.models.purchase import BOUGHT, GIVEN_UP
from memberships.refunds.models import Dispute, Refund

from . import inbox, openings
from .models import StripeEvent
from .reduction import IncompleteFacts
from .settling import StillMoving, settle

log = structlog.get_logger(__name__)

WORKER = Patience.WORKER


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a reconciliation did. `troubled` are purchases that could not be settled."""

    new_events: int
    settled: int
    troubled: tuple[uuid.UUID, ...]


def reconcile(*, since: datetime, now: datetime) -> Found:
    """Fetch the events since an instant that did not arrive, and settle what differs from Stripe.

    The events are only put into the inbox; whoever takes up the inbox looks into them. Raises
    TryAgainLater, WillNotHelp where Stripe cannot be asked at all.
    """
    told = events.events_since(since, patience=WORKER)
    new_events = sum(
        inbox.keep(
            one,
            source=StripeEvent.Source.RECONCILE,
            livemode=settings.STRIPE_LIVEMODE,
            handled=events.HANDLED,
        )
        for one in told
    )
    differing = {*openings.sweep(), *_sold(since), *_returned(since), *_in_between()}
    troubled = []
    for purchase_id in sorted(differing):
        try:
            settle(purchase_id, now=now)
        except NotLetIn:
            raise  # the next one would hear the same
        except (StripeRefused, IncompleteFacts, StillMoving) as error:
            log.warning("not_reconciled", purchase=str(purchase_id), why=repr(error))
            troubled.append(purchase_id)
    found = Found(
        new_events=new_events,
        settled=len(differing) - len(troubled),
        troubled=tuple(troubled),
    )
    unserved = Purchase.objects.paid_without_membership().count()
    log.info("reconciled", new_events=found.new_events, settled=found.settled, unserved=unserved)
    return found


def _sold(since: datetime) -> Iterator[uuid.UUID]:
    """Sessions that are through at Stripe, and not here."""
    sessions = {one.id: one for one in checkout.sessions_since(since, patience=WORKER)}
    rows = Purchase.objects.filter(checkout_session_id__in=list(sessions))
    for pk, session_id, state in rows.values_list("pk", "checkout_session_id", "state"):
        status = sessions[str(session_id)].status
        is_behind = (status == "complete" and state not in {*BOUGHT, *GIVEN_UP}) or (
            status == "expired" and state not in GIVEN_UP
        )
        if is_behind:
            yield pk


def _returned(since: datetime) -> Iterator[uuid.UUID]:
    """Payments whose refunds or disputes are not as Stripe has them."""
    refunds = money.refunds_since(since, patience=WORKER)
    known = dict(
        Refund.objects.filter(stripe_refund_id__in=[one.id for one in refunds]).values_list(
            "stripe_refund_id", "state"
        )
    )
    disputes = money.disputes_since(since, patience=WORKER)
    kept = dict(
        Dispute.objects.filter(pk__in=[one.id for one in disputes]).values_list("pk", "status")
    )
    yield from _paid_by(one for one in refunds if known.get(one.id) != one.status)
    yield from _paid_by(one for one in disputes if kept.get(one.id) != one.status)


def _paid_by(facts: Iterable[RefundFacts | DisputeFacts]) -> Iterable[uuid.UUID]:
    payments = {one.payment_intent_id for one in facts if one.payment_intent_id}
    return Purchase.objects.filter(payment_intent_id__in=payments).values_list("pk", flat=True)


def _in_between() -> Iterator[uuid.UUID]:
    """Whatever Stripe must have ended, or will end soon: somebody has to ask."""
    purchases = Purchase.objects
    yield from purchases.past_expiry().values_list("pk", flat=True)
    yield from purchases.filter(
        state__in=[Purchase.State.PROCESSING, Purchase.State.REFUND_PENDING]
    ).values_list("pk", flat=True)
    yield from purchases.paid_without_membership().values_list("pk", flat=True)
    # Accepted by staff, and Stripe fell silent before it could be settled.
    yield from purchases.filter(state__in=GIVEN_UP, paid_at__isnull=False).values_list(
        "pk", flat=True
    )
