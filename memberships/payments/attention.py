"""Attention: what staff must look at on a purchase, a sentence each, as long as it holds."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from memberships.purchases.models import Purchase
from memberships.refunds.models import IN_FLIGHT, Refund

from .projection import Alert, Doubt, Projection


def sentences(
    projection: Projection, refunds: Iterable[Refund], *, in_the_way: bool
) -> Iterable[str]:
    """What the facts and our own refunds ask a person to look at."""
    alerts = {
        Alert.INQUIRY: _("The buyer's bank asks about this payment."),
        Alert.DISPUTED: _("The buyer's bank has taken the money back. Answer it in Stripe."),
        Alert.DISPUTED_AFTER_REFUND: _("Refunded and disputed: show the bank the refund."),
        Alert.FRAUD_WARNING: _("The card's bank suspects fraud. A refund now avoids a dispute."),
        Alert.REFUND_FAILED: _("A refund failed. Send the money another way, and tell the buyer."),
        Alert.REFUND_WAITS_FOR_BUYER: _("A refund waits for the buyer to act."),
        Alert.REFUNDED_TOO_MUCH: _("More was refunded than was paid."),
    }
    yield from (text for alert, text in alerts.items() if alert in projection.alerts)
    refunds = list(refunds)
    if not any(one.state in IN_FLIGHT for one in refunds):  # else it is being sent back
        yield from of_doubts(projection.doubts)
    refused = any(one.state == Refund.State.FAILED and not one.stripe_refund_id for one in refunds)
    still_here = {Purchase.State.PAID, Purchase.State.DISPUTED, Purchase.State.PROCESSING}
    if refused and projection.state in still_here:
        yield _("Stripe refused a refund. Its row says why.")
    if in_the_way:
        yield _("This payment gives no membership, and could not be sent back by itself.")


def of_doubts(doubts: Iterable[Doubt]) -> list[str]:
    """A sentence for each doubt about a payment."""
    found = set(doubts)
    words = {
        Doubt.OTHER_AMOUNT: _("Another amount was paid than the plan asks for."),
        Doubt.OTHER_CURRENCY: _("It was paid in another currency than the plan's."),
        Doubt.OTHER_PURCHASE: _("The payment names another purchase."),
        Doubt.OTHER_MODE: _("Test money and real money were mixed."),
        Doubt.DISCOUNT: _("A discount was given that we did not offer."),
        Doubt.NOTHING_TO_PAY: _("The checkout was completed with nothing to pay."),
    }
    return [text for doubt, text in words.items() if doubt in found]


def asks_to_decide(purchase: Purchase) -> bool:
    """Is there money, or a checkout without any, that waits for staff to accept it or not?"""
    return purchase.paid_at is None and bool(
        set(of_doubts(Doubt)) & set(purchase.attention.splitlines())
    )


def write(purchase: Purchase, said: Iterable[str]) -> None:
    """Put what holds now on the row, unsaved, without what staff took note of.

    What no longer holds is forgotten there, so that it shows when it happens anew.
    """
    holds = list(said)
    noted = set(purchase.noted.splitlines())
    purchase.noted = "\n".join(one for one in holds if one in noted)
    purchase.attention = "\n".join(one for one in holds if one not in noted)
