"""Notices: what a buyer is told by e-mail, put into the outbox by the transaction that it tells of.

A closed account is told nothing: nobody is left to tell.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from memberships.purchases import guarantee, numbers, taxes
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase
from memberships.refunds import link
from memberships.refunds.models import Refund
from portal.post import services as post


def membership_is_active(purchase: Purchase, *, now: datetime) -> None:
    """The money came: the receipt, the guarantee and the way to use it. Once for each purchase."""
    taxed = [
        (line.label, written(line.amount, purchase.currency)) for line in taxes.lines(purchase)
    ]
    _tell(
        purchase,
        key=f"purchase-{purchase.pk}-active",
        subject=_("Your membership has begun"),
        template="payments/membership_active",
        facts=[
            *_receipt(purchase),
            (_("Membership"), purchase.plan.name),
            (_("Paid"), written(purchase.amount_total, purchase.currency)),
            *(taxed or [(_("Tax"), _("none was reported"))]),
            (_("Paid on"), _day(purchase.paid_at)),
            (_("Sold by"), purchase.seller.get("name", settings.SITE_NAME)),
            (_("Guarantee"), _guarantee(purchase)),
        ],
        now=now,
        guarantee=_guarantee(purchase),
        receipt_url=_url("receipt", purchase.pk),
        pdf_url=_url("receipt_pdf", purchase.pk),
    )


def refund_received(refund: Refund, purchase: Purchase, *, now: datetime) -> None:
    """A refund was asked for: the acknowledgement, with the time that counts. Once for each.

    It is the confirmation on a durable medium that Directive (EU) 2023/2673 asks for: what was
    declared, and when.
    """
    is_own = refund.origin == Refund.Origin.SELF_SERVICE
    asked_at = instant(refund.requested_at)
    _tell(
        purchase,
        key=f"refund-{refund.pk}-received",
        subject=_("We received your request for a refund")
        if is_own
        else _("We are sending money back to you"),
        template="payments/refund_received",
        facts=[
            (_("Bought"), purchase.plan.name),
            *_receipt(purchase),
            (_("Amount"), written(refund.amount, purchase.currency)),
            (_("Received") if is_own else _("Begun"), asked_at),
        ],
        now=now,
        is_own=is_own,
        asked_at=asked_at,
        state=purchase.state,
    )


def refund_ended(refund: Refund, purchase: Purchase, *, now: datetime) -> None:
    """A refund was sent to the bank, or came to nothing. Once for each refund and each of the two.

    One that was canceled before Stripe had it was not needed any more, or was sent anew: there is
    nothing to tell.
    """
    succeeded = refund.state == Refund.State.SUCCEEDED
    failed = refund.state == Refund.State.FAILED or (
        refund.state == Refund.State.CANCELED and refund.stripe_refund_id is not None
    )
    if not (succeeded or failed):
        return
    _tell(
        purchase,
        key=f"refund-{refund.pk}-{refund.state}",
        subject=_("Your refund was sent to your bank")
        if succeeded
        else _("Your refund did not go through"),
        template="payments/refund_succeeded" if succeeded else "payments/refund_failed",
        facts=[
            (_("Amount"), written(refund.amount, purchase.currency)),
            (_("Asked for"), _day(refund.requested_at)),
            *_credit_note(refund),
        ],
        now=now,
        refund=refund,
        credit_note_url=_url("credit_note", refund.pk) if refund.credit_note_number else "",
        state=purchase.state,
    )


def refund_url(purchase: Purchase) -> str:
    """Where its buyer asks for a refund and follows it, without signing in."""
    return _url("refund_by_link", link.token(purchase.pk))


def way_to_refund(purchase: Purchase, *, now: datetime) -> None:
    """The signed link, for somebody who knew the receipt's number and the address of the account.

    One an hour at most for each purchase, however often it is asked for and by whom.
    """
    _tell(
        purchase,
        key=f"purchase-{purchase.pk}-refund-link-{now.astimezone(UTC):%Y%m%d%H}",
        subject=_("Your way to the refund"),
        template="payments/refund_link",
        facts=[
            (_("Bought"), purchase.plan.name),
            *_receipt(purchase),
            (_("Guarantee"), _guarantee(purchase)),
        ],
        now=now,
    )


def _url(name: str, *args: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


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
            "account_url": _url("account"),
            "refund_url": refund_url(purchase),
            **more,
        },
        now=now,
        person=f"user-{purchase.user_id}",
    )


def instant(at: datetime) -> str:
    """A day and a time with its zone."""
    text: str = date_format(localtime(at), "F j, Y, H:i T")
    return text


def _receipt(purchase: Purchase) -> list[tuple[str, str]]:
    if purchase.receipt_number is None:
        return []
    return [(_("Receipt"), numbers.receipt(purchase.receipt_number))]


def _credit_note(refund: Refund) -> list[tuple[str, str]]:
    if refund.credit_note_number is None:
        return []
    return [(_("Credit note"), numbers.credit_note(refund.credit_note_number))]


def _guarantee(purchase: Purchase) -> str:
    until = purchase.refundable_until
    return guarantee.said(until) if until else ""


def _day(at: datetime | None) -> str:
    return date_format(localtime(at), "DATE_FORMAT") if at else ""
