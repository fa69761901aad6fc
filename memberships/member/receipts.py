"""Receipts and credit notes: what a paper says, ready to be shown as a page or set as a PDF.

A paper tells what happened when its number was drawn. What became of it since is told by the
account; only a credit note whose refund failed afterwards says that it is void.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from memberships.purchases import cards, guarantee, numbers, taxes
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase
from memberships.purchases.taxes import TaxLine
from memberships.refunds.models import Refund


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A name and what it says, or an item and its amount."""

    says: str
    fact: str
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seller:
    """Who sold, as it was called when the receipt was written."""

    name: str
    lines: tuple[str, ...]  # address, country, tax number, register


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A receipt or a credit note. All texts are plain, amounts are written out."""

    kind: str  # "Receipt"
    number: str  # "R-000123"
    written_at: datetime
    date_says: str
    seller: Seller
    buyer: tuple[str, ...]  # nobody once the account is closed
    items: tuple[Row, ...]
    sums: tuple[Row, ...]  # net and taxes, where taxes were reported
    total: Row
    no_tax: str  # says that none was reported; empty where one was
    facts: tuple[Row, ...]
    notes: tuple[str, ...]
    void: str  # why it does not count any more; empty while it does

    @property
    def title(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def date(self) -> str:
        return _day(self.written_at)


def receipt(purchase: Purchase) -> Paper:
    """The receipt of a purchase that has its number."""
    assert purchase.receipt_number is not None  # noqa: S101 - the caller's filter saw to it
    assert purchase.paid_at is not None  # noqa: S101 - a constraint goes with the number
    assert purchase.refundable_until is not None  # noqa: S101 - the same
    paid = written(purchase.amount_total, purchase.currency)
    taxed = taxes.lines(purchase)
    notes = [
        _(
            "Money-back guarantee: you get the whole amount back if you ask for it %(until)s. "
            "No reason is needed."
        )
        % {"until": guarantee.said(purchase.refundable_until)}
    ]
    return Paper(
        kind=_("Receipt"),
        number=numbers.receipt(purchase.receipt_number),
        written_at=purchase.paid_at,
        date_says=_("Paid on"),
        seller=_seller(purchase),
        buyer=_buyer(purchase),
        items=(Row(says=purchase.plan.name, fact=paid),),
        sums=_sums(taxed, total=purchase.amount_total, currency=purchase.currency),
        total=Row(says=_("Total paid"), fact=paid),
        no_tax="" if taxed else _("No tax was reported for this payment."),
        facts=tuple(filter(None, [_card(purchase), _country(purchase), _stripe(purchase)])),
        notes=(*_test_money(purchase), *notes),
        void="",
    )


def credit_note(refund: Refund) -> Paper:
    """The credit note of a refund that has its number."""
    assert refund.credit_note_number is not None  # noqa: S101 - the caller's filter saw to it
    assert refund.credited_at is not None  # noqa: S101 - a constraint goes with the number
    purchase = refund.purchase
    assert purchase.receipt_number is not None  # noqa: S101 - it is numbered first
    back = written(refund.amount, purchase.currency)
    # Numbers stay, so what was given back before is the same whenever this is read.
    earlier = purchase.refunds.filter(credit_note_number__lt=refund.credit_note_number).amount()
    taxed = taxes.within(
        taxes.lines(purchase),
        refunded=refund.amount,
        refunded_before=earlier,
        total=purchase.amount_total,
    )
    about = Row(
        says=_("For receipt"),
        fact=_("%(number)s of %(day)s, %(amount)s")
        % {
            "number": numbers.receipt(purchase.receipt_number),
            "day": _day(purchase.paid_at),
            "amount": written(purchase.amount_total, purchase.currency),
        },
        url=settings.SITE_URL + reverse("receipt", args=[purchase.pk]),
    )
    sent_to = _card(purchase, says=_("Sent back to"))
    return Paper(
        kind=_("Credit note"),
        number=numbers.credit_note(refund.credit_note_number),
        written_at=refund.credited_at,
        date_says=_("Refunded on"),
        seller=_seller(purchase),
        buyer=_buyer(purchase),
        items=(Row(says=purchase.plan.name, fact=back),),
        sums=_sums(taxed, total=refund.amount, currency=purchase.currency),
        total=Row(says=_("Total refunded"), fact=back),
        no_tax="" if taxed else _("No tax was reported for this payment."),
        facts=tuple(filter(None, [about, sent_to, _country(purchase)])),
        notes=_test_money(purchase),
        void=_void(refund),
    )


def _void(refund: Refund) -> str:
    if refund.state == Refund.State.SUCCEEDED:
        return ""
    says = _("Void since %(day)s: this refund was called off, so nothing was given back.")
    if refund.state == Refund.State.FAILED:
        says = _("Void since %(day)s: the bank returned this refund, so nothing was given back.")
    return says % {"day": _day(refund.settled_at)}


def _seller(purchase: Purchase) -> Seller:
    said = purchase.seller
    lines = [line.strip() for line in said.get("address", "").splitlines()]
    lines.append(said.get("country", ""))
    if said.get("vat_id"):
        lines.append(_("Tax number: %(number)s") % {"number": said["vat_id"]})
    lines.append(said.get("registered", ""))
    return Seller(name=said.get("name", ""), lines=tuple(filter(None, lines)))


def _buyer(purchase: Purchase) -> tuple[str, ...]:
    if purchase.user is None:
        return ()
    return tuple(filter(None, [purchase.user.display_name, purchase.user.email]))


def _sums(taxed: tuple[TaxLine, ...], *, total: int, currency: str) -> tuple[Row, ...]:
    if not taxed:
        return ()
    net = total - sum(line.amount for line in taxed)
    return (
        Row(says=_("Without tax"), fact=written(net, currency)),
        *(Row(says=line.label, fact=written(line.amount, currency)) for line in taxed),
    )


def _card(purchase: Purchase, *, says: str = "") -> Row | None:
    found = cards.said(purchase)
    return Row(says=says or _("Paid by"), fact=found) if found else None


def _country(purchase: Purchase) -> Row | None:
    """Where the buyer is, by the bill; else by the card."""
    country = purchase.billing_country or purchase.card_country
    return Row(says=_("Country of the buyer"), fact=country) if country else None


def _stripe(purchase: Purchase) -> Row | None:
    if not purchase.receipt_url:
        return None
    return Row(says=_("Stripe’s receipt"), fact=_("See it at Stripe"), url=purchase.receipt_url)


def _test_money(purchase: Purchase) -> tuple[str, ...]:
    return () if purchase.livemode else (_("This was a test: no money has moved."),)


def _day(at: datetime | None) -> str:
    return date_format(localtime(at), "DATE_FORMAT") if at else ""
