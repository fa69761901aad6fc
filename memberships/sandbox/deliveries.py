"""Deliveries: events are signed and sent, again after longer and longer waits, until taken."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request

from .store import Doc, Record
from .world import World

TRIES_MAX = 12
WAIT_MAX_S = 300.0
TIMEOUT_S = 20


def signature(body: bytes, *, secret: str, at: int) -> str:
    """The header `Stripe-Signature`: https://docs.stripe.com/webhooks#verify-manually."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def send(target: str, event: Doc, *, secret: str, at: int) -> int:
    """Post one event. The status of the answer, or 0 where there was none."""
    body = json.dumps(event).encode()
    request = urllib.request.Request(  # noqa: S310 - the address was checked at the start
        target,
        data=body,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret=secret, at=at),
            "User-Agent": "Stripe/1.0 (sandbox)",
        },
    )
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)
    except OSError:  # refused, reset, timed out: asked again later
        return 0


class _Stay(urllib.request.HTTPRedirectHandler):
    """Stripe takes a redirect for a failure."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def send_what_waits(world: World) -> float:
    """Send what is due, one after the other. Seconds until the next is due."""
    with world.lock:
        if not world.target or world.setting("mute").get("is_on"):
            return WAIT_MAX_S
        now = time.time()
        waiting = [one for one in _waiting(world) if one["next_at"] <= now]
        events = [world.store.get("events", one["event"]) for one in waiting]
    for event in filter(None, events):
        at = int(time.time())
        status = send(world.target, event.doc, secret=world.secret, at=at)
        note(world, event.doc["id"], status)
    with world.lock:
        next_at = min((one["next_at"] for one in _waiting(world)), default=None)
    return WAIT_MAX_S if next_at is None else max(0.0, next_at - time.time())


def _waiting(world: World) -> list[Doc]:
    """Oldest first."""
    waiting = world.store.newest_first("deliveries", state="waiting")
    return [record.doc for record in waiting][::-1]


def note(world: World, event_id: str, status: int) -> None:
    """Write down how a delivery went."""
    with world.lock, world.store.change() as change:
        record, event = change.get("deliveries", event_id), change.get("events", event_id)
        if record is None or event is None or record.doc["state"] == "done":
            return
        tries = record.doc["tries"] + 1
        record.doc |= {"tries": tries, "status": status}
        if 200 <= status < 300:
            record.doc["state"] = "done"
            event.doc["pending_webhooks"] = 0
            change.put("events", event_id, Record(event.doc))
        elif tries >= TRIES_MAX:
            record.doc["state"] = "given_up"
        else:
            record.doc["next_at"] = time.time() + min(WAIT_MAX_S, 2.0 ** (tries - 2))
        change.put("deliveries", event_id, record)


def keep_sending(world: World, stop: threading.Event) -> None:
    """Send until told to stop; woken by news."""
    while not stop.is_set():
        world.news.clear()
        wait_s = send_what_waits(world)
        world.news.wait(min(wait_s, 60.0))
