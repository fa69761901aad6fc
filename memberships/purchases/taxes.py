"""Taxes of a purchase, line by line, as Stripe reported them, and the part of them in a refund."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from .models import Purchase


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxLine:
    """One tax within an amount, in minor units: "VAT 19%, Germany"."""

    label: str
    amount: int


def lines(purchase: Purchase) -> tuple[TaxLine, ...]:
    """The taxes within the price; empty where none was reported. They add up to `amount_tax`."""
    found = [TaxLine(label=_label(tax), amount=tax["amount"]) for tax in purchase.tax_breakdown]
    rest = purchase.amount_tax - sum(line.amount for line in found)
    if rest:  # settled before taxes were told apart
        found.append(TaxLine(label=_("Other taxes") if found else _("Tax"), amount=rest))
    return tuple(found)


def within(
    taxed: Iterable[TaxLine], *, refunded: int, refunded_before: int, total: int
) -> tuple[TaxLine, ...]:
    """The taxes within a refund, in proportion to what was paid.

    Each refund takes what the ones before it left of the rounding, so that together they give back
    the taxes to the cent.
    """
    until = refunded_before + refunded
    return tuple(
        replace(
            line,
            amount=_share(line.amount, until, total) - _share(line.amount, refunded_before, total),
        )
        for line in taxed
    )


def _share(amount: int, part: int, whole: int) -> int:
    """`amount` times `part` over `whole`, rounded, without a float."""
    return (2 * amount * part + whole) // (2 * whole)


def _label(tax: dict[str, str | None]) -> str:
    name = tax["name"] or _("Tax")
    if tax["percentage"] is not None:
        name = _("%(tax)s %(percentage)s%%") % {"tax": name, "percentage": tax["percentage"]}
    where = tax["jurisdiction"] or tax["country"]
    told = {
        "customer_exempt": _("the customer is exempt"),
        "not_collecting": _("not collected there"),
        "not_subject_to_tax": _("not subject to tax"),
        "product_exempt": _("the product is exempt"),
        "reverse_charge": _("reverse charge"),
        "zero_rated": _("zero rated"),
    }
    return ", ".join(filter(None, [name, where, told.get(tax["reason"] or "")]))
