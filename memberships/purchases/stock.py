"""Places of a plan with a cap: held at Checkout, sold when paid, let go when nothing came of it.

Each verb counts and sets `purchase.place`, and may be called again. The caller holds the purchase's
lock and saves the row in the same transaction, with its state, since the two must fit together. The
row of the stock is locked after purchase, refund and membership.
"""

from django.db.models import F

from .models import PlanStock, Purchase

Place = Purchase.Place


class SoldOut(Exception):
    """Every place is sold or held."""


def hold(purchase: Purchase) -> None:
    """Keep a place while the buyer is at Checkout. Raises SoldOut, and nothing has changed."""
    _move(purchase, Place.HELD, {Place.NONE: {"held": 1}})


def sell(purchase: Purchase) -> None:
    """The money came: the held place is the buyer's. Without one, a free place is taken.

    Raises SoldOut where there is none: then the money has to go back.
    """
    _move(purchase, Place.SOLD, {Place.HELD: {"held": -1, "sold": 1}, Place.NONE: {"sold": 1}})


def let_go(purchase: Purchase) -> None:
    """Stripe has closed the session unpaid: others may have the place. A sold one stays sold."""
    _move(purchase, Place.NONE, {Place.HELD: {"held": -1}})


def _move(
    purchase: Purchase, to: Purchase.Place, ways: dict[Purchase.Place, dict[str, int]]
) -> None:
    change = ways.get(Place(purchase.place))
    if change is None:
        return
    stock = PlanStock.objects.filter(plan_id=purchase.plan_id)
    taken = sum(change.values())  # how many free places this needs
    moved = stock.filter(capacity__gte=F("held") + F("sold") + taken).update(
        **{name: F(name) + by for name, by in change.items()}
    )
    if moved:
        purchase.place = to
    elif stock.exists():
        raise SoldOut  # where there is no row there is no cap, and nothing to count
