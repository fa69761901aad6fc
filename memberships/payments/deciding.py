"""Deciding: what staff do about money that came with a doubt, and what they have seen of the rest.

A doubt is judged anew with what Stripe says at that moment: whoever is slower than another, or than
the buyer's bank, is told so, and nothing changes.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.gateway.client import Patience
from memberships.gateway.refusals import StripeRefused
from memberships.purchases import services as purchases
from memberships.purchases.models import Purchase
from memberships.refunds.models import IN_FLIGHT, Refund

from . import attention, inbox, settling, snapshot
from .projection import Doubt, Projection
from .reduction import IncompleteFacts
from .requesting import BankDecides, NothingLeft, RefundUnderWay, request_refund
from .settling import ROUNDS_MAX, StillMoving
from .snapshot import Snapshot

log = structlog.get_logger(__name__)

WEB = Patience.WEB


class CannotDecide(Exception):
    """Nothing has changed. The message is for whoever decides."""


class NoDoubt(CannotDecide):
    """It was decided before, or what was wrong is right by now."""

    def __init__(self) -> None:
        super().__init__(_("Nothing about this payment waits to be decided any more."))


class StripeIsSilent(CannotDecide):
    """Without Stripe nobody knows what was paid."""

    def __init__(self, why: Exception) -> None:
        super().__init__(
            _("Stripe could not be asked (%(why)s). Nothing has changed. Try again in a minute.")
            % {"why": str(why) or type(why).__name__}
        )


class MustDecide(CannotDecide):
    """A doubt does not go away by being seen: somebody's money is here, and gives nothing."""

    def __init__(self) -> None:
        super().__init__(_("Accept this payment, or send it back. It cannot be left as it is."))


def look(purchase: Purchase) -> Snapshot:
    """What Stripe says about a sale, to decide by. Raises StripeIsSilent."""
    try:
        return snapshot.of(purchase, patience=WEB)
    except StripeRefused as refusal:
        raise StripeIsSilent(refusal) from refusal


def accept(*, purchase_id: uuid.UUID, by: User, now: datetime, reason: str) -> Purchase:
    """Take the money for this sale all the same: the membership begins, and is not judged again.

    It is paid as of the time that Stripe tells. Where there was nothing to pay, the purchase stays
    ended, and the buyer gets a membership as a grant. Where Stripe falls silent after the decision,
    the purchase says so by its state, and is settled within the hour. Raises NoDoubt,
    RefundUnderWay, StripeIsSilent, StillMoving, CannotDecide.
    """

    def write(purchase: Purchase, facts: Snapshot, projection: Projection) -> None:
        if Doubt.NOTHING_TO_PAY in projection.doubts:
            _grant(purchase, projection, by=by, now=now, reason=reason)
            return
        refund = purchase.refunds.filter(state__in=IN_FLIGHT).first()
        if refund is not None:
            raise RefundUnderWay(refund)
        if facts.charge is None or facts.intent is None:
            raise NoDoubt
        times = [facts.charge.paid_at, settling.arrived_at(purchase)]
        purchase.paid_at = max(filter(None, times))
        purchase.livemode = facts.intent.livemode
        purchase.version += 1
        purchase.save(update_fields=["paid_at", "livemode", "version"])

    _judge(purchase_id, write, now=now)
    log.info("doubt_accepted", purchase=str(purchase_id), by=by.pk)
    try:
        return settling.settle(purchase_id, now=now, patience=WEB).purchase
    except (StripeRefused, IncompleteFacts, StillMoving) as error:
        log.warning("accepted_not_settled", purchase=str(purchase_id), why=repr(error))
        return Purchase.objects.get(pk=purchase_id)


def send_back(*, purchase_id: uuid.UUID, by: User, now: datetime, reason: str) -> Refund:
    """Send back all that Stripe says was paid and is still here. A worker sends it; then the
    purchase has ended as one that failed.

    Raises NoDoubt, BankDecides, NothingLeft, RefundUnderWay, StripeIsSilent, StillMoving.
    """
    made: list[Refund] = []

    def write(purchase: Purchase, facts: Snapshot, projection: Projection) -> None:
        if facts.charge is None:
            raise NoDoubt
        if facts.is_with_the_bank:
            raise BankDecides
        if facts.left <= 0:
            raise NothingLeft(0, facts.charge.currency)
        # What was paid, not what the plan asks for: the mail and the lists speak of this sum.
        purchase.amount_total, purchase.currency = facts.charge.amount, facts.charge.currency
        purchase.save(update_fields=["amount_total", "currency"])
        made.append(
            request_refund(
                purchase_id=purchase.pk,
                origin=Refund.Origin.STAFF,
                by=by,
                now=now,
                amount=facts.left,
                reason=reason,
            )
        )
        _without(purchase, attention.of_doubts(projection.doubts))
        purchase.save(update_fields=["attention"])

    _judge(purchase_id, write, now=now)
    return made[-1]


def take_note(*, purchase_id: uuid.UUID, seen: Iterable[str]) -> list[str]:
    """Staff have seen these sentences. They show again only where they happen anew.

    What came up since the page was opened is not among them, and stays. Raises MustDecide.
    """
    known = set(seen)
    with transaction.atomic():
        purchase = Purchase.objects.select_for_update(of=("self",)).get(pk=purchase_id)
        if attention.asks_to_decide(purchase) and purchase.payment_intent_id:
            raise MustDecide
        noted = [one for one in purchase.attention.splitlines() if one in known]
        _note(purchase, noted)
        inbox.hurry(purchase)
    return noted


def _judge(
    purchase_id: uuid.UUID,
    write: Callable[[Purchase, Snapshot, Projection], None],
    *,
    now: datetime,
) -> None:
    """Ask Stripe, then judge and write under the lock; anew where the row moved in between."""
    for _round in range(ROUNDS_MAX):
        seen = Purchase.objects.get(pk=purchase_id)
        facts = look(seen)
        with transaction.atomic():
            held = Purchase.objects.select_for_update(of=("self",))
            purchase = held.select_related("plan").get(pk=purchase_id)
            if purchase.version != seen.version:
                continue
            if not attention.asks_to_decide(purchase):
                raise NoDoubt
            refunds = list(purchase.refunds.select_for_update().order_by("pk"))
            projection = settling.projected(purchase, facts, refunds, now=now)
            if not projection.doubts:
                raise NoDoubt
            write(purchase, facts, projection)
            inbox.hurry(purchase)  # what told of this sale waits for the decision
            return
    raise StillMoving(str(purchase_id))


def _grant(
    purchase: Purchase, projection: Projection, *, by: User, now: datetime, reason: str
) -> None:
    """A membership for a checkout that cost nothing. None was sold, so the purchase stays ended."""
    if purchase.user is None:
        raise CannotDecide(_("The buyer's account is closed. There is nobody to give it to."))
    note = _("The checkout %(purchase)s had nothing to pay. %(reason)s")
    try:
        purchases.grant(
            user=purchase.user,
            by=by,
            now=now,
            note=note % {"purchase": purchase.pk, "reason": reason},
        )
    except purchases.AlreadyMemberError as refusal:
        raise CannotDecide(str(refusal)) from refusal
    _note(purchase, attention.of_doubts(projection.doubts))


def _note(purchase: Purchase, seen: list[str]) -> None:
    purchase.noted = "\n".join([*purchase.noted.splitlines(), *seen])
    _without(purchase, seen)
    purchase.version += 1
    purchase.save(update_fields=["noted", "attention", "version"])


def _without(purchase: Purchase, seen: list[str]) -> None:
    said = purchase.attention.splitlines()
    purchase.attention = "\n".join(one for one in said if one not in seen)
