"""Requesting: money back is asked for, by the buyer or by staff. Stripe is not called here.

The row is committed with its key, and with what it does to purchase and membership; a worker sends
it from there (sending.py), however long that takes.
"""

import uuid
from datetime import datetime

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.purchases import guarantee
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase
from memberships.purchases.models.purchase import BOUGHT
from memberships.refunds.models import CHARGEBACK, Dispute, Refund

from . import granting, notices
from .projection import Projection
from .reduction import ACCESS

log = structlog.get_logger(__name__)

# The bank has the money, or has decided to keep it; what we sent on top would be paid twice.
WITH_THE_BANK = [*CHARGEBACK, Dispute.Status.LOST]


class CannotRefund(Exception):
    """No refund was asked for, and nothing has changed. The message is for the reader."""


class GuaranteeOver(CannotRefund):
    """It was asked for after the last day of the guarantee."""

    def __init__(self, until: datetime) -> None:
        self.last_day = guarantee.last_day(until)
        super().__init__(
            _("The money-back guarantee ended on %(day)s.")
            % {"day": date_format(self.last_day, "DATE_FORMAT")}
        )


class NothingLeft(CannotRefund):
    """Nothing was paid, or it has gone back, or more was asked for than is left."""

    def __init__(self, left: int, currency: str) -> None:
        self.left = left
        super().__init__(
            _("Only %(left)s is left to refund.") % {"left": written(left, currency)}
            if left > 0
            else _("There is nothing left to refund.")
        )


class WithStaff(NothingLeft):
    """The buyer's own refund arrived, and another one came back: staff send that another way."""

    def __init__(self, left: int, currency: str) -> None:
        super().__init__(left, currency)
        self.args = (
            _("A refund came back to us. Our staff send it another way, and write to you."),
        )


class RefundUnderWay(CannotRefund):
    """A refund was asked for before, and has not ended: `refund`."""

    def __init__(self, refund: Refund) -> None:
        self.refund = refund
        super().__init__(_("A refund of this payment is already on its way."))


class BankDecides(CannotRefund):
    """The buyer has disputed the payment, and the bank decides, or has decided."""

    def __init__(self) -> None:
        super().__init__(
            _("The payment was disputed with the bank. The bank decides about it now.")
        )


def request_refund(
    *,
    purchase_id: uuid.UUID,
    origin: Refund.Origin,
    by: User | None,
    now: datetime,
    amount: int | None = None,
    reason: str = "",
) -> Refund:
    """Ask for money back: all that is left, or `amount` in minor units.

    The buyer's own button gives back all that is left, within the guarantee: the instant of asking
    counts, by the database's clock, and the last one is in. Staff may give back a part, at any
    time. Where it is all that is left, access pauses with this. The buyer is told.

    Raises GuaranteeOver, NothingLeft, RefundUnderWay, BankDecides: then nothing has changed.
    """
    is_own = origin == Refund.Origin.SELF_SERVICE
    if amount is not None and (amount <= 0 or is_own):
        raise ValueError("A part, and more than nothing, is for staff to give back.")
    with transaction.atomic():
        # PostgreSQL takes the time when the statement began: waiting for the lock costs nobody
        # the guarantee.
        asked_at = _clock(Purchase.objects.select_for_update(), purchase_id)
        purchase = Purchase.objects.select_related("plan", "user").get(pk=purchase_id)
        left = _left(purchase, amount=amount)
        if is_own:
            _is_for_the_buyer(purchase, left, asked_at)
        refund_id = uuid.uuid4()
        refund = Refund.objects.create(
            id=refund_id,
            purchase=purchase,
            amount=amount or left,
            origin=origin,
            reason=reason,
            requested_by=by,
            requested_at=asked_at,
            idempotency_key=f"refund-{refund_id}",
        )
        if refund.amount == left:
            _pause(purchase, now=now)
        purchase.version += 1
        purchase.save(update_fields=["state", "version"])
        notices.refund_received(refund, purchase, now=now)
        transaction.on_commit(_nudge, robust=True)
    log.info("refund_requested", refund=str(refund.pk), origin=str(origin), amount=refund.amount)
    return refund


def left_for_buyer(purchase: Purchase) -> int:
    """What the buyer's own button would give back now, in minor units; nothing is held or changed.

    Raises what `request_refund` would raise.
    """
    left = _left(purchase)
    _is_for_the_buyer(purchase, left, _clock(Purchase.objects.all(), purchase.pk))
    return left


def _clock(purchases: QuerySet[Purchase], pk: uuid.UUID) -> datetime:
    asked_at: datetime = (
        purchases.annotate(asked_at=Now()).values_list("asked_at", flat=True).get(pk=pk)
    )
    return asked_at


def _is_for_the_buyer(purchase: Purchase, left: int, asked_at: datetime) -> None:
    """Is it for the buyer to ask: for the first time that it would arrive, and in time?"""
    arrived = purchase.refunds.succeeded().filter(origin=Refund.Origin.SELF_SERVICE)
    if arrived.exists():
        raise WithStaff(left, purchase.currency)
    until = purchase.refundable_until
    if until is None or asked_at > until:
        raise GuaranteeOver(until or asked_at)


def _left(purchase: Purchase, *, amount: int | None = None) -> int:
    """What has not gone back and is not on its way, by whomever. Raises what stands in the way.

    Of money that came with a doubt, 0: how much it is, Stripe knows alone.
    """
    in_flight = list(purchase.refunds.in_flight().order_by("requested_at", "pk"))
    ours = [one for one in in_flight if one.origin != Refund.Origin.DASHBOARD]
    if ours:
        raise RefundUnderWay(ours[0])
    is_doubted = bool(purchase.paid_at is None and purchase.payment_intent_id and amount)
    if purchase.state not in BOUGHT and not is_doubted:
        raise NothingLeft(0, purchase.currency)
    left = purchase.amount_left - sum(one.amount for one in in_flight)
    if left <= 0 and in_flight:
        raise RefundUnderWay(in_flight[0])
    if left <= 0:
        raise NothingLeft(0, purchase.currency)
    if purchase.disputes.filter(status__in=WITH_THE_BANK).exists():
        raise BankDecides
    if is_doubted:
        return 0
    if amount is not None and amount > left:
        raise NothingLeft(left, purchase.currency)
    return left


def _pause(purchase: Purchase, *, now: datetime) -> None:
    """What reduction says of a sale whose whole amount is on its way back."""
    purchase.state = Purchase.State.REFUND_PENDING
    status, end_reason = ACCESS[purchase.state]
    held = granting.locked(purchase)
    for own in held:
        if own.purchase_id == purchase.pk:
            others = [one for one in held if one is not own]
            projection = Projection(state=purchase.state, membership=status, end_reason=end_reason)
            granting.follow(own, projection, others=others, now=now)


def _nudge() -> None:
    # By its name, because tasks stand above this module.
    current_app.send_task("memberships.payments.tasks.take_up", ignore_result=True)
