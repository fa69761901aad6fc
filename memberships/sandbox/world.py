"""World: the documents, the clock and the events of one sandbox, for one thread at a time."""

import threading
import time
from dataclasses import dataclass, field

from . import objects
from .problems import missing
from .store import Change, Doc, Record, Store

# What an endpoint of this site subscribes to; other events exist, and are not sent.
SUBSCRIBED = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "radar.early_fraud_warning.created",
    }
)
NOBODY: Doc = {"id": None, "idempotency_key": None}


@dataclass
class World:
    """What all modules of this room work on, under `lock`."""

    store: Store
    base: str  # the sandbox's own address
    target: str  # where events are sent; empty: nowhere
    secret: str  # what signs them
    lock: threading.RLock = field(default_factory=threading.RLock)
    news: threading.Event = field(default_factory=threading.Event)  # there may be something to send
    request: Doc = field(default_factory=lambda: dict(NOBODY))  # the API call under way

    def now(self) -> int:
        """Seconds since the epoch by the sandbox's clock, which tests may shift."""
        return int(time.time()) + int(self.setting("clock").get("shift_s", 0))

    def setting(self, name: str) -> Doc:
        """What tests have set, by name; empty unless they have."""
        found = self.store.get("settings", name)
        return found.doc if found else {}

    def set(self, name: str, doc: Doc) -> None:
        """Keep a setting over restarts."""
        with self.store.change() as change:
            change.put("settings", name, Record(doc))
        self.news.set()

    def happens(self, change: Change, kind: str, thing: Doc) -> None:
        """Write down an event about a document, to be sent once the change is kept."""
        is_awaited = bool(self.target) and kind in SUBSCRIBED
        event = objects.event(
            kind, thing, request=self.request, is_awaited=is_awaited, now=self.now()
        )
        change.put("events", event["id"], Record(event))
        if is_awaited:
            waiting = {"event": event["id"], "state": "waiting", "tries": 0, "next_at": 0.0}
            change.put("deliveries", event["id"], Record(waiting))
            self.news.set()


def found(change: Change, kind: str, id_: str) -> Record:
    """A record that must be there. Raises Problem 404."""
    record = change.get(kind, id_)
    if record is None:
        raise missing(kind.removesuffix("s"), id_)
    return record
