"""Schedule and Channel: when and how a member is told. Digest and Told: what was told already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.gate.entitlement import User

from .alert import Cadence
from .match import Match

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Schedule(models.Model):
    """The hour at which a member is told, and where that hour is. Without one: `cadence.usual`."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_schedule"
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hour = models.PositiveSmallIntegerField(
        _("hour"), default=7, validators=[MaxValueValidator(23)]
    )
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), default=0, validators=[MaxValueValidator(6)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="schedule_hour_of_day"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="schedule_day_of_week"),
            models.CheckConstraint(condition=~Q(time_zone=""), name="schedule_is_somewhere"),
        ]

    def __str__(self) -> str:
        return f"{self.hour}:00 {self.time_zone}"


class ChannelKind(models.TextChoices):
    """The ways in which a member can be told."""

    EMAIL = "email", _("E-mail")
    FEED = "feed", _("Private feed")
    WEBHOOK = "webhook", _("Webhook")


class ChannelQuerySet(models.QuerySet["Channel"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user.pk)

    def feeds(self, secret: str) -> Self:
        """The feed that this secret opens."""
        return self.filter(kind=ChannelKind.FEED, secret=secret)

    def open(self) -> Self:
        """Not paused."""
        return self.filter(paused_at__isnull=True)


class Channel(models.Model):
    """One way to tell one member. It is paused when it fails for good, and the site says so.

    `address` is a webhook's; mail goes to the account's. `secret` signs a webhook's requests, and
    is what opens a feed.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_channels"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind.choices)
    address = models.URLField(_("address"), max_length=500, blank=True)
    secret = models.CharField(max_length=64, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_reason = models.CharField(_("why it is paused"), max_length=300, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind"], name="channel_once_of_a_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["email", "feed", "webhook"]), name="channel_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="webhook") | (~Q(address="") & ~Q(secret="")),
                name="channel_webhook_has_address",
            ),
            models.CheckConstraint(
                condition=~Q(kind="feed") | ~Q(secret=""), name="channel_feed_has_secret"
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | ~Q(paused_reason=""),
                name="channel_paused_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["secret"], condition=Q(kind="feed"), name="channel_feed_secret")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner_id}"


class DigestState(models.TextChoices):
    """How far a message has come. Mail is handed to the outbox at once; webhooks are retried."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Handed on")
    FAILED = "failed", _("Given up")


class Digest(models.Model):
    """One message: to one member, on one channel, at one cadence. `key` names it for ever.

    Of a daily or weekly one there is one for each local day, `day`.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="digests")
    cadence = models.CharField(_("how often"), max_length=10, choices=Cadence.choices)
    day = models.DateField(_("local day"), null=True, blank=True)
    key = models.CharField(_("key"), max_length=200, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DigestState.choices, default=DigestState.WAITING
    )
    made_at = models.DateTimeField(_("made"))
    due_at = models.DateTimeField(_("next try"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.TextField(_("what went wrong"), blank=True)
    matches = models.ManyToManyField(Match, through="Told", related_name="digests")

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "cadence", "day"], name="digest_once_a_local_day"
            ),  # days that are not given are distinct: those are told at once
            models.CheckConstraint(
                condition=Q(cadence="at_once", day__isnull=True)
                | Q(cadence__in=["daily", "weekly"], day__isnull=False),
                name="digest_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "failed"]), name="digest_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="digest_ended_or_waiting",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="digest_has_key"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="digest_under_way"),
        ]

    def __str__(self) -> str:
        return self.key


class Told(models.Model):
    """A match is in one message of a channel, and in no second one."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="told")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="told")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["match", "channel"], name="told_once_on_a_channel")
        ]

    def __str__(self) -> str:
        return f"match {self.match_id} in {self.digest_id}"
