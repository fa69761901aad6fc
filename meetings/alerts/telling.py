"""Telling: what was found goes into one message for each member and cadence, once.

A message, what it tells of, and the mail in the outbox are written in one transaction. So a process
that dies leaves all of it or nothing, and of two at once one has the member's row.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from meetings.articles.models import Article
from memberships.gate.entitlement import User, is_member, members
from portal.post import services as post
from portal.post.sending import NotYet

from . import link
from .cadence import NoZone, Rhythm, zone
from .composing import letter
from .models import (
    Alert,
    Cadence,
    Channel,
    ChannelKind,
    Digest,
    DigestState,
    Match,
    Quiet,
    Schedule,
    Told,
)
from .models.match import MatchQuerySet

log = logging.getLogger(__name__)

TOLD_WITHIN = timedelta(days=15)
"""What is older was found while its member was away, or was told of nothing; it is not news."""
AT_ONCE_APART = timedelta(minutes=10)
"""A flood of meetings makes a message each ten minutes, and not one each."""
READ_AT_ONCE = 2_000
TEMPLATE = "alerts/digest"


def tell_what_is_due(*, now: datetime) -> int:
    """Tell by mail whoever is due, and say how many messages were made.

    Where one member's cannot be made, the others still get theirs, and it is tried again. In a
    quiet time nobody is told.
    """
    if Quiet.objects.at(now).exists():
        return 0
    waiting = untold(ChannelKind.EMAIL, now=now)
    owners = waiting.order_by("alert__owner").values_list("alert__owner", "alert__cadence")
    made = 0
    for owner, cadence in [*owners.distinct()]:
        try:
            made += tell(owner=owner, cadence=Cadence(cadence), now=now) is not None
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever it is, it is of this message, and is told once in the log
            log.exception("What alerts found for member %s could not be told", owner)
    return made


def untold(kind: ChannelKind, *, now: datetime) -> MatchQuerySet:
    """Matches that a channel of this kind has not told of, of those who read as members now."""
    told = Told.objects.filter(match=OuterRef("pk"), channel__kind=kind)
    closed = Channel.objects.filter(
        owner=OuterRef("alert__owner"), kind=kind, paused_at__isnull=False
    )
    return Match.objects.in_public().filter(
        ~Exists(told),
        ~Exists(closed),
        alert__paused_at__isnull=True,
        alert__owner__in=members(now),
        found_at__gt=now - TOLD_WITHIN,
        **{f"alert__by_{kind}": True},
    )


@transaction.atomic
def tell(*, owner: int, cadence: Cadence, now: datetime) -> Digest | None:
    """One message of what a member was not told of yet, if one is due. None where none is."""
    Channel.objects.get_or_create(owner_id=owner, kind=ChannelKind.EMAIL)
    mine = Channel.objects.open().filter(owner=owner, kind=ChannelKind.EMAIL)
    channel = mine.select_for_update(skip_locked=True, of=["self"]).select_related("owner").first()
    if channel is None:
        return None  # paused, or somebody else is at it
    hold_alerts(owner)
    waiting = untold(ChannelKind.EMAIL, now=now).filter(alert__owner=owner, alert__cadence=cadence)
    rows = list(
        waiting.select_related("alert", "article", "meeting__body__place").order_by("pk")[
            :READ_AT_ONCE
        ]
    )
    rhythm = rhythm_of(owner)
    if not rows or not _is_due(channel, cadence, rhythm, rows, now=now):
        return None
    day = None if cadence is Cadence.AT_ONCE else rhythm.day_of(cadence, at=now)
    digest = Digest.objects.create(
        channel=channel,
        cadence=cadence,
        day=day,
        key=f"alerts-{channel.pk}-{cadence}-{day or rows[0].pk}",
        state=DigestState.SENT,
        made_at=now,
        due_at=now,
        ended_at=now,
    )
    Told.objects.bulk_create(Told(match=row, channel=channel, digest=digest) for row in rows)
    _put_into_outbox(digest, rows, to=channel.owner, now=now)
    return digest


def hold_alerts(owner: int) -> None:
    """None of a member's alerts is deleted until the transaction ends: a message tells of them."""
    for _alert in Alert.objects.filter(owner=owner).order_by("pk").select_for_update(no_key=True):
        pass


def _is_due(
    channel: Channel, cadence: Cadence, rhythm: Rhythm, rows: Sequence[Match], *, now: datetime
) -> bool:
    """A digest is due once in a local day, and has what was found before its hour struck."""
    made = Digest.objects.filter(channel=channel, cadence=cadence)
    if cadence is Cadence.AT_ONCE:
        return not made.filter(made_at__gt=now - AT_ONCE_APART).exists()
    told = made.order_by("-day").values_list("day", flat=True).first()
    struck = rhythm.opens_at(rhythm.day_of(cadence, at=now))
    return rhythm.is_due(cadence, told=told, at=now) and any(row.found_at < struck for row in rows)


def rhythm_of(owner: int) -> Rhythm:
    """The hour and zone of a member. A zone that the tz database has lost is UTC."""
    schedule = Schedule.objects.filter(owner=owner).first() or Schedule()
    try:
        there = zone(schedule.time_zone)
    except NoZone:
        there = zone("UTC")
    return Rhythm(there, schedule.hour, schedule.weekday)


def _put_into_outbox(digest: Digest, rows: Sequence[Match], *, to: User, now: datetime) -> None:
    articles = Article.objects.published().filter(meeting__in={row.meeting_id for row in rows})
    standfirsts = dict(articles.order_by("published_at").values_list("meeting", "standfirst"))
    told = letter(rows, standfirsts=standfirsts)
    stop = link.to_stop_mail(to.pk)
    post.queue(
        key=digest.key,
        to=to.email,
        subject=told.subject,
        template=TEMPLATE,
        context={"letter": told, "stop_url": stop},
        now=now,
        person=f"user-{to.pk}",
        unsubscribe_url=stop,
        only_if=f"{__name__}.is_still_wanted",
    )


def is_still_wanted(key: str, *, now: datetime | None = None) -> bool:
    """Asked by the outbox before each try: is there still a member who is to have this?

    No, where the membership has ended, mail was stopped, or every alert in it is paused or gone.
    Raises NotYet in a quiet time.
    """
    now = now or timezone.now()
    digest = Digest.objects.filter(key=key).select_related("channel__owner").first()
    if digest is None or digest.channel.paused_at is not None:
        return False
    alive = digest.told.filter(match__alert__paused_at__isnull=True)
    if not alive.exists() or not is_member(digest.channel.owner, now):
        return False
    if Quiet.objects.at(now).exists():
        raise NotYet
    return True
