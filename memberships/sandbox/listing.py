"""Listing: one page of what there is, newest first, as Stripe's lists are asked for."""

import operator
from collections.abc import Callable, Iterator

from .problems import invalid, missing, unknown_parameter
from .store import Doc

PARAMETERS = {"limit", "starting_after", "ending_before", "created", "expand"}
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def page(url: str, docs: list[Doc], params: Doc) -> Doc:
    """The page of these documents that the parameters ask for. Raises Problem."""
    ids = [doc["id"] for doc in docs]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise missing("object", params[name])
    if "starting_after" in params:
        docs = docs[ids.index(params["starting_after"]) + 1 :]
    is_backwards = "ending_before" in params
    if is_backwards:
        docs = docs[: ids.index(params["ending_before"])]
    found = list(_chosen(docs, params))
    limit = _whole("limit", params.get("limit", "10"))
    if not 1 <= limit <= 100:
        raise invalid("limit", limit)
    shown = found[-limit:] if is_backwards else found[:limit]
    return {"object": "list", "data": shown, "has_more": len(found) > len(shown), "url": url}


def _chosen(docs: list[Doc], params: Doc) -> Iterator[Doc]:
    created = params.get("created", {})
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    limits = {name: _whole(f"created[{name}]", text) for name, text in bounds.items()}
    for name in limits:
        if name not in _BOUNDS:
            raise unknown_parameter(f"created[{name}]")
    types = params.get("types", [])
    if not isinstance(types, list) or len(types) > 20:
        raise invalid("types", types)
    same = {"payment_intent", "charge", "status", "type"} & set(params)
    for doc in docs:
        if (
            all(doc.get(name) == params[name] for name in same)
            and all(_BOUNDS[name](doc["created"], limit) for name, limit in limits.items())
            and (not types or doc["type"] in types)
            and _is_delivered(doc, params.get("delivery_success"))
        ):
            yield doc


def _is_delivered(doc: Doc, wanted: str | None) -> bool:
    return wanted is None or (doc["pending_webhooks"] == 0) is (wanted == "true")


def _whole(name: str, text: object) -> int:
    if not (isinstance(text, str) and text.isascii() and text.isdigit()):
        raise invalid(name, text)
    return int(text)
