"""Returning: refunds, disputes, and the warning that comes before a dispute."""

from typing import Literal

from . import objects
from .problems import Problem, invalid, missing_parameter
from .store import Change, Doc, Record
from .world import World, found

REASONS = {"duplicate", "fraudulent", "requested_by_customer"}
CLOSED = {"won", "lost", "warning_closed", "prevented"}
Status = Literal["succeeded", "pending", "requires_action"]


def refund(world: World, change: Change, params: Doc, *, status: Status = "succeeded") -> Doc:
    """Give a charge back, in whole or part. Raises Problem where nothing, or less, is left."""
    charge = _charge_of(change, params)
    amount_left = charge["amount"] - charge["amount_refunded"]
    text = params.get("amount", str(amount_left))
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and int(text) > 0):
        raise invalid("amount", text)
    if params.get("reason") not in {None, *REASONS}:
        raise invalid("reason", params["reason"])
    if charge["status"] != "succeeded":
        raise Problem("This payment has not succeeded.", code="charge_not_refundable", is_kept=True)
    if any(not one["is_charge_refundable"] for one in _disputes(world, charge)):
        raise Problem(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            is_kept=True,
        )
    if amount_left == 0:
        raise Problem(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
            is_kept=True,
        )
    if int(text) > amount_left:
        raise Problem(
            f"Refund amount ({text}) is greater than unrefunded amount on charge ({amount_left})",
            param="amount",
            is_kept=True,
        )
    made = objects.refund(charge, amount=int(text), status=status, params=params, now=world.now())
    change.put("refunds", made["id"], Record(made))
    _set_refunded(change, charge, charge["amount_refunded"] + made["amount"])
    world.happens(change, "refund.created", made)
    world.happens(change, "charge.refunded", found(change, "charges", charge["id"]).doc)
    return made


def _charge_of(change: Change, params: Doc) -> Doc:
    if "payment_intent" in params:
        intent = found(change, "intents", params["payment_intent"]).doc
        if intent["latest_charge"] is None:
            raise Problem("This payment has no charge.", code="charge_not_refundable")
        return found(change, "charges", intent["latest_charge"]).doc
    if "charge" in params:
        return found(change, "charges", params["charge"]).doc
    raise missing_parameter("payment_intent")


def _disputes(world: World, charge: Doc) -> list[Doc]:
    disputes = world.store.newest_first("disputes", charge=charge["id"])
    return [record.doc for record in disputes]


def _set_refunded(change: Change, charge: Doc, amount: int) -> None:
    charge |= {"amount_refunded": amount, "refunded": amount == charge["amount"]}
    change.put("charges", charge["id"], Record(charge))


def settle_refund(world: World, change: Change, refund_id: str, *, succeeds: bool) -> Doc:
    """A refund arrives, or comes back: even one that had succeeded may still fail."""
    record = found(change, "refunds", refund_id)
    made = record.doc
    if made["status"] in {"failed", "canceled"} or (made["status"] == "succeeded" and succeeds):
        raise Problem("This refund is settled.")
    made.pop("pending_reason", None)
    made["status"] = "succeeded" if succeeds else "failed"
    if not succeeds:
        made["failure_reason"] = "expired_or_canceled_card"
        charge = found(change, "charges", made["charge"]).doc
        _set_refunded(change, charge, charge["amount_refunded"] - made["amount"])
    change.put("refunds", refund_id, record)
    world.happens(change, "refund.updated" if succeeds else "refund.failed", made)
    return made


def open_dispute(
    world: World,
    change: Change,
    charge_id: str,
    *,
    status: str = "needs_response",
    reason: str = "fraudulent",
) -> Doc:
    """The buyer's bank asks (`warning_needs_response`) or takes the money (`needs_response`)."""
    charge = found(change, "charges", charge_id).doc
    if charge["disputed"] or charge["status"] != "succeeded":
        raise Problem("This charge cannot be disputed.")
    made = objects.dispute(charge, status=status, reason=reason, now=world.now())
    charge["disputed"] = True
    change.put("disputes", made["id"], Record(made))
    change.put("charges", charge_id, Record(charge))
    world.happens(change, "charge.dispute.created", made)
    return made


def move_dispute(world: World, change: Change, dispute_id: str, *, status: str) -> Doc:
    """The bank decides, or asks further. What is closed stays so."""
    record = found(change, "disputes", dispute_id)
    if record.doc["status"] in CLOSED:
        raise Problem("This dispute is closed.")
    record.doc |= {
        "status": status,
        "is_charge_refundable": status.startswith("warning_") or status in {"won", "prevented"},
    }
    change.put("disputes", dispute_id, record)
    ending = "closed" if status in CLOSED else "updated"
    world.happens(change, f"charge.dispute.{ending}", record.doc)
    return record.doc


def warn_of_fraud(world: World, change: Change, charge_id: str) -> Doc:
    """The issuer of the card suspects fraud."""
    made = objects.fraud_warning(found(change, "charges", charge_id).doc, now=world.now())
    change.put("warnings", made["id"], Record(made))
    world.happens(change, "radar.early_fraud_warning.created", made)
    return made
