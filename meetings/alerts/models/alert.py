"""Alert, and the StoredTree that all alerts share which ask for the same."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.gate.entitlement import User, members

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Cadence(models.TextChoices):
    """How often a member is told."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")


class StoredTree(models.Model):
    """A search in its canonical form, once for all alerts that ask for it.

    `needs` are conditions, each a list of terms one of which must be in a meeting; `TreeTerm` holds
    the terms of the rarest. `filing` says by which rules they were worked out (`filing.VERSION`).
    """

    canonical_hash = models.CharField(max_length=64, unique=True, editable=False)
    canonical = models.TextField(_("search"))
    needs = models.JSONField(default=list)
    filing = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("stored search")
        verbose_name_plural = _("stored searches")
        constraints = [
            models.CheckConstraint(condition=~Q(canonical=""), name="stored_tree_asks"),
            models.CheckConstraint(
                condition=Q(canonical_hash__regex=r"^[0-9a-f]{64}$"), name="stored_tree_hash"
            ),
        ]
        indexes = [models.Index(fields=["filing"], name="stored_tree_filing")]

    def __str__(self) -> str:
        return self.canonical


class TreeTerm(models.Model):
    """A tree is looked at where a meeting has one of its terms."""

    term = models.CharField(max_length=250)
    tree = models.ForeignKey(StoredTree, on_delete=models.CASCADE, related_name="terms")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "tree"], name="tree_term_once")]

    def __str__(self) -> str:
        return self.term


class AlertQuerySet(models.QuerySet["Alert"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user.pk)

    def running(self) -> Self:
        """Not paused."""
        return self.filter(paused_at__isnull=True)

    def of_members(self, *, at: datetime) -> Self:
        """Those whose owners read as members at this instant."""
        return self.filter(owner__in=members(at))


class Alert(models.Model):
    """A search that a member is told of. It speaks of what comes after it was made.

    `query` is what was searched for, in canonical form and with its filters; `muted` are words
    that a moment must not have. `tree` is both in one.
    """

    NAME_MAX = 120
    QUERY_MAX = 2_000
    MUTED_MAX = 20
    WORD_MAX = 100

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="alerts",
    )
    tree = models.ForeignKey(StoredTree, on_delete=models.PROTECT, related_name="alerts")
    name = models.CharField(_("name"), max_length=NAME_MAX)
    query = models.CharField(_("search"), max_length=QUERY_MAX)
    muted = ArrayField(
        models.CharField(max_length=WORD_MAX),
        verbose_name=_("muted words"),
        default=list,
        blank=True,
        size=MUTED_MAX,
    )
    cadence = models.CharField(
        _("how often"), max_length=10, choices=Cadence.choices, default=Cadence.DAILY
    )
    by_email = models.BooleanField(_("by e-mail"), default=True)
    by_feed = models.BooleanField(_("in my feed"), default=False)
    by_webhook = models.BooleanField(_("by webhook"), default=False)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("last changed"))
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["owner", "tree"], name="alert_once_for_an_owner"),
            models.CheckConstraint(
                condition=Q(cadence__in=["at_once", "daily", "weekly"]), name="alert_cadence_known"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="alert_is_named"),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="alert_by_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None
