"""What the pages of alerts show: a member's alerts, what they found, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q

from memberships.gate.entitlement import User

from .models import Alert, Channel, ChannelKind, Digest, Match, Schedule
from .models.match import MatchQuerySet

DELIVERIES = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert with how much it found, and what it found last."""

    alert: Alert
    found: int
    unread: int
    last: Match | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The alerts of a member."""

    alerts: Sequence[Shown]
    closed: Sequence[Channel]
    """Ways of telling that are closed, and that some alert would use."""

    @property
    def unread(self) -> int:
        return sum(one.unread for one in self.alerts)


def shelf(user: User | AnonymousUser) -> Shelf:
    """The alerts of a person, newest first. Four queries, however many there are."""
    own = Alert.objects.owned_by(user).order_by("-created_at", "-pk")
    matches = Match.objects.in_public().owned_by(user)
    counted = matches.values("alert").annotate(
        found=Count("pk"), unread=Count("pk", filter=Q(read_at__isnull=True))
    )
    counts = {alert: numbers for alert, *numbers in counted.values_list("alert", "found", "unread")}
    newest = matches.order_by("alert", "-found_at", "-pk").distinct("alert")
    last = {row.alert_id: row for row in newest.select_related("meeting__body", "article")}
    shown = [
        Shown(
            alert=alert,
            found=counts.get(alert.pk, (0, 0))[0],
            unread=counts.get(alert.pk, (0, 0))[1],
            last=last.get(alert.pk),
        )
        for alert in own
    ]
    used = {kind for kind in ChannelKind for one in shown if getattr(one.alert, f"by_{kind}")}
    closed = Channel.objects.owned_by(user).filter(paused_at__isnull=False).order_by("kind")
    return Shelf(shown, [channel for channel in closed if channel.kind in used])


def matches(
    user: User | AnonymousUser, *, alert: Alert | None = None, is_unread: bool = False
) -> MatchQuerySet:
    """What the alerts of a person found, newest first: all of it, of one alert, or the unread."""
    rows = Match.objects.in_public().owned_by(user).newest_first()
    if alert is not None:
        rows = rows.filter(alert=alert)
    return rows.unread() if is_unread else rows


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in which a member is told."""

    email: Channel | None
    feed: Channel | None
    webhook: Channel | None
    schedule: Schedule | None

    @property
    def closed(self) -> list[Channel]:
        every = (self.email, self.feed, self.webhook)
        return [one for one in every if one is not None and one.paused_at is not None]


def ways(user: User | AnonymousUser) -> Ways:
    """The ways of a person. Two queries."""
    by_kind = {channel.kind: channel for channel in Channel.objects.owned_by(user)}
    return Ways(
        email=by_kind.get(ChannelKind.EMAIL),
        feed=by_kind.get(ChannelKind.FEED),
        webhook=by_kind.get(ChannelKind.WEBHOOK),
        schedule=Schedule.objects.filter(owner=user.pk).first(),
    )


def deliveries(channel: Channel) -> Sequence[Digest]:
    """The last calls of a webhook, newest first, each with how many `moments` it told of."""
    calls = Digest.objects.filter(channel=channel).annotate(moments=Count("told"))
    return list(calls.order_by("-made_at", "-pk")[:DELIVERIES])
