"""Telling: what was found goes into one message for each member and cadence, once.

A message, what it tells of, and the mail in the outbox are written in one transaction. So a process
that dies leaves all of it or nothing, and of two at once one has the member's row.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.articles.models import Article
from memberships.gate.entitlement import User, is_member, members
from portal.post import services as post
from portal.post.sending import NotYet

from . import link
from .cadence import Rhythm, rhythm_of
from .channels import TEMPLATE
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
ASKED_TOGETHER = 1_000


def tell_what_is_due(*, now: datetime) -> int:
    """Tell by mail whoever is due, and say how many messages were made.

    Where one member's cannot be made, the others still get theirs, and it is tried again. In a
    quiet time nobody is told.
    """
    if Quiet.objects.at(now).exists():
        return 0
    made = 0
    for owner, cadence in _whose_hour_has_struck(now=now):
        try:
            made += tell(owner=owner, cadence=cadence, now=now) is not None
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever it is, it is of this message, and is told once in the log
            log.exception("What alerts found for member %s could not be told", owner)
    return made


def _whose_hour_has_struck(*, now: datetime) -> Iterator[tuple[int, Cadence]]:
    """Members, by cadence, who have something to be told now.

    This is asked each minute, and most members wait for an hour of theirs: so it takes two queries
    for each thousand of them, and nobody's moments are read.
    """
    found = untold(ChannelKind.EMAIL, now=now).values_list("alert__owner", "alert__cadence")
    waiting = [*found.annotate(oldest=Min("found_at")).order_by("alert__owner", "alert__cadence")]
    for start in range(0, len(waiting), ASKED_TOGETHER):
        several = waiting[start : start + ASKED_TOGETHER]
        owners = {owner for owner, _cadence, _oldest in several}
        schedules = {row.owner_id: row for row in Schedule.objects.filter(owner__in=owners)}
        last = _last_told(owners)
        for owner, name, oldest in several:
            cadence, when = Cadence(name), rhythm_of(schedules.get(owner))
            if _is_due(cadence, when, oldest, last.get((owner, cadence)), now=now):
                yield owner, cadence


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
    oldest = waiting.aggregate(oldest=Min("found_at"))["oldest"]
    when = rhythm_of(Schedule.objects.filter(owner=owner).first())
    last = _last_told({owner}).get((owner, cadence))
    if oldest is None or not _is_due(cadence, when, oldest, last, now=now):
        return None
    shown = waiting.select_related("alert", "article", "meeting__body__place")
    rows = list(shown.order_by("pk")[:READ_AT_ONCE])
    day = None if cadence is Cadence.AT_ONCE else when.day_of(cadence, at=now)
    which = day or call_sign(rows[0], now=now)
    digest = Digest.objects.create(
        channel=channel,
        cadence=cadence,
        day=day,
        key=f"alerts-{channel.pk}-{cadence}-{which}",
        state=DigestState.SENT,
        made_at=now,
        due_at=now,
        ended_at=now,
    )
    Told.objects.bulk_create(Told(match=row, channel=channel, digest=digest) for row in rows)
    _put_into_outbox(digest, rows, to=channel.owner, now=now)
    return digest


def call_sign(first: Match, *, now: datetime) -> str:
    """Tells messages apart that have no day of their own. What was taken back is in two of them."""
    return f"{first.pk}-{now.timestamp():.0f}"


def hold_alerts(owner: int) -> None:
    """None of a member's alerts is deleted until the transaction ends: a message tells of them."""
    for _alert in Alert.objects.filter(owner=owner).order_by("pk").select_for_update(no_key=True):
        pass


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest mail of a member and cadence: its local day, and when it was made."""

    day: date | None
    made_at: datetime


def _last_told(owners: Collection[int]) -> dict[tuple[int, str], _Last]:
    """By member and cadence, where there was any. One query."""
    mails = Digest.objects.filter(channel__owner__in=owners, channel__kind=ChannelKind.EMAIL)
    newest = mails.values_list("channel__owner", "cadence").annotate(Max("day"), Max("made_at"))
    return {(owner, cadence): _Last(day, made_at) for owner, cadence, day, made_at in newest}


def _is_due(
    cadence: Cadence, when: Rhythm, oldest: datetime, last: _Last | None, *, now: datetime
) -> bool:
    """A digest is due once in a local day, if something was found before its hour struck."""
    if cadence is Cadence.AT_ONCE:
        return last is None or last.made_at <= now - AT_ONCE_APART
    is_due = when.is_due(cadence, told=last.day if last else None, at=now)
    return is_due and oldest < when.opens_at(when.day_of(cadence, at=now))


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
    Nor where something in it was withdrawn since: then all of it counts as untold, and what still
    stands is told anew. Raises NotYet in a quiet time.
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
    if digest.told.exclude(match__in=Match.objects.in_public()).exists():
        _take_back(digest)
        return False
    return True


@transaction.atomic
def _take_back(digest: Digest) -> None:
    digest.told.all().delete()
    Digest.objects.filter(pk=digest.pk).update(
        state=DigestState.FAILED, error=_("Something in it was withdrawn before it was sent.")
    )
