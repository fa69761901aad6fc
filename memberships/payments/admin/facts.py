"""Facts: what Stripe says was paid, in the words of whoever has to decide about it."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from memberships.payments.snapshot import Snapshot
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase

from .asking import Facts


def of_payment(told: Snapshot) -> Facts:
    """What came, and by whom, as far as Stripe knows it."""
    charge, session = told.charge, told.session
    facts = []
    if charge is not None and charge.paid_at is not None:
        card = f"{charge.brand or ''} {charge.last4 or ''}".strip()
        at = date_format(timezone.localtime(charge.paid_at), "DATETIME_FORMAT")
        facts.append((_("Paid"), f"{written(charge.amount, charge.currency)}, {at}"))
        if told.left != charge.amount:
            facts.append((_("Still here"), written(told.left, charge.currency)))
        if card:
            facts.append((_("Card"), card))
    else:
        facts.append((_("Paid"), _("nothing")))
    if session is not None:
        if session.amount_discount:
            facts.append((_("Discount"), written(session.amount_discount, session.currency)))
        facts.append((_("Address typed at Checkout"), session.customer_email or _("none")))
    return facts


def of_plan(purchase: Purchase) -> Facts:
    """What we asked for, and from whom."""
    plan = purchase.plan
    return [
        (_("Person"), str(purchase.user) if purchase.user else _("The account is closed.")),
        (_("Plan"), f"{plan.name}, {written(plan.amount, plan.currency)}"),
    ]


def of_waiting(purchase: Purchase) -> Facts:
    """The sentences that wait for a person."""
    return [(_("What waits"), sentence) for sentence in purchase.attention.splitlines()]
