"""Desk: what Stripe's dashboard, banks and late payments do, for whoever tries the site by hand."""

from collections.abc import Callable

from . import returning, selling
from .markup import button, escape, money, page
from .problems import Problem
from .store import Change, Doc, Record
from .world import World

SHOWN = 50


def show(world: World, *, said: str = "") -> str:
    """The latest sales with what can happen to each."""
    sales = [record for record in world.store.newest_first("sessions") if _intent(world, record)]
    listed = "".join(_sale(world, record) for record in sales[:SHOWN])
    return page(
        "Sales",
        "<h1>Sales in this sandbox</h1>"
        "<p>Here you are the buyer’s bank, and whoever sits at Stripe’s dashboard.</p>"
        + (f'<p class="said" role="alert">{escape(said)}</p>' if said else "")
        + (listed or "<p>Nothing was sold yet.</p>"),
        is_wide=True,
    )


def _intent(world: World, session: Record) -> Doc | None:
    record = world.store.get("intents", session.doc["payment_intent"] or "")
    return record.doc if record else None


def _sale(world: World, session: Record) -> str:
    intent = _intent(world, session)
    record = intent and world.store.get("charges", intent["latest_charge"])
    if intent is None or not record:
        return ""
    charge = record.doc
    about = {
        "charge": charge["id"],
        "session": session.doc["id"],
        "refund": _first(world, "refunds", charge, {"succeeded", "pending", "requires_action"}),
        "dispute": _first(world, "disputes", charge, _OPEN),
    }
    amounts = money(charge["amount"], charge["currency"])
    back = money(charge["amount_refunded"], charge["currency"])
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(id_)}">' for name, id_ in about.items()
    )
    offered = "".join(
        button(action, _LABELS[action]) for action in _possible(intent, charge, about)
    )
    return (
        f"<article><h2>{escape(session.aside['item'])}, {escape(amounts)}</h2>"
        f"<p>{escape(charge['billing_details']['email'])}; payment {escape(intent['status'])}; "
        f"given back {escape(back)}</p>"
        f'<form method="post">{hidden}{offered}</form></article>'
    )


_OPEN = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}


def _first(world: World, kind: str, charge: Doc, statuses: set[str]) -> str:
    for record in world.store.newest_first(kind, charge=charge["id"]):
        if record.doc["status"] in statuses:
            return str(record.doc["id"])
    return ""


def _possible(intent: Doc, charge: Doc, about: dict[str, str]) -> list[str]:
    actions = []
    if intent["status"] == "processing":
        actions += ["arrives", "bounces"]
    if charge["status"] == "succeeded" and charge["amount_refunded"] < charge["amount"]:
        actions += ["refund"]
    if about["refund"]:
        actions += ["refund_fails"]
    if about["dispute"]:
        actions += ["won", "lost"]
    elif charge["status"] == "succeeded" and not charge["disputed"]:
        actions += ["inquire", "dispute", "warn"]
    return actions


_LABELS = {
    "arrives": "The late payment arrives",
    "bounces": "The late payment fails",
    "refund": "Refund from the dashboard",
    "refund_fails": "The refund comes back",
    "inquire": "The bank asks",
    "dispute": "The bank takes it back",
    "warn": "Warn of fraud",
    "won": "The dispute is won",
    "lost": "The dispute is lost",
}
_ACTIONS: dict[str, Callable[[World, Change, Doc], Doc]] = {
    "arrives": lambda world, change, about: selling.settle_later_payment(
        world, change, about["session"], succeeds=True
    ),
    "bounces": lambda world, change, about: selling.settle_later_payment(
        world, change, about["session"], succeeds=False
    ),
    "refund": lambda world, change, about: returning.refund(
        world, change, {"charge": about["charge"]}
    ),
    "refund_fails": lambda world, change, about: returning.settle_refund(
        world, change, about["refund"], succeeds=False
    ),
    "inquire": lambda world, change, about: returning.open_dispute(
        world, change, about["charge"], status="warning_needs_response"
    ),
    "dispute": lambda world, change, about: returning.open_dispute(world, change, about["charge"]),
    "warn": lambda world, change, about: returning.warn_of_fraud(world, change, about["charge"]),
    "won": lambda world, change, about: returning.move_dispute(
        world, change, about["dispute"], status="won"
    ),
    "lost": lambda world, change, about: returning.move_dispute(
        world, change, about["dispute"], status="lost"
    ),
}


def press(world: World, given: Doc) -> None:
    """Do what the button says. Raises Problem where it is not possible any more."""
    action = _ACTIONS.get(str(given.get("do")))
    if action is None:
        raise Problem("There is no such button.")
    about = {name: str(given.get(name, "")) for name in ("charge", "session", "refund", "dispute")}
    with world.store.change() as change:
        action(world, change, about)
