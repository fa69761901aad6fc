"""Webhooks: what was found, sent to a member's own server, and tried again for a day.

A call is a Digest that waits. It is committed before anybody is called, and the same key goes with
each try, so that a receiver who has it already can tell.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import is_member
from portal.post import calling, signatures

from . import channels
from .composing import quote
from .models import Cadence, Channel, ChannelKind, Digest, DigestState, Match, Quiet, Told
from .telling import call_sign, hold_alerts, untold

log = logging.getLogger(__name__)

MOMENTS_MAX = 100  # of one call; the rest goes with the next
TRIED_FOR = timedelta(days=1)
LEASE = timedelta(minutes=2)  # well over what a call may last
LONGEST_ROUND = timedelta(seconds=30)  # then mail has its turn; servers may be slow on purpose
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)
TEST_S = 5.0
"""A test is sent while its member waits for the page, and one of the site's workers with them."""


def queue_calls(*, now: datetime) -> int:
    """Write a call for each member whose webhook was not told of something. Says how many.

    In a quiet time there is none.
    """
    if Quiet.objects.at(now).exists():
        return 0
    owners = untold(ChannelKind.WEBHOOK, now=now).order_by("alert__owner")
    return sum(
        _queue(owner, now=now)
        for owner in [*owners.values_list("alert__owner", flat=True).distinct()]
    )


@transaction.atomic
def _queue(owner: int, *, now: datetime) -> bool:
    mine = Channel.objects.open().filter(owner=owner, kind=ChannelKind.WEBHOOK)
    channel = mine.select_for_update(skip_locked=True).first()
    if channel is None:
        return False  # there is none, or somebody else is at it
    hold_alerts(owner)
    waiting = untold(ChannelKind.WEBHOOK, now=now).filter(alert__owner=owner)
    rows = list(waiting.order_by("pk")[:MOMENTS_MAX])
    if not rows:
        return False
    digest = Digest.objects.create(
        channel=channel,
        cadence=Cadence.AT_ONCE,
        key=f"alerts-{channel.pk}-call-{call_sign(rows[0], now=now)}",
        made_at=now,
        due_at=now,
    )
    Told.objects.bulk_create(Told(match=row, channel=channel, digest=digest) for row in rows)
    return True


def call_what_is_due(*, clock: Callable[[], datetime], chance: Callable[[], float]) -> int:
    """Call what is due, the longest due first, and say how many were taken.

    It takes half a minute, and the call at hand its time. In a quiet time nobody is called.
    """
    began, taken = clock(), 0
    while clock() - began < LONGEST_ROUND:
        digest = None if Quiet.objects.at(clock()).exists() else _claim(now=clock())
        if digest is None:
            break
        try:
            taken += _call(digest, clock=clock, chance=chance())
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever it is, it is of this call, and is told once in the log
            log.exception("Call %s could not be made", digest.key)
            _leave(digest, now=clock(), chance=chance())
    return taken


@transaction.atomic
def _claim(*, now: datetime) -> Digest | None:
    """Take a call for two minutes. Two rounds never take the same one."""
    due = Digest.objects.filter(
        state=DigestState.WAITING, channel__kind=ChannelKind.WEBHOOK, due_at__lte=now
    )
    digest = due.select_for_update(skip_locked=True, of=["self"]).order_by("due_at", "pk").first()
    if digest is not None:
        digest.due_at, digest.tries = now + LEASE, min(digest.tries + 1, 1_000)
        digest.save(update_fields=["due_at", "tries"])
    return digest


def _call(digest: Digest, *, clock: Callable[[], datetime], chance: float) -> bool:
    channel = Channel.objects.select_related("owner").get(pk=digest.channel_id)
    if channel.paused_at is not None:
        _take_back(digest, now=clock())
        return False
    rows = list(
        Match.objects.in_public()
        .filter(told__digest=digest, alert__paused_at__isnull=True)
        .select_related("alert", "article", "meeting__body__place")
        .order_by("pk")
    )
    if not rows or not is_member(channel.owner, clock()):
        _end(digest, DigestState.FAILED, now=clock(), error=_("It was no longer wanted."))
        return False
    body = payload(digest, rows)
    try:
        calling.call(
            channel.address,
            body=body,
            headers=signatures.headers(
                key=digest.key, body=body, secret=channel.secret, now=clock()
            ),
        )
    except calling.Refused as refusal:
        _give_up(digest, channel, str(refusal), now=clock())
        return False
    except calling.TryLater as trouble:
        _put_off(digest, channel, str(trouble), now=clock(), chance=chance)
        return False
    _end(digest, DigestState.SENT, now=clock())
    Channel.objects.filter(pk=channel.pk).update(failures=0, failing_since=None)
    return True


def try_out(channel: Channel, *, key: str, now: datetime) -> None:
    """Send a call that tells of nothing, signed as all are. Raises calling.Refused or TryLater.

    It is sent from within the request, so that its member sees at once what came of it; and so the
    server has `TEST_S` seconds to answer, and not the time that a real call has.
    """
    told = {"type": "alert.test", "timestamp": now.isoformat(), "data": {"moments": []}}
    body = json.dumps(told, separators=(",", ":")).encode()
    signed = signatures.headers(key=key, body=body, secret=channel.secret, now=now)
    calling.call(channel.address, body=body, headers=signed, within_s=TEST_S)


def payload(digest: Digest, rows: Sequence[Match]) -> bytes:
    """The body of a call: type, time and data, as Standard Webhooks suggests.

    It is the same each try, but for what was renamed meanwhile, or left out because its meeting was
    withdrawn or its alert paused.
    """
    told = {
        "type": "alert.matched",
        "timestamp": digest.made_at.isoformat(),
        "data": {"moments": [_moment(row) for row in rows]},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _moment(row: Match) -> dict[str, object]:
    said = quote(row)
    return {
        "alert": {"id": row.alert_id, "name": row.alert.name, "search": row.alert.query},
        "stage": row.stage,
        "source": row.source,
        "url": said.url,
        "words": [{"text": part.text, "matched": part.is_match} for part in said.parts],
        "speaker": row.speaker,
        "start_ms": row.start_ms,
        "end_ms": row.end_ms,
        "meeting": {
            "id": row.meeting_id,
            "title": row.meeting.title,
            "held_on": row.meeting.held_on.isoformat(),
            "body": row.meeting.body.name,
            "place": row.meeting.body.place.name,
            "url": f"{settings.SITE_URL}{row.meeting.get_absolute_url()}",
        },
    }


def _put_off(digest: Digest, channel: Channel, error: str, *, now: datetime, chance: float) -> None:
    """Later, and with it whatever else waits for this server. After a day of it, never."""
    if now - digest.made_at >= TRIED_FOR:
        _give_up(digest, channel, error, now=now)
        return
    due_at = now + _wait(digest.tries, chance)
    Digest.objects.filter(pk=digest.pk, state=DigestState.WAITING, tries=digest.tries).update(
        due_at=due_at, error=error
    )
    Digest.objects.filter(channel=channel, state=DigestState.WAITING, due_at__lt=due_at).update(
        due_at=due_at
    )
    Channel.objects.filter(pk=channel.pk).update(
        failures=min(channel.failures + 1, 30_000), failing_since=channel.failing_since or now
    )


@transaction.atomic
def _take_back(digest: Digest, *, now: datetime) -> None:
    """The webhook was turned off before this was called. If it is on again in time, it is told."""
    digest.told.all().delete()
    _end(digest, DigestState.FAILED, now=now, error=_("The webhook was off."))


def _leave(digest: Digest, *, now: datetime, chance: float) -> None:
    """Later, for a fault of ours that the member's server knows nothing of. After a day, never."""
    error = _("Something went wrong on our side.")
    if now - digest.made_at >= TRIED_FOR:
        _end(digest, DigestState.FAILED, now=now, error=error)
        return
    Digest.objects.filter(pk=digest.pk, state=DigestState.WAITING, tries=digest.tries).update(
        due_at=now + _wait(digest.tries, chance), error=error
    )


def _wait(tries: int, chance: float) -> timedelta:
    """Twice as long each time, up to two hours, and by chance up to half as long again."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(tries - 1, 20)
    return min(doubled, LONGEST_WAIT) * (1 + chance / 2)


def _give_up(digest: Digest, channel: Channel, error: str, *, now: datetime) -> None:
    _end(digest, DigestState.FAILED, now=now, error=error)
    reason = _("Your server did not take what we sent: %s") % error
    channels.pause(channel, reason=reason[:300], now=now)


def _end(digest: Digest, state: DigestState, *, now: datetime, error: str = "") -> None:
    """Only the try that took the row may say what came of it."""
    Digest.objects.filter(pk=digest.pk, state=DigestState.WAITING, tries=digest.tries).update(
        state=state, ended_at=now, error=error
    )
