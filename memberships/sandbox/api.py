"""API: the endpoints of Stripe that this site calls, and the parameters that each of them takes."""

import re
from typing import Any

from . import listing, returning, selling, taxes
from .problems import Problem, invalid, missing, unknown_parameter
from .store import Change, Doc
from .world import World, found

# Where an id in a field leads: what `expand` may ask for.
LEADS_TO = {
    "charge": "charges",
    "latest_charge": "charges",
    "payment_intent": "intents",
}
KINDS = {  # address: kind in the store, name in messages, filters of its list or None for no list
    "checkout/sessions": ("sessions", "checkout.session", {"payment_intent", "status"}),
    "payment_intents": ("intents", "payment_intent", set[str]()),
    "charges": ("charges", "charge", None),
    "refunds": ("refunds", "refund", {"charge", "payment_intent"}),
    "disputes": ("disputes", "dispute", {"charge", "payment_intent"}),
    "events": ("events", "event", {"type", "types", "delivery_success"}),
}
SESSION = {
    "adaptive_pricing",
    "automatic_tax",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "metadata",
    "mode",
    "payment_intent_data",
    "success_url",
}
REFUND = {"amount", "charge", "expand", "metadata", "payment_intent", "reason"}


def answer(world: World, change: Change, method: str, path: str, params: Doc) -> Doc:
    """What this call answers; what it does is in `change`. Raises Problem."""
    place = path.removeprefix("/v1/").strip("/")
    doc = _post(world, change, place, params) if method == "POST" else _get(world, place, params)
    for field in _expands(params):
        _expand(change, doc, field.split("."))
    return doc


def _post(world: World, change: Change, place: str, params: Doc) -> Doc:
    if place == "checkout/sessions":
        _only(params, SESSION)
        return selling.open_session(world, change, params)
    if expired := re.fullmatch(r"checkout/sessions/(\w+)/expire", place):
        _only(params, {"expand"})
        return selling.expire(world, change, expired[1])
    if place == "refunds":
        _only(params, REFUND)
        is_slow = _uses_up(world, "refund_pending")
        return returning.refund(world, change, params, status="pending" if is_slow else "succeeded")
    raise Problem(f"Unrecognized request URL (POST: /v1/{place}).", status=404)


def _uses_up(world: World, name: str) -> bool:
    """Whether tests asked for this to happen to the next call."""
    left = int(world.setting(name).get("times", 0))
    if left:
        world.set(name, {"times": left - 1})
    return left > 0


def _get(world: World, place: str, params: Doc) -> Doc:
    if place in KINDS and KINDS[place][2] is not None:
        kind, _name, filters = KINDS[place]
        _only(params, listing.PARAMETERS | (filters or set()))
        docs = [record.doc for record in world.store.newest_first(kind)]
        return listing.page(f"/v1/{place}", docs, params)
    place, _, id_ = place.rpartition("/")
    if place == "prices":
        _only(params, {"expand"})
        return selling.price(world, id_)
    if place not in KINDS:
        raise Problem(f"Unrecognized request URL (GET: /v1/{place}/{id_}).", status=404)
    kind, name, _filters = KINDS[place]
    _only(params, {"expand"})
    record = world.store.get(kind, id_)
    if record is None:
        raise missing(name, id_)
    return record.doc


def _expands(params: Doc) -> list[str]:
    asked = params.get("expand", [])
    if not (isinstance(asked, list) and all(isinstance(one, str) for one in asked)):
        raise invalid("expand", asked)
    return asked


def _expand(change: Change, doc: Any, path: list[str]) -> None:
    if not path or doc is None:
        return
    if path[0] == "data" and isinstance(doc.get("data"), list):
        for one in doc["data"]:
            _expand(change, one, path[1:])
        return
    if path == ["total_details", "breakdown"] and doc.get("object") == "checkout.session":
        session = found(change, "sessions", doc["id"])
        doc["total_details"]["breakdown"] = taxes.breakdown(session)
        return
    if path[0] not in LEADS_TO or path[0] not in doc:
        raise Problem(f"This property cannot be expanded ({path[0]}).", param="expand")
    if isinstance(doc[path[0]], str):
        there = change.get(LEADS_TO[path[0]], doc[path[0]])
        doc[path[0]] = there and there.doc
    _expand(change, doc[path[0]], path[1:])


def _only(params: Doc, known: set[str]) -> None:
    for name in params:
        if name not in known:
            raise unknown_parameter(name)
        if not isinstance(params[name], _SHAPES.get(name, str)):
            raise invalid(name, params[name])
    for metadata in (params.get("metadata"), params.get("payment_intent_data", {}).get("metadata")):
        if metadata is not None and not _is_flat(metadata):
            raise invalid("metadata", metadata)


# What is not a text.
_SHAPES: dict[str, type | tuple[type, ...]] = {
    "adaptive_pricing": dict,
    "automatic_tax": dict,
    "created": (str, dict),
    "expand": list,
    "line_items": list,
    "metadata": dict,
    "payment_intent_data": dict,
    "types": list,
}


def _is_flat(metadata: object) -> bool:
    return isinstance(metadata, dict) and all(isinstance(one, str) for one in metadata.values())
