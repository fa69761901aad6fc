"""Orphans: payments of ours whose purchase is not here, or was paid on another session.

A backup that was restored leaves them, for one. Staff look at what Stripe says was paid, and either
give it to a person or send it back. Either way a purchase is written for it, under the name that
Stripe has for it where that is free, so that whatever comes later about this money finds its row.
"""

import uuid
from datetime import datetime

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.gateway.facts import ChargeFacts
from memberships.purchases import guarantee
from memberships.purchases.models import Plan, Purchase
from memberships.refunds.models import Refund

from . import attention, inbox, settling
from .deciding import CannotDecide
from .models import StripeEvent
from .projection import Sale
from .reduction import reduce
from .requesting import BankDecides
from .settling import ROUNDS_MAX, StillMoving
from .strays import NothingPaid, NotWaiting, Stray, TakenUp, holders, look_into, own_id

log = structlog.get_logger(__name__)


class OtherTerms(CannotDecide):
    """What was paid is not what the plan asks for."""


class MoneyIsHere(CannotDecide):
    """Whoever set this aside would forget somebody's money."""

    def __init__(self) -> None:
        super().__init__(_("Money came with this. Give it to a person, or refund it."))


def adopt(*, event_id: str, user: User, plan: Plan, now: datetime) -> Purchase:
    """Give a payment to a person, as a sale of this plan; the membership begins with it.

    Where the person has paid before, or no place of the plan is left, the money goes back as of any
    sale. Raises OtherTerms, NothingPaid, TakenUp, NotWaiting, StripeIsSilent, StillMoving.
    """
    stray = look_into(event_id)
    charge = stray.money()
    _hold_to_terms(stray, plan)
    return _enter(stray, _row(stray, charge, plan=plan, user=user), now=now)


def refund(*, event_id: str, by: User, reason: str, now: datetime) -> Purchase:
    """Send a payment back, all that is left of it; a worker sends it. Nobody gets a membership.

    Where all of it has gone back before, that is written down. Raises BankDecides, NothingPaid,
    TakenUp, NotWaiting, StripeIsSilent, StillMoving, CannotDecide.
    """
    stray = look_into(event_id)
    charge = stray.money()
    if stray.facts.is_with_the_bank:
        raise BankDecides
    row = _row(stray, charge, plan=_plan_like(charge), user=None)
    back = Refund(
        purchase=row,
        amount=stray.facts.left,
        origin=Refund.Origin.ORPHAN_PAYMENT,
        reason=reason,
        requested_by=by,
        requested_at=now,
    )
    back.idempotency_key = f"refund-{back.pk}"
    return _enter(stray, row, back if back.amount > 0 else None, now=now)


def set_aside(*, event_id: str) -> None:
    """Nothing has to be done about an event: it waits no more, and counts as none of ours.

    Raises MoneyIsHere, NotWaiting, StripeIsSilent.
    """
    stray = look_into(event_id)
    if stray.name and stray.purchase is None and stray.facts.left > 0:
        raise MoneyIsHere
    if not inbox.set_aside(stray.event):
        raise NotWaiting


def _hold_to_terms(stray: Stray, plan: Plan) -> None:
    """The same rules that judge any sale, by what Stripe has under the name that it knows."""
    doubts = reduce(
        sale=Sale(
            purchase_id=stray.name,
            price=plan.amount,
            currency=plan.currency,
            livemode=settings.STRIPE_LIVEMODE,
            guarantee_days=plan.guarantee_days,
        ),
        session=stray.facts.session,
        intent=stray.facts.intent,
    ).doubts
    if doubts:
        raise OtherTerms(" ".join(attention.of_doubts(doubts)))


def _plan_like(charge: ChargeFacts) -> Plan:
    """The plan that this money most likely was for. It names the receipt, and grants nothing."""
    plans = Plan.objects.order_by("-active", "-created_at")
    found = (
        plans.filter(amount=charge.amount, currency=charge.currency).first()
        or plans.filter(currency=charge.currency).first()
        or plans.first()
    )
    if found is None:
        raise CannotDecide(_("There is no plan yet. Make one first; it need not be on offer."))
    return found


def _row(stray: Stray, charge: ChargeFacts, *, plan: Plan, user: User | None) -> Purchase:
    """The purchase of a payment, as a sale that staff have accepted. Not stored yet."""
    intent, session = stray.facts.intent, stray.facts.session
    if intent is None or charge.paid_at is None:
        raise NothingPaid
    own = own_id(stray.name)
    is_free = own is not None and stray.named is None
    return Purchase(
        # Whoever takes up the same payment, at whatever moment, comes to the same row.
        id=own if is_free else uuid.uuid5(uuid.NAMESPACE_URL, f"stripe:{intent.id}"),
        user=user,
        plan=plan,
        state=Purchase.State.PAID,
        amount_total=charge.amount,
        currency=charge.currency,
        checkout_session_id=session.id if session else None,
        payment_intent_id=intent.id,
        livemode=intent.livemode,
        created_at=session.created if session else intent.created,
        expires_at=session.expires_at if session else None,
        paid_at=charge.paid_at,
        refundable_until=guarantee.ends_at(charge.paid_at, days=plan.guarantee_days),
    )


def _enter(stray: Stray, row: Purchase, back: Refund | None = None, *, now: datetime) -> Purchase:
    """Store the rows and settle them in one transaction; of two who do, one is told so."""
    for _round in range(ROUNDS_MAX):
        try:
            with transaction.atomic():
                row.save(force_insert=True)
                if back is not None:
                    back.save(force_insert=True)
                settled = settling.write(row, stray.facts, now=now)
                if settled is None:
                    raise StillMoving(str(row.pk))
                _let_go_on(stray, row)
        except IntegrityError as error:
            held = holders(row.checkout_session_id, row.payment_intent_id).first()
            if held is not None:
                raise TakenUp(held) from error
            if "one_live_membership_per_user" not in str(error):
                raise
        else:
            log.info("stray_entered", purchase=str(row.pk), stripe_event=stray.event.pk)
            return settled.purchase
    raise StillMoving(str(row.pk))


def _let_go_on(stray: Stray, row: Purchase) -> None:
    """Whatever waits because of this payment has its purchase now, and is taken up again."""
    about = Q(pk=stray.event.pk) | Q(payload__data__object__payment_intent=row.payment_intent_id)
    if row.checkout_session_id:
        about |= Q(object_id=row.checkout_session_id)
    for event in StripeEvent.objects.waiting_for_staff().filter(about):
        inbox.requeue(event)
