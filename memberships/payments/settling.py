"""Settling: one sale is made to say what Stripe knows.

Events are hints and Stripe's objects are facts: whoever hears of a sale, by webhook, return page,
sweeper or reconciliation, calls `settle`, however often, in any order and at the same moment.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q

from memberships.gateway.client import Patience
from memberships.purchases import stock
from memberships.purchases.models import Membership, Purchase
from memberships.purchases.models.purchase import BOUGHT, GIVEN_UP
from memberships.refunds.models import IN_FLIGHT, Refund

from . import attention, entries, granting, notices, papers, snapshot
from .models import StripeEvent
from .projection import Doubt, OwnRefund, Projection, Sale
from .reduction import reduce
from .snapshot import Snapshot

log = structlog.get_logger(__name__)

ROUNDS_MAX = 6  # how often somebody else may be faster
# Money that was set to go back because it gives nothing: no membership is owed for it any more.
AUTOMATIC = [
    Refund.Origin.DUPLICATE,
    Refund.Origin.OVERSELL,
    Refund.Origin.ACCOUNT_DELETED,
    Refund.Origin.ORPHAN_PAYMENT,
]

# What is told about the buyer, and not kept once the account is closed.
OF_THE_BUYER = ("card_brand", "card_last4", "receipt_url")

ARRIVED_LATE = "checkout.session.async_payment_succeeded"
FRAUD_WARNING = "radar.early_fraud_warning.created"


class StillMoving(Exception):
    """Others kept writing this purchase. Whoever was last knew as much; ask again later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """The purchase as it was written, and why its money is not taken, if it is not."""

    purchase: Purchase
    doubts: frozenset[Doubt] = frozenset()


def settle(
    purchase_id: uuid.UUID, *, now: datetime, patience: Patience = Patience.WORKER
) -> Settled:
    """Fetch what Stripe knows about a sale, and write it down.

    No lock and no transaction is held while Stripe is asked; whoever finds under the lock that the
    row has moved since asks again. Raises TryAgainLater, WillNotHelp, IncompleteFacts and
    StillMoving: then nothing has changed.
    """
    for _round in range(ROUNDS_MAX):
        seen = Purchase.objects.get(pk=purchase_id)
        if not (seen.checkout_session_id or seen.payment_intent_id):
            return Settled(purchase=seen)  # Stripe was not asked to sell anything yet
        facts = snapshot.of(seen, patience=patience)
        try:
            with transaction.atomic():
                settled = write(seen, facts, now=now)
        except IntegrityError as error:
            if "one_live_membership_per_user" not in str(error):
                raise
            continue  # another sale to the same person was faster
        if settled is not None:
            return settled
    raise StillMoving(str(purchase_id))


def write(seen: Purchase, facts: Snapshot, *, now: datetime) -> Settled | None:
    """Everything in the caller's transaction; None where the row moved since it was seen.

    Locks are taken in the one order: purchase, refunds, memberships, places, numbers.
    """
    purchase = (
        Purchase.objects.select_for_update(of=("self",)).select_related("plan").get(pk=seen.pk)
    )
    if purchase.version != seen.version:
        return None
    refunds = list(purchase.refunds.select_for_update().order_by("pk"))
    memberships = granting.locked(purchase)
    own = next((one for one in memberships if one.purchase_id == purchase.pk), None)
    others = [one for one in memberships if one is not own]

    projection = projected(purchase, facts, refunds, now=now)
    in_the_way = False
    if own is not None:
        in_the_way = not granting.follow(own, projection, others=others, now=now)
    elif _owes_access(purchase, projection, refunds):
        _copy(purchase, projection)
        try:
            status = projection.membership or Membership.Status.ACTIVE
            own = granting.give(purchase, status, held=others, now=now)
        except granting.CannotGive as reason:
            back = _send_back(purchase, projection, reason.origin, refunds, now=now)
            in_the_way = back is None
            if back is not None:
                refunds.append(back)
                projection = projected(purchase, facts, refunds, now=now)
    _copy(purchase, projection)
    if purchase.state in GIVEN_UP or (purchase.state in BOUGHT and own is None):
        stock.let_go(purchase)
    ended = entries.enter_refunds(purchase, projection.refunds, rows=refunds, now=now)
    entries.enter_disputes(purchase, facts.disputes, now=now)
    attention.write(purchase, attention.sentences(projection, refunds, in_the_way=in_the_way))
    purchase.version += 1
    papers.number(purchase, ended, now=now)  # last: the series are held until the commit
    purchase.save()
    if own is not None and own.status == Membership.Status.ACTIVE:
        notices.membership_is_active(purchase, now=now)
    for refund in ended:
        notices.refund_ended(refund, purchase, now=now)
    return Settled(purchase=purchase, doubts=projection.doubts)


def _owes_access(purchase: Purchase, projection: Projection, refunds: list[Refund]) -> bool:
    """The money is here, nothing was given for it yet, and none of it was set to go back for that.

    A gift's membership begins when it is redeemed, by whoever redeems it.
    """
    return (
        projection.membership in {Membership.Status.ACTIVE, Membership.Status.SUSPENDED}
        and purchase.kind == Purchase.Kind.SELF
        and not any(one.origin in AUTOMATIC for one in refunds)
    )


def projected(
    purchase: Purchase, facts: Snapshot, refunds: list[Refund], *, now: datetime
) -> Projection:
    """What these facts come to for a purchase and its refunds, as they are now."""
    hints = StripeEvent.objects.exclude(state=StripeEvent.State.IGNORED)
    came_at = arrived_at(purchase)
    if came_at is None and purchase.state == Purchase.State.PROCESSING:
        came_at = now  # seen before Stripe's event told the time: later, and so fairer
    warned = facts.intent is not None and hints.filter(
        Q(payload__data__object__payment_intent=facts.intent.id) | Q(purchase=purchase),
        type=FRAUD_WARNING,
    )
    return reduce(
        sale=Sale(
            purchase_id=str(purchase.pk),
            price=purchase.plan.amount,
            currency=purchase.plan.currency,
            livemode=purchase.livemode,
            guarantee_days=purchase.plan.guarantee_days,
            paid_at=purchase.paid_at,
            refundable_until=purchase.refundable_until,
        ),
        session=facts.session,
        intent=facts.intent,
        refunds=facts.refunds,
        disputes=facts.disputes,
        own_refunds=[
            OwnRefund(
                id=str(one.pk),
                amount=one.amount,
                state=one.state,
                stripe_refund_id=one.stripe_refund_id,
            )
            for one in refunds
        ],
        came_at=came_at,
        fraud_warning=bool(warned and warned.exists()),
    )


def arrived_at(purchase: Purchase) -> datetime | None:
    """When the money of a delayed method came, by the event that told of it."""
    hints = StripeEvent.objects.exclude(state=StripeEvent.State.IGNORED)
    late = hints.filter(type=ARRIVED_LATE, object_id=purchase.checkout_session_id)
    return late.order_by("created_at").values_list("created_at", flat=True).first()


def _copy(purchase: Purchase, projection: Projection) -> None:
    """What the facts come to, onto the row; what they do not say stays as it was.

    A purchase that was given up stays so while its payment is in doubt, as when a refund of it
    failed: its buyer may be at another checkout by now.
    """
    if not (projection.doubts and purchase.state in GIVEN_UP):
        purchase.state = projection.state
    purchase.payment_intent_id = projection.payment_intent_id or purchase.payment_intent_id
    if projection.amount_total is None:
        return
    purchase.amount_total = projection.amount_total
    purchase.currency = projection.currency
    purchase.amount_tax = projection.amount_tax
    purchase.amount_refunded = projection.amount_refunded
    purchase.charge_id = projection.charge_id
    purchase.paid_at = projection.paid_at
    purchase.refundable_until = projection.refundable_until
    of_the_buyer = OF_THE_BUYER if purchase.user_id else ()
    for name in (*of_the_buyer, "billing_country", "card_country"):
        setattr(purchase, name, getattr(projection, name) or getattr(purchase, name))
    if projection.taxes:
        purchase.tax_breakdown = [asdict(tax) for tax in projection.taxes]


def _send_back(
    purchase: Purchase,
    projection: Projection,
    origin: Refund.Origin,
    refunds: list[Refund],
    *,
    now: datetime,
) -> Refund | None:
    """Mark all that is left for refund. None where a bank or another refund is at work on it."""
    if projection.state != Purchase.State.PAID or projection.amount_total is None:
        return None
    if any(one.state in IN_FLIGHT for one in refunds):
        return None
    left = projection.amount_total - projection.amount_refunded
    left -= sum(one.amount for one in projection.refunds if one.state in IN_FLIGHT)
    refund_id = uuid.uuid4()
    log.info("payment_goes_back", purchase=str(purchase.pk), origin=str(origin))
    return Refund.objects.create(
        id=refund_id,
        purchase=purchase,
        amount=left,
        origin=origin,
        idempotency_key=f"refund-{refund_id}",
        requested_at=now,
    )
