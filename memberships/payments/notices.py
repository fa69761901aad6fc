"""Notices: what a buyer is told by e-mail, put into the outbox by the transaction that it tells of.

A closed account is told nothing: nobody is left to tell.
"""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from memberships.purchases import guarantee
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase
from memberships.refunds.models import Refund
from portal.post import services as post


def membership_is_active(purchase: Purchase, *, now: datetime) -> None:
    """The money came. Once for each purchase."""
    until = purchase.refundable_until
    _tell(
        purchase,
        key=f"purchase-{purchase.pk}-active",
        subject=_("Your membership has begun"),
        template="payments/membership_active",
        facts=[
            (_("Membership"), purchase.plan.name),
            (_("Paid"), written(purchase.amount_total, purchase.currency)),
            (_("Guarantee"), _day(until, at_its_end=True)),
        ],
        now=now,
    )


def refund_received(refund: Refund, purchase: Purchase, *, now: datetime) -> None:
    """A refund was asked for: the acknowledgement, with the time that counts. Once for each.

    It is the confirmation on a durable medium that Directive (EU) 2023/2673 asks for: what was
    declared, and when.
    """
    is_own = refund.origin == Refund.Origin.SELF_SERVICE
    asked_at = _instant(refund.requested_at)
    _tell(
        purchase,
        key=f"refund-{refund.pk}-received",
        subject=_("We received your request for a refund")
        if is_own
        else _("A refund is on its way to you"),
        template="payments/refund_received",
        facts=[
            (_("Bought"), purchase.plan.name),
            (_("Amount"), written(refund.amount, purchase.currency)),
            (_("Received") if is_own else _("Begun"), asked_at),
        ],
        now=now,
        is_own=is_own,
        asked_at=asked_at,
        is_whole=purchase.state == Purchase.State.REFUND_PENDING,
    )


def refund_ended(refund: Refund, purchase: Purchase, *, now: datetime) -> None:
    """A refund was sent to the bank, or came back. Once for each refund and each of the two."""
    subject = {
        Refund.State.SUCCEEDED: _("Your refund was sent to your bank"),
        Refund.State.FAILED: _("Your refund did not go through"),
    }.get(Refund.State(refund.state))
    if subject is None:
        return
    _tell(
        purchase,
        key=f"refund-{refund.pk}-{refund.state}",
        subject=subject,
        template=f"payments/refund_{refund.state}",
        facts=[
            (_("Amount"), written(refund.amount, purchase.currency)),
            (_("Asked for"), _day(refund.requested_at)),
        ],
        now=now,
        origin=refund.origin,
        is_whole=purchase.state == Purchase.State.REFUNDED,
    )


def _tell(
    purchase: Purchase,
    *,
    key: str,
    subject: str,
    template: str,
    facts: list[tuple[str, str]],
    now: datetime,
    **more: object,
) -> None:
    if purchase.user is None:
        return
    post.queue(
        key=key,
        to=purchase.user.email,
        subject=subject,
        template=template,
        context={
            "facts": facts,
            "account_url": settings.SITE_URL + reverse("account"),
            **more,
        },
        now=now,
        person=f"user-{purchase.user_id}",
    )


def _instant(at: datetime) -> str:
    return date_format(localtime(at), "F j, Y, H:i T")


def _day(at: datetime | None, *, at_its_end: bool = False) -> str:
    if at is None:
        return ""
    if at_its_end:
        day = date_format(guarantee.last_day(at), "DATE_FORMAT")
        return _("until %(day)s, any time zone") % {"day": day}
    return date_format(at, "DATE_FORMAT")
