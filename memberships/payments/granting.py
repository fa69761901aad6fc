"""Granting: the membership that a sale gives, and why it can give none.

The caller holds the locks of the purchase and its refunds; here those of memberships are taken,
and of the plan's places after them.
"""

from datetime import datetime

from django.db import transaction

from memberships.purchases import periods, stock
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Refund

from .projection import Projection

Status = Membership.Status
Source = Membership.Source
EndReason = Membership.EndReason

# What money alone ended, money alone can give back.
BY_MONEY = {EndReason.REFUNDED, EndReason.CHARGED_BACK}
# What somebody paid for stands; what was given makes room for what was bought.
PAID_FOR = {Source.PURCHASE, Source.GIFT}


class CannotGive(Exception):
    """The money came and gives nothing: it goes back. `origin` is the reason on its refund."""

    def __init__(self, origin: Refund.Origin) -> None:
        super().__init__(origin)
        self.origin = origin


def locked(purchase: Purchase) -> list[Membership]:
    """The memberships that this sale may touch, locked: its own, and what its buyer holds."""
    rows = list(Membership.objects.select_for_update().filter(purchase=purchase).order_by("pk"))
    if purchase.user_id is None:
        return rows
    others = Membership.objects.live().filter(user_id=purchase.user_id).exclude(purchase=purchase)
    return rows + list(others.select_for_update().order_by("pk"))


def give(
    purchase: Purchase, status: Membership.Status, *, held: list[Membership], now: datetime
) -> Membership:
    """A new membership for life, and a place of the plan. Sets `purchase.place`, unsaved.

    A grant ends with it. Raises CannotGive, and then nothing has changed.
    """
    if purchase.user_id is None:
        raise CannotGive(Refund.Origin.ACCOUNT_DELETED)
    out_of_time = [one for one in held if one.lasts_until and one.lasts_until <= now]
    running = [one for one in held if one not in out_of_time]
    if any(one.source in PAID_FOR for one in running):
        raise CannotGive(Refund.Origin.DUPLICATE)
    try:
        with transaction.atomic():
            periods.run_out(one.pk for one in out_of_time)
            Membership.objects.filter(pk__in=[one.pk for one in running]).update(
                status=Status.ENDED, ended_at=now, end_reason=EndReason.BOUGHT
            )
            given = Membership.objects.create(
                user_id=purchase.user_id,
                purchase=purchase,
                source=Source.PURCHASE,
                status=status,
                # Stripe's clock may be ahead of ours, and who has paid reads at once.
                started_at=min(purchase.paid_at or now, now),
            )
            stock.sell(purchase)
    except stock.SoldOut:
        raise CannotGive(Refund.Origin.OVERSELL) from None
    return given


def follow(
    own: Membership, projection: Projection, *, others: list[Membership], now: datetime
) -> bool:
    """Let the membership of a sale say what the money says. False where another stands in its way.

    What staff or the closing of an account ended stays so.
    """
    status, reason = projection.membership, projection.end_reason
    if status is None or (own.status == Status.ENDED and own.end_reason not in BY_MONEY):
        return True
    if (own.status, own.end_reason) == (status, reason):
        return True
    comes_back = own.status == Status.ENDED and status != Status.ENDED
    if comes_back and others:
        return False
    own.status, own.end_reason = status, reason
    own.ended_at = now if status == Status.ENDED else None
    own.save(update_fields=["status", "end_reason", "ended_at"])
    return True
