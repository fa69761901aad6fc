"""Selling: opening a session, and what a buyer may do on its page."""

from typing import Literal

from . import objects, taxes
from .problems import Problem, invalid, missing, missing_parameter
from .store import Change, Doc, Record
from .world import World, found

Way = Literal["card", "declined", "later"]
SOONEST_S, LATEST_S = 30 * 60, 24 * 3600  # for `expires_at`, as Stripe has it


def open_session(world: World, change: Change, params: Doc) -> Doc:
    """A new session for one payment."""
    for name in ("success_url", "line_items", "mode"):
        if name not in params:
            raise missing_parameter(name)
    if params["mode"] != "payment":
        raise Problem("The sandbox sells for one payment only.", param="mode")
    for name in ("success_url", "cancel_url"):
        if not str(params.get(name, "https://")).startswith(("http://", "https://")):
            raise Problem("Not a valid URL", code="url_invalid", param=name)
    now = world.now()
    if "expires_at" in params:
        ahead = _whole("expires_at", params["expires_at"]) - now
        if not SOONEST_S - 60 <= ahead <= LATEST_S + 60:  # a minute for clocks that differ
            raise Problem(
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout "
                "Session creation.",
                param="expires_at",
            )
    name, amount, currency = _item(params["line_items"])
    session = objects.session(params, amount=amount, currency=currency, base=world.base, now=now)
    behind = params.get("payment_intent_data", {})
    aside = {"item": name, "intent_metadata": behind.get("metadata", {})}
    change.put("sessions", session["id"], Record(session, aside))
    return session


def _item(items: object) -> tuple[str, int, str]:
    """Name, amount in minor units, currency. A kept price is `price_sandbox_AMOUNT_CURRENCY`."""
    if not (isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict)):
        raise Problem("The sandbox sells one thing at a time.", param="line_items")
    item = items[0]
    if item.get("quantity", "1") != "1":
        raise Problem("The sandbox sells one piece at a time.", param="line_items[0][quantity]")
    if "price" in item:
        return "Item", *_kept_price(str(item["price"]))
    data = item.get("price_data")
    if not isinstance(data, dict):
        raise missing_parameter("line_items[0][price_data]")
    amount = _whole("line_items[0][price_data][unit_amount]", data.get("unit_amount"))
    product, currency = data.get("product_data"), data.get("currency")
    name = product.get("name") if isinstance(product, dict) else None
    if not isinstance(name, str) or not name:
        raise missing_parameter("line_items[0][price_data][product_data][name]")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isalpha()):
        raise invalid("line_items[0][price_data][currency]", currency)
    return name, amount, currency.lower()


def price(world: World, name: str) -> Doc:
    """A kept price, which is there as soon as somebody names it."""
    amount, currency = _kept_price(name)
    return {
        "id": name,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": world.now(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": "prod_sandbox",
        "recurring": None,
        "tax_behavior": "inclusive",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def _kept_price(name: str) -> tuple[int, str]:
    """Amount and currency of a kept price, by its name. Raises Problem for any other name."""
    parts = name.split("_")
    if parts[:2] != ["price", "sandbox"] or len(parts) != 4 or not parts[2].isdigit():
        raise missing("price", name)
    return int(parts[2]), parts[3]


def _whole(name: str, text: object) -> int:
    if not (isinstance(text, str) and text.isascii() and text.isdigit()):
        raise invalid(name, text)
    return int(text)


def expire(world: World, change: Change, session_id: str) -> Doc:
    """Close an open session. Raises Problem for any other."""
    record = found(change, "sessions", session_id)
    if record.doc["status"] != "open":
        raise Problem(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {record.doc['status']}.",
            is_kept=True,
        )
    record.doc |= {"status": "expired", "url": None}
    change.put("sessions", session_id, record)
    world.happens(change, "checkout.session.expired", record.doc)
    return record.doc


def expire_those_in_time(world: World) -> None:
    """Close what is open past its time, as Stripe does by itself."""
    for record in world.store.newest_first("sessions", status="open"):
        if record.doc["expires_at"] <= world.now():
            with world.store.change() as change:
                expire(world, change, record.doc["id"])


def pay(world: World, change: Change, session_id: str, *, way: Way, email: str) -> Doc:
    """The buyer presses a button on the page of an open session. Raises Problem for any other."""
    record = found(change, "sessions", session_id)
    session, now = record.doc, world.now()
    if session["status"] != "open":
        raise Problem("This page is closed.")
    taxes.reckon(world, record)
    kept = change.get("intents", session["payment_intent"] or "")
    intent = kept.doc if kept else objects.intent(session, record.aside["intent_metadata"], now=now)
    status = {"card": "succeeded", "declined": "failed", "later": "pending"}[way]
    charge = objects.charge(intent, status=status, email=email, base=world.base, now=now)
    intent["latest_charge"] = charge["id"]
    session["payment_intent"] = intent["id"]
    if way == "declined":
        intent["last_payment_error"] = {
            "charge": charge["id"],
            "code": "card_declined",
            "decline_code": "generic_decline",
            "message": "Your card was declined.",
            "type": "card_error",
        }
    else:
        intent["payment_method"] = charge["payment_method"]
        intent["last_payment_error"] = None
        intent["status"] = "processing" if way == "later" else "succeeded"
        intent["amount_received"] = charge["amount_captured"]
        session |= {"status": "complete", "url": None, "customer_details": _buyer(email)}
        session["payment_status"] = "unpaid" if way == "later" else "paid"
    _put(change, record, intent, charge)
    if way == "declined":
        world.happens(change, "charge.failed", charge)
        world.happens(change, "payment_intent.payment_failed", intent)
    else:
        if way == "card":
            world.happens(change, "charge.succeeded", charge)
            world.happens(change, "payment_intent.succeeded", intent)
        world.happens(change, "checkout.session.completed", session)
    return session


def settle_later_payment(world: World, change: Change, session_id: str, *, succeeds: bool) -> Doc:
    """The money of a delayed method arrives, or does not. Raises Problem where none is awaited."""
    record = found(change, "sessions", session_id)
    session = record.doc
    kept = change.get("intents", session["payment_intent"] or "")
    if kept is None or kept.doc["status"] != "processing":
        raise Problem("No late payment is awaited here.")
    intent = kept.doc
    charge = found(change, "charges", intent["latest_charge"]).doc
    if succeeds:
        charge |= {
            "status": "succeeded",
            "paid": True,
            "captured": True,
            "amount_captured": charge["amount"],
            "receipt_url": f"{world.base}/receipts/{charge['id']}",
        }
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        session["payment_status"] = "paid"
    else:
        charge |= {"status": "failed", "failure_code": "insufficient_funds"}
        intent["status"] = "requires_payment_method"
    _put(change, record, intent, charge)
    outcome = "succeeded" if succeeds else "failed"
    world.happens(change, f"charge.{outcome}", charge)
    world.happens(change, f"checkout.session.async_payment_{outcome}", session)
    return session


def _buyer(email: str) -> Doc:
    address = {
        "city": None,
        "country": "US",
        "line1": None,
        "line2": None,
        "postal_code": "10001",
        "state": None,
    }
    return {
        "address": address,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": "Sandbox Buyer",
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _put(change: Change, session: Record, intent: Doc, charge: Doc) -> None:
    change.put("sessions", session.doc["id"], session)
    change.put("intents", intent["id"], Record(intent))
    change.put("charges", charge["id"], Record(charge))
