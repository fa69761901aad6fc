"""Controls: what tests may do to the sandbox. Off unless it was started with --control."""

import time
from collections.abc import Callable

from . import deliveries, returning, selling
from .problems import Problem
from .store import Change, Doc
from .world import World

# A fault befalls the next calls of the API whose "METHOD /path" begins with `call`.
FAULTS = {
    "500": "nothing is done, and the key repeats the failure",
    "500_after": "it is done, and the key repeats the failure all the same",
    "503": "nothing is done, and the same key may succeed later",
    "429": "nothing is done: too many requests",
    "409": "nothing is done: another request holds the lock",
    "drop_before": "the connection is cut, nothing is done",
    "drop_after": "it is done, and the connection is cut",
    "timeout_before": "no answer for `seconds`, nothing is done",
    "timeout_after": "it is done, and there is no answer for `seconds`",
}


def control(world: World, verb: str, given: Doc) -> Doc:
    """Do what a test asks for. Raises Problem."""
    if verb in _SETTINGS:
        return _SETTINGS[verb](world, given)
    if verb == "deliver":
        return _deliver(world, given)
    if verb not in _HAPPENINGS:
        raise Problem(f"Unknown control: {verb}", status=404)
    with world.lock, world.store.change() as change:
        return _HAPPENINGS[verb](world, change, given)


def take_fault(world: World, call: str) -> Doc | None:
    """The fault that befalls this call, which uses it up."""
    queue = list(world.setting("faults").get("queue", []))
    for number, fault in enumerate(queue):
        if call.startswith(fault["call"]):
            fault["times"] -= 1
            world.set("faults", {"queue": queue if fault["times"] else _without(queue, number)})
            return dict(fault)
    return None


def _without(queue: list[Doc], number: int) -> list[Doc]:
    return queue[:number] + queue[number + 1 :]


def _fault(world: World, given: Doc) -> Doc:
    if given.get("kind") not in FAULTS:
        raise Problem(f"Faults are {', '.join(FAULTS)}.")
    fault = {
        "kind": given["kind"],
        "call": str(given.get("call", "")),
        "times": int(given.get("times", 1)),
        "seconds": float(given.get("seconds", 30)),
    }
    with world.lock:
        queue = [*world.setting("faults").get("queue", []), fault]
        world.set("faults", {"queue": queue})
    return {"queue": queue}


def _set(name: str) -> Callable[[World, Doc], Doc]:
    def keep(world: World, given: Doc) -> Doc:
        with world.lock:
            world.set(name, given)
        return given

    return keep


def _faults_end(world: World, given: Doc) -> Doc:
    with world.lock:
        world.set("faults", {})
    return {}


_SETTINGS: dict[str, Callable[[World, Doc], Doc]] = {
    "fault": _fault,
    "faults_end": _faults_end,
    "clock": _set("clock"),  # shift_s
    "mute": _set("mute"),  # is_on: events wait
    "refund_pending": _set("refund_pending"),  # times: that many refunds stay on their way
    "tax": _set("tax"),  # rates (name, percentage, …; see taxes.py): what automatic tax reckons
}
_HAPPENINGS: dict[str, Callable[[World, Change, Doc], Doc]] = {
    "pay": lambda world, change, given: selling.pay(
        world,
        change,
        given["session"],
        way=given.get("way", "card"),
        email=given.get("email", "buyer@example.org"),
    ),
    "settle_payment": lambda world, change, given: selling.settle_later_payment(
        world, change, given["session"], succeeds=given["succeeds"]
    ),
    "dashboard_refund": lambda world, change, given: returning.refund(
        world, change, {name: str(text) for name, text in given.items()}
    ),
    "settle_refund": lambda world, change, given: returning.settle_refund(
        world, change, given["refund"], succeeds=given["succeeds"]
    ),
    "dispute": lambda world, change, given: returning.open_dispute(
        world,
        change,
        given["charge"],
        status=given.get("status", "needs_response"),
        reason=given.get("reason", "fraudulent"),
    ),
    "move_dispute": lambda world, change, given: returning.move_dispute(
        world, change, given["dispute"], status=given["status"]
    ),
    "fraud_warning": lambda world, change, given: returning.warn_of_fraud(
        world, change, given["charge"]
    ),
}


def _deliver(world: World, given: Doc) -> Doc:
    """Send events now, however often, in whatever order, well or badly signed.

    `events` (ids; without, all that wait), `order` (forward, reverse), `times`, `secret`,
    `age_s` (how old the signature is), `is_lost` (they count as given up and are not sent).
    """
    with world.lock:
        ids = given.get("events") or [
            record.doc["event"]
            for record in world.store.newest_first("deliveries", state="waiting")[::-1]
        ]
        events = [record for id_ in ids if (record := world.store.get("events", id_))]
        if given.get("is_lost"):
            with world.store.change() as change:
                for record in events:
                    delivery = change.get("deliveries", record.doc["id"])
                    if delivery:
                        delivery.doc["state"] = "given_up"
                        change.put("deliveries", record.doc["id"], delivery)
            return {"lost": len(events)}
    if given.get("order") == "reverse":
        events.reverse()
    statuses = []
    for record in events:
        for _again in range(int(given.get("times", 1))):
            status = deliveries.send(
                given.get("target", world.target),
                record.doc,
                secret=given.get("secret", world.secret),
                at=int(time.time()) - int(given.get("age_s", 0)),
            )
            deliveries.note(world, record.doc["id"], status)
            statuses.append(status)
    return {"statuses": statuses}
