"""Correction: what staff decided about an Article, with a reason that anybody may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings.records.models import State as MeetingState

from .article import Article
from .version import ArticleVersion, public_name

if TYPE_CHECKING:
    from datetime import timedelta


class Outcome(models.TextChoices):
    """What came of looking into it."""

    CORRECTED = "corrected", _("Corrected")
    CLARIFIED = "clarified", _("Clarified")
    NO_CHANGE = "no_change", _("No change")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Those after which the article has other words than before.
CHANGING = (Outcome.CORRECTED, Outcome.CLARIFIED)


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def public(self) -> Self:
        """Of articles that readers have seen: of what is still there, and of what was withdrawn."""
        once = self.filter(article__published_at__isnull=False)
        return once.exclude(article__meeting__state=MeetingState.DRAFT)

    def changing(self) -> Self:
        return self.filter(outcome__in=CHANGING)

    def latest_first(self) -> Self:
        return self.order_by("-decided_at", "-id")

    def with_words(self) -> Self:
        """Together with what an entry of the public log is made of."""
        return self.select_related("article__meeting__body__place", "before", "version")


class Correction(models.Model):
    """One decision about an Article: after reports of readers, or on the staff's own account.

    `before` and `version` are the last versions that readers saw before it and after it; all that
    was changed lies between them. They are there where, and only where, words were changed.
    """

    REASON_MAX = 500

    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        on_delete=models.CASCADE,
        related_name="corrections",
    )
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=REASON_MAX)
    before = models.ForeignKey(
        ArticleVersion, on_delete=models.RESTRICT, related_name="+", null=True, blank=True
    )
    version = models.ForeignKey(
        ArticleVersion, on_delete=models.RESTRICT, related_name="+", null=True, blank=True
    )
    reported_at = models.DateTimeField(
        _("first reported"), null=True, blank=True, help_text=_("Empty: nobody reported it.")
    )
    decided_at = models.DateTimeField(_("decided"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    # Kept beside the account, so that the log stays true when the account is closed.
    decided_by_name = models.CharField(_("name of who decided"), max_length=200, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="correction_outcome_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_reason"),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=["corrected", "clarified"],
                    before__isnull=False,
                    version__isnull=False,
                )
                | Q(
                    outcome__in=["no_change", "withdrawn"],
                    before__isnull=True,
                    version__isnull=True,
                ),
                name="correction_has_its_versions",
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(decided_at__gte=F("reported_at")),
                name="correction_decided_after_report",
            ),
        ]
        indexes = [models.Index(fields=["-decided_at", "-id"], name="correction_by_time")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.reason[:80]}"

    def get_absolute_url(self) -> str:
        return reverse("correction", args=[self.pk])

    @property
    def decider(self) -> str:
        """Who decided, as readers see it."""
        return public_name(self.decided_by_name)

    @property
    def took(self) -> timedelta | None:
        """How long readers waited for it; None where nobody had reported anything."""
        return self.decided_at - self.reported_at if self.reported_at else None
