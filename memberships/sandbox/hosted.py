"""Hosted: the page on which a buyer pays, or is declined, or pays late, or goes back."""

from . import selling
from .markup import button, escape, money, page
from .problems import Problem, missing
from .store import Doc, Record
from .world import World

WAYS: dict[str, selling.Way] = {"card": "card", "declined": "declined", "later": "later"}


def show(world: World, session_id: str, *, said: str = "") -> str:
    """The page of a session; of one that is not open, a word that it is closed."""
    record = _session(world, session_id)
    session = record.doc
    price = money(session["amount_total"], session["currency"])
    back = ""
    if session["cancel_url"]:
        back = f'<p><a href="{escape(session["cancel_url"])}">Back</a></p>'
    if session["status"] != "open":
        on = back
        if session["status"] == "complete":
            on = f'<p><a href="{escape(_onward(session))}">Go on</a></p>'
        return page(
            "Closed",
            f"<h1>This page is closed</h1><p>{escape(_WHY[session['status']])}</p>{on}",
        )
    return page(
        f"Pay {price}",
        f"<h1>{escape(record.aside['item'])}</h1>"
        f'<p class="price">{escape(price)}</p>'
        + (f'<p class="said" role="alert">{escape(said)}</p>' if said else "")
        + '<form method="post"><label for="email">E-mail</label>'
        f'<input id="email" name="email" type="email" autocomplete="email" required '
        f'maxlength="254" value="{escape(session["customer_email"] or "")}">'
        + button("card", "Pay by card", is_first=True)
        + button("declined", "Pay by a card that is declined")
        + button("later", "Pay by bank: the money comes later")
        + f"</form>{back}",
    )


_WHY = {
    "complete": "The order was placed. Nothing more can be paid here.",
    "expired": "Its time is over. Nothing was paid.",
}


def press(world: World, session_id: str, given: Doc) -> str:
    """A button was pressed. Where to go next; Declined where the buyer stays on the page.

    Pressed twice, the second time only leads on.
    """
    session = _session(world, session_id).doc
    if session["status"] == "complete":
        return _onward(session)
    if session["status"] == "expired":
        return f"/c/pay/{session_id}"
    way = WAYS.get(str(given.get("do")))
    email = str(given.get("email", "")).strip()
    if way is None or "@" not in email or len(email) > 254:
        raise Declined("Enter an e-mail address, then choose how to pay.")
    with world.store.change() as change:
        selling.pay(world, change, session_id, way=way, email=email)
    if way == "declined":
        raise Declined("Your card was declined. Try another one.")
    return _onward(session)


class Declined(Problem):
    """The buyer is told why, and stays on the page."""


def _onward(session: Doc) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _session(world: World, session_id: str) -> Record:
    record = world.store.get("sessions", session_id)
    if record is None:
        raise missing("checkout.session", session_id)
    return record
