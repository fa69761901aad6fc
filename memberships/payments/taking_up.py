"""Taking up: events of the inbox one after another, and the refunds that wait to be sent."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.utils.translation import gettext as _

from memberships.gateway import money
from memberships.gateway.client import API_VERSION, Patience
from memberships.gateway.facts import EventFacts
from memberships.gateway.reading import event_facts
from memberships.gateway.refusals import NotLetIn, TryAgainLater, WillNotHelp
from memberships.purchases.models import Purchase
from memberships.refunds.models import Refund

from . import inbox, payloads, sending
from .models import StripeEvent
from .reduction import IncompleteFacts
from .settling import StillMoving, settle

log = structlog.get_logger(__name__)

LONGEST = timedelta(seconds=60)  # then other tasks have their turn; the next round goes on
UNKNOWN = (TryAgainLater, StillMoving, IncompleteFacts)


class Orphan(Exception):
    """Ours by its name, and no purchase of ours fits: a person has to look."""


def take_up(*, clock: Callable[[], datetime]) -> None:
    """Look into every event that is due, then send every refund that is due.

    Any number of these may run at the same moment; each row is taken by one of them.
    """
    began = clock()
    while clock() - began < LONGEST:
        event = inbox.claim()
        if event is None:
            break
        process(event, now=clock())
    while clock() - began < LONGEST:
        refund = sending.claim()
        if refund is None:
            break
        try:
            sending.send(refund, now=clock())
        except Exception:
            # It keeps its lease, and is tried again under its key when that is over.
            log.exception("refund_not_settled", refund=str(refund.pk))


def process(event: StripeEvent, *, now: datetime) -> None:
    """Settle the sale that a claimed event is about, and say on its row what came of it.

    Whatever goes wrong is written down, with a pause before the next try.
    """
    if inbox.speaks_another_version(event, ours=API_VERSION):
        log.error("stripe_event_version", stripe_event=event.pk, version=event.api_version)
    try:
        # Where the words were dropped, whoever dropped them wrote down which purchase it was.
        known = event.purchase if event.payload is None else None
        purchase = known or purchase_of(event_facts(event.payload or {}))
        if purchase is None:
            inbox.ignore(event)
            return
        settled = settle(purchase.pk, now=now)
    except UNKNOWN as unknown:
        _fail(event, f"{type(unknown).__name__}: {unknown}")
    except NotLetIn as refusal:
        log.error("stripe_let_nobody_in", stripe_event=event.pk, why=str(refusal))  # noqa: TRY400 - no bug
        inbox.put_off(event, error=f"{type(refusal).__name__}: {refusal}")
    except (Orphan, WillNotHelp) as refusal:
        log.error("stripe_event_parked", stripe_event=event.pk, why=str(refusal))  # noqa: TRY400 - no bug
        inbox.park(event, why=str(refusal) or type(refusal).__name__)
    except Exception as error:
        log.exception("stripe_event_failed", stripe_event=event.pk)
        _fail(event, f"{type(error).__name__}: {error}")
    else:
        if settled.purchase.user_id is None:
            payloads.drop(event, purchase=settled.purchase)  # the account is closed
        if settled.doubts and settled.purchase.attention:
            inbox.park(event, why=settled.purchase.attention, purchase=settled.purchase)
        else:
            inbox.done(event, purchase=settled.purchase)


def _fail(event: StripeEvent, error: str) -> None:
    inbox.fail(event, error=error)
    if event.state == StripeEvent.State.DEAD:
        log.error("stripe_event_dead", stripe_event=event.pk, error=error)


def purchase_of(event: EventFacts) -> Purchase | None:
    """The purchase that an event is about; None where it is about nothing of ours.

    Raises Orphan where it names a purchase that is not here, TryAgainLater, WillNotHelp.
    """
    named = event.metadata.get("purchase")
    if event.object_kind == "checkout.session":
        return _of_session(event, named) if named else None
    known = Purchase.objects.filter(
        (Q(payment_intent_id=event.payment_intent_id) & Q(payment_intent_id__isnull=False))
        | (Q(charge_id=event.charge_id) & Q(charge_id__isnull=False))
    ).first()
    if known is not None:
        return known
    if named is None and (own := _uuid(event.metadata.get("refund_id"))):
        refund = Refund.objects.filter(pk=own).select_related("purchase").first()
        if refund is not None:
            return refund.purchase
    if named is None and event.payment_intent_id:
        # A dispute, or a refund from the dashboard, heard of before the sale: the payment knows.
        intent = money.payment(event.payment_intent_id, patience=Patience.WORKER)
        named = intent.metadata.get("purchase")
    return _named(named) if named else None


def _named(name: str) -> Purchase:
    pk = _uuid(name)
    purchase = Purchase.objects.filter(pk=pk).first() if pk else None
    if purchase is None:
        raise Orphan(_("It names the purchase %(name)s, which is not here.") % {"name": name})
    return purchase


def _of_session(event: EventFacts, named: str) -> Purchase:
    """By its session, or by its payment, which staff may have adopted; one whose session was made
    and never written down is told of it now.
    """
    known = Purchase.objects.filter(
        Q(checkout_session_id=event.object_id)
        | (Q(payment_intent_id=event.payment_intent_id) & Q(payment_intent_id__isnull=False))
    ).first()
    if known is not None:
        return known
    purchase = _named(named)
    adopted = Purchase.objects.filter(
        pk=purchase.pk, checkout_session_id__isnull=True, expires_at__isnull=False
    ).update(checkout_session_id=event.object_id)
    if not adopted and event.type != "checkout.session.expired":
        raise Orphan(_("It is about another session than the one of its purchase."))
    return purchase


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
