"""Cards: with which one a purchase was paid, as people call it."""

from django.utils.translation import gettext as _

from .models import Purchase

# What is not here is called as Stripe calls it.
CARDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "Eftpos Australia",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def said(purchase: Purchase) -> str:
    """Which card paid: "Visa ending in 4242". Empty where it was not paid by card."""
    if not purchase.card_last4:
        return ""
    brand = purchase.card_brand
    return _("%(brand)s ending in %(digits)s") % {
        "brand": CARDS.get(brand) or brand.replace("_", " ").capitalize() or _("Card"),
        "digits": purchase.card_last4,
    }
