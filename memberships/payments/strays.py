"""Strays: events that wait for a person, and what Stripe says they are about."""

import uuid
from dataclasses import dataclass

import structlog
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from memberships.gateway.client import Patience
from memberships.gateway.facts import ChargeFacts, EventFacts
from memberships.gateway.reading import event_facts
from memberships.gateway.refusals import NotLetIn, StripeRefused, WillNotHelp
from memberships.purchases.models import Purchase

from . import snapshot
from .deciding import CannotDecide, StripeIsSilent
from .models import StripeEvent
from .snapshot import Snapshot

log = structlog.get_logger(__name__)


class NothingPaid(CannotDecide):
    """There is no money to give to anybody."""

    def __init__(self) -> None:
        super().__init__(_("Stripe knows of no money that came with this. Set the event aside."))


class NotWaiting(CannotDecide):
    """Somebody was faster, or a worker has it."""

    def __init__(self) -> None:
        super().__init__(_("This event does not wait for anybody any more."))


class TakenUp(CannotDecide):
    """The payment has its purchase: `purchase`."""

    def __init__(self, purchase: Purchase) -> None:
        self.purchase = purchase
        super().__init__(
            _("This payment has its purchase by now, %(purchase)s. Process the event again.")
            % {"purchase": purchase.pk}
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """What a waiting event is about. `purchase` holds the money already, where there is one.

    `name` is the purchase that Stripe's metadata names, `named` that purchase where it is here.
    """

    event: StripeEvent
    name: str
    session_id: str | None
    payment_intent_id: str | None
    facts: Snapshot
    purchase: Purchase | None
    named: Purchase | None

    def money(self) -> ChargeFacts:
        """The charge that nobody has taken up. Raises TakenUp, NothingPaid."""
        if self.purchase is not None:
            raise TakenUp(self.purchase)
        if self.facts.charge is None or not self.name:
            raise NothingPaid
        return self.facts.charge


def look_into(event_id: str) -> Stray:
    """Ask Stripe what a waiting event is about. Raises NotWaiting, StripeIsSilent."""
    event = StripeEvent.objects.waiting_for_staff().filter(pk=event_id).first()
    if event is None:
        raise NotWaiting
    told = _read(event)
    session_id = payment_intent_id = None
    name, facts = "", Snapshot()
    if told is not None:
        name = told.metadata.get("purchase", "")
        session_id, payment_intent_id = _names(told)
        try:
            facts = snapshot.about(
                session_id=session_id, payment_intent_id=payment_intent_id, patience=Patience.WEB
            )
        except NotLetIn as refusal:
            raise StripeIsSilent(refusal) from refusal
        except WillNotHelp:  # Stripe does not know it: no money of this account
            log.warning("stray_unknown_at_stripe", stripe_event=event.pk)
        except StripeRefused as refusal:
            raise StripeIsSilent(refusal) from refusal
    if facts.intent is not None:
        payment_intent_id = facts.intent.id
        name = name or facts.intent.metadata.get("purchase", "")
    own = own_id(name)
    return Stray(
        event=event,
        name=name,
        session_id=session_id,
        payment_intent_id=payment_intent_id,
        facts=facts,
        purchase=holders(session_id, payment_intent_id).first(),
        named=Purchase.objects.select_related("user").filter(pk=own).first() if own else None,
    )


def may_be_stray(event: StripeEvent) -> bool:
    """Could this event be about money without a purchase? Stripe is not asked."""
    if event.state not in {StripeEvent.State.PARKED, StripeEvent.State.DEAD} or event.purchase_id:
        return False
    told = _read(event)
    return told is not None and any(_names(told))


def _read(event: StripeEvent) -> EventFacts | None:
    try:
        return event_facts(event.payload or {})
    except (TypeError, ValueError):
        return None


def _names(told: EventFacts) -> tuple[str | None, str | None]:
    """The session and the payment of an event; a payment's session is known by its own event."""
    if told.object_kind == "checkout.session":
        return told.object_id, told.payment_intent_id
    if told.payment_intent_id is None:
        return None, None
    of_session = StripeEvent.objects.filter(
        type__startswith="checkout.session.",
        payload__data__object__payment_intent=told.payment_intent_id,
    )
    return of_session.values_list("object_id", flat=True).first(), told.payment_intent_id


def holders(session_id: str | None, payment_intent_id: str | None) -> QuerySet[Purchase]:
    """The purchase that holds a session or a payment: one, or none."""
    by_session = Q(checkout_session_id=session_id, checkout_session_id__isnull=False)
    by_payment = Q(payment_intent_id=payment_intent_id, payment_intent_id__isnull=False)
    return Purchase.objects.filter(by_session | by_payment)


def own_id(name: str) -> uuid.UUID | None:
    """The id that a name in Stripe's metadata is, if it is one."""
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
