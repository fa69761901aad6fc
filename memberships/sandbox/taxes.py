"""Taxes: what is reckoned for a sale that asks for it, by the rates that a test has set."""

from . import objects
from .store import Doc, Record
from .world import World


def reckon(world: World, session: Record) -> None:
    """Put the taxes on a session that asked for them, once its buyer is known.

    Rates that are inclusive are found within the price; others come on top of it.
    """
    doc = session.doc
    if not doc["automatic_tax"]["enabled"]:
        return
    rates = world.setting("tax").get("rates", [])
    within = sum(rate["percentage"] for rate in rates if rate.get("inclusive", True))
    net = doc["amount_subtotal"] / (1 + within / 100)
    taxes = [_tax(rate, round(net * rate["percentage"] / 100), round(net)) for rate in rates]
    on_top = sum(tax["amount"] for tax in taxes if not tax["rate"]["inclusive"])
    doc["amount_total"] = doc["amount_subtotal"] + on_top
    doc["total_details"]["amount_tax"] = sum(tax["amount"] for tax in taxes)
    session.aside["taxes"] = taxes


def breakdown(session: Record) -> Doc:
    """What `expand` shows of a session's totals."""
    return {"discounts": [], "taxes": session.aside.get("taxes", [])}


def _tax(rate: Doc, amount: int, taxable: int) -> Doc:
    return {
        "amount": amount,
        "rate": {
            "id": objects.new_id("txr"),
            "object": "tax_rate",
            "active": False,
            "country": rate.get("country"),
            "created": 0,
            "description": None,
            "display_name": rate["name"],
            "effective_percentage": rate["percentage"],
            "flat_amount": None,
            "inclusive": rate.get("inclusive", True),
            "jurisdiction": rate.get("jurisdiction"),
            "jurisdiction_level": None,
            "livemode": False,
            "metadata": {},
            "percentage": rate["percentage"],
            "rate_type": "percentage",
            "state": None,
            "tax_type": rate.get("tax_type"),
        },
        "taxability_reason": rate.get("reason", "standard_rated"),
        "taxable_amount": taxable,
    }
