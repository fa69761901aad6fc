"""Sending refunds: each row once to Stripe, however often that has to be tried.

The row is claimed and committed, then Stripe is asked with no lock held, then the sale is settled.
What Stripe did not answer is unknown, and stays on its way: the same key asks again. Only a look at
Stripe's list lets a new row, with a new key, take the place of one.
"""

import uuid
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from memberships.gateway import money
from memberships.gateway.client import Patience
from memberships.gateway.money import RefundReason
from memberships.gateway.refusals import (
    AlreadyRefunded,
    Disputed,
    NotLetIn,
    TryAgainLater,
    WillNotHelp,
)
from memberships.purchases.models import Purchase
from memberships.refunds.models import IN_FLIGHT, Refund, RefundQuerySet

from . import notices
from .inbox import LEASE, UNTIL_LET_IN, pause_after
from .settling import settle

log = structlog.get_logger(__name__)

KEY_KEPT = timedelta(hours=24)  # how long Stripe remembers a key, at least
REPLAYS_MAX = 3  # so many tries before a kept failure is taken for the last word on its key
ALARMING = 10  # tries

REASONS: dict[str, RefundReason] = {Refund.Origin.DUPLICATE: "duplicate"}
State = Refund.State


def claim() -> Refund | None:
    """Take the refund that waits longest. Two workers never take the same one."""
    with transaction.atomic():
        refund = (
            Refund.objects.to_send()
            .order_by("next_try_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if refund is None:
            return None
        Refund.objects.filter(pk=refund.pk).update(
            state=State.SENDING, leased_until=Now() + LEASE, tries=F("tries") + 1
        )
    return Refund.objects.select_related("purchase").get(pk=refund.pk)


def send(refund: Refund, *, now: datetime) -> None:
    """Ask Stripe for a claimed refund, and settle its sale.

    Raises what `settle` raises: then the row stays claimed, and is tried again when its lease is
    over, under the same key.
    """
    payment = refund.purchase.payment_intent_id
    if payment is None or refund.idempotency_key is None:
        why = _("There is no payment to refund.")
        _end(refund, State.FAILED, reason="no_payment", error=why, now=now)
        return
    try:
        if not (_is_key_forgotten(refund, now=now) and _is_listed(refund, payment)):
            money.refund(
                payment_intent_id=payment,
                amount=refund.amount,
                reason=REASONS.get(refund.origin, "requested_by_customer"),
                metadata={"refund_id": str(refund.pk)},
                idempotency_key=refund.idempotency_key,
                patience=Patience.WORKER,
            )
    except TryAgainLater as unknown:
        _try_again(refund, payment, unknown, now=now)
        return
    except AlreadyRefunded as refusal:
        settle(refund.purchase_id, now=now)  # it may be this very one, sent and not heard of
        _end(refund, State.CANCELED, error=str(refusal), now=now)
    except Disputed as refusal:
        _end(refund, State.FAILED, reason=refusal.code, error=str(refusal), now=now)
    except NotLetIn as locked_out:  # a setting of ours; it says nothing about the refund
        log.error("refund_not_let_in", refund=str(refund.pk), code=locked_out.code)  # noqa: TRY400 - no bug
        _wait(refund, error=str(locked_out), pause=UNTIL_LET_IN)
        return
    except WillNotHelp as refusal:
        _refused(refund, refusal, now=now)
    settle(refund.purchase_id, now=now)


def _refused(refund: Refund, refusal: WillNotHelp, *, now: datetime) -> None:
    """It failed; unless the buyer asked for all that is left, and less is left than we knew."""
    if refund.origin == Refund.Origin.SELF_SERVICE:
        left = _left_besides(refund, settle(refund.purchase_id, now=now).purchase)
        if 0 < left < refund.amount:
            _replace(refund, amount=left, why=_("Less was left than we knew. Sent anew."))
            return
    log.error("refund_refused", refund=str(refund.pk), code=refusal.code)
    _end(refund, State.FAILED, reason=refusal.code or "refused", error=str(refusal), now=now)


def _left_besides(refund: Refund, purchase: Purchase) -> int:
    others = purchase.refunds.exclude(pk=refund.pk).filter(state__in=IN_FLIGHT)
    return purchase.amount_left - sum(others.values_list("amount", flat=True))


def _is_key_forgotten(refund: Refund, *, now: datetime) -> bool:
    """Stripe may have dropped the key of an earlier try: sending it again could refund twice."""
    return refund.tries > 1 and now - refund.requested_at >= KEY_KEPT


def _is_listed(refund: Refund, payment: str) -> bool:
    known = money.refunds_of(payment, patience=Patience.WORKER)
    return any(one.metadata.get("refund_id") == str(refund.pk) for one in known)


def _try_again(refund: Refund, payment: str, unknown: TryAgainLater, *, now: datetime) -> None:
    """Wait with the same key, unless Stripe keeps a failure under it and lists no refund."""
    if refund.tries >= ALARMING:
        log.error("refund_stuck", refund=str(refund.pk), tries=refund.tries, code=unknown.code)
    if not unknown.is_replayed or refund.tries < REPLAYS_MAX:
        _wait(refund, error=str(unknown))
        return
    try:
        if _is_listed(refund, payment):
            settle(refund.purchase_id, now=now)
            return
    except TryAgainLater as blind:
        _wait(refund, error=str(blind))
        return
    _replace(
        refund,
        amount=refund.amount,
        why=_("Stripe keeps failing under this key, and lists no refund of it. Sent anew."),
    )


def _wait(refund: Refund, *, error: str, pause: timedelta | None = None) -> None:
    _held(refund).update(
        state=State.REQUESTED,
        leased_until=None,
        next_try_at=Now() + (pause or pause_after(refund.tries)),
        error=error or "unknown",
    )


def _replace(refund: Refund, *, amount: int, why: str) -> None:
    """A new row with a new key; the old one says why. The time of the request stays.

    Keys are counted on: refund-…, refund-…-2, refund-…-3.
    """
    key, _dash, number = str(refund.idempotency_key).removeprefix("refund-").rpartition("-")
    is_first = len(number) > 3  # the end of a UUID, and no count
    next_key = f"{refund.idempotency_key}-2" if is_first else f"refund-{key}-{int(number) + 1}"
    with transaction.atomic():
        purchase = Purchase.objects.select_for_update(of=("self",)).get(pk=refund.purchase_id)
        moved = _held(refund).update(
            state=State.CANCELED,
            leased_until=None,
            settled_at=Now(),
            error=why,
        )
        if not moved:
            return  # somebody heard of it after all
        Refund.objects.create(
            id=uuid.uuid4(),
            purchase=purchase,
            amount=amount,
            origin=refund.origin,
            reason=refund.reason,
            requested_by_id=refund.requested_by_id,
            requested_at=refund.requested_at,
            idempotency_key=next_key,
        )
        Purchase.objects.filter(pk=purchase.pk).update(version=F("version") + 1)
    log.warning("refund_sent_anew", refund=str(refund.pk), key=next_key)


def _end(
    refund: Refund, state: Refund.State, *, error: str, now: datetime, reason: str | None = None
) -> None:
    """It came to nothing, and Stripe said so. Settling then lets the sale say what is left."""
    with transaction.atomic():
        purchase = Purchase.objects.select_for_update(of=("self",)).get(pk=refund.purchase_id)
        moved = _held(refund).update(
            state=state,
            leased_until=None,
            settled_at=Now(),
            failure_reason=reason,
            error=error or "unknown",
        )
        if moved:
            Purchase.objects.filter(pk=purchase.pk).update(version=F("version") + 1)
            refund.refresh_from_db()
            notices.refund_ended(refund, purchase, now=now)


def _held(refund: Refund) -> RefundQuerySet:
    """The row, while this claim still holds it."""
    return Refund.objects.filter(
        pk=refund.pk, state=State.SENDING, leased_until=refund.leased_until
    )
