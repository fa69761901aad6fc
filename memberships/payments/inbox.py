"""The inbox: keeping each event once, claiming it, and saying what came of it.

Times are the database's, so that the clocks of our machines need not agree.
"""

import hashlib
import json
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from memberships.gateway.facts import EventFacts
from memberships.purchases.models import Purchase

from .models import StripeEvent

LEASE = timedelta(minutes=5)
TRIES_MAX = 10
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
UNTIL_LET_IN = timedelta(minutes=5)

State = StripeEvent.State


def keep(
    event: EventFacts, *, source: StripeEvent.Source, livemode: bool, handled: Collection[str]
) -> bool:
    """Store an event, and say whether it is new. One of the other mode or kind is `ignored`."""
    state = (
        State.RECEIVED if event.livemode is livemode and event.type in handled else State.IGNORED
    )
    payload = dict(event.payload)
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    _row, new = StripeEvent.objects.get_or_create(
        event_id=event.id,
        defaults={
            "type": event.type,
            "source": source,
            "state": state,
            "created_at": event.created,
            "livemode": event.livemode,
            "api_version": event.api_version or "",
            "object_id": event.object_id,
            "payload": payload,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
    )
    return new


def claim() -> StripeEvent | None:
    """Take the oldest event that is due. Two workers never take the same one."""
    with transaction.atomic():
        event = (
            StripeEvent.objects.to_do()
            .order_by("created_at", "event_id")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if event is None:
            return None
        StripeEvent.objects.filter(pk=event.pk).update(
            state=State.PROCESSING, leased_until=Now() + LEASE, tries=F("tries") + 1
        )
    event.refresh_from_db()
    return event


def done(event: StripeEvent, *, purchase: Purchase | None) -> bool:
    """It was looked into. False where the lease was lost: another worker says what came of it."""
    return _end(event, state=State.PROCESSED, purchase=purchase, processed_at=Now(), error="")


def ignore(event: StripeEvent) -> bool:
    """It is about nothing of ours."""
    return _end(event, state=State.IGNORED, error="")


def park(event: StripeEvent, *, why: str, purchase: Purchase | None = None) -> bool:
    """It waits for a person. It is looked at again in an hour: what was missing may be there."""
    return _end(
        event,
        state=State.PARKED,
        error=why,
        next_try_at=Now() + LONGEST_PAUSE,
        tries=0,
        purchase=purchase,
    )


def fail(event: StripeEvent, *, error: str) -> bool:
    """This try came to nothing. Again after a pause that doubles; after the last it is dead."""
    if event.tries >= TRIES_MAX:
        return _end(event, state=State.DEAD, error=error or "unknown")
    return _end(
        event, state=State.RECEIVED, error=error, next_try_at=Now() + pause_after(event.tries)
    )


def put_off(event: StripeEvent, *, error: str) -> bool:
    """Stripe let nobody in: a setting of ours is wrong, and this try says nothing of the event."""
    return _end(event, state=State.RECEIVED, error=error, next_try_at=Now() + UNTIL_LET_IN, tries=0)


def requeue(event: StripeEvent) -> bool:
    """Staff: look at it again now. False where it is in work, or was none of ours."""
    again = StripeEvent.objects.filter(pk=event.pk).exclude(
        state__in=[State.PROCESSING, State.IGNORED]
    )
    return bool(
        again.update(state=State.RECEIVED, tries=0, next_try_at=Now(), processed_at=None, error="")
    )


def hurry(purchase: Purchase) -> None:
    """What waits for a decision about this purchase is looked at again with the next round."""
    waiting = StripeEvent.objects.filter(purchase=purchase, state=State.PARKED)
    waiting.update(next_try_at=Now())


def set_aside(event: StripeEvent) -> bool:
    """Staff: nothing has to be done about it. False where it does not wait for anybody."""
    waiting = StripeEvent.objects.waiting_for_staff().filter(pk=event.pk)
    return bool(waiting.update(state=State.IGNORED))


def pause_after(tries: int) -> timedelta:
    """How long to wait after that many tries that failed."""
    doubled: int = 2 ** max(tries - 1, 0)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def speaks_another_version(event: StripeEvent, *, ours: str) -> bool:
    """Was it written in another version of Stripe's API than the one we read?"""
    return event.api_version != ours


def _end(event: StripeEvent, **outcome: object) -> bool:
    """Only the claim that holds the row may end it; each lease ends at an instant of its own."""
    moved = StripeEvent.objects.filter(
        pk=event.pk, state=State.PROCESSING, leased_until=event.leased_until
    ).update(leased_until=None, **outcome)
    event.refresh_from_db()
    return bool(moved)
