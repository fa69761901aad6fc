"""Volumes: how much alerts find and tell, what is slow, what waits and what failed. For staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import TruncDate

from portal.post.models import UNDER_WAY, Mail
from portal.post.models import State as MailState

from .channels import TEMPLATE
from .models import Alert, Channel, Digest, DigestState, Run, StoredTree

DAYS = 14
SLOWEST = 5


@dataclass(frozen=True, slots=True)
class Day:
    """One day: meetings that were matched, what was found in them, and messages that were made."""

    day: date
    meetings: int
    matches: int
    messages: int


@dataclass(frozen=True, slots=True)
class Slow:
    """A search, and the longest that it took for one meeting."""

    search: str
    ms: float


@dataclass(frozen=True, slots=True)
class Volumes:
    """Alerts as they stand, and the last fourteen days of them."""

    alerts: int
    paused: int
    searches: int
    members: int
    days: Sequence[Day]
    slowest: Sequence[Slow]
    waiting: int
    """Messages that are made and not delivered: mail and calls."""
    waiting_since: datetime | None
    """When the oldest of these was made."""
    failed: int
    """Messages of these days that came back or were given up."""
    channels_closed: int


def volumes(*, now: datetime) -> Volumes:
    """The figures of this instant. Ten queries."""
    alerts = Alert.objects.aggregate(
        every=Count("pk"),
        paused=Count("pk", filter=Q(paused_at__isnull=False)),
        members=Count("owner", distinct=True),
    )
    since = now - timedelta(days=DAYS)
    mails = Mail.objects.filter(template=TEMPLATE, state__in=UNDER_WAY).aggregate(
        waiting=Count("pk"), since=Min("queued_at")
    )
    calls = Digest.objects.filter(state=DigestState.WAITING).aggregate(
        waiting=Count("pk"), since=Min("made_at")
    )
    waiting_since = [at for at in (mails["since"], calls["since"]) if at is not None]
    mails_failed = Mail.objects.filter(
        template=TEMPLATE, state__in=[MailState.REFUSED, MailState.DEAD], queued_at__gt=since
    )
    calls_failed = Digest.objects.filter(
        state=DigestState.FAILED, channel__kind="webhook", made_at__gt=since
    )
    return Volumes(
        alerts=alerts["every"],
        paused=alerts["paused"],
        members=alerts["members"],
        searches=StoredTree.objects.filter(alerts__paused_at__isnull=True).distinct().count(),
        days=_days(since),
        slowest=_slowest(since),
        waiting=mails["waiting"] + calls["waiting"],
        waiting_since=min(waiting_since, default=None),
        failed=mails_failed.count() + calls_failed.count(),
        channels_closed=Channel.objects.filter(paused_at__isnull=False).count(),
    )


def _days(since: datetime) -> list[Day]:
    """The days on which something happened, the newest first. Two queries."""
    runs = Run.objects.filter(done_at__gt=since).annotate(on=TruncDate("done_at"))
    each = runs.values_list("on").annotate(Count("pk"), Sum("matches"))
    matched = {day: (meetings, matches) for day, meetings, matches in each}
    made = Digest.objects.filter(made_at__gt=since).annotate(on=TruncDate("made_at"))
    messages = dict(made.values_list("on").annotate(Count("pk")))
    return [
        Day(day, *matched.get(day, (0, 0)), messages.get(day, 0))
        for day in sorted({*matched, *messages}, reverse=True)
    ]


def _slowest(since: datetime) -> list[Slow]:
    """The searches that took longest, each once. One query."""
    longest: dict[str, int] = {}
    for pairs in Run.objects.filter(done_at__gt=since).values_list("slowest", flat=True):
        for search, us in pairs:
            longest[search] = max(us, longest.get(search, 0))
    slowest = sorted(longest.items(), key=lambda one: -one[1])[:SLOWEST]
    return [Slow(search, round(us / 1_000, 1)) for search, us in slowest]
