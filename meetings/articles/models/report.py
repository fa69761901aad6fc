"""ErrorReport: what a reader says is wrong, for staff to look into."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .article import Article, Sentence
from .correction import Correction


class ReportState(models.TextChoices):
    """Whether somebody has looked into an ErrorReport."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class ErrorReportQuerySet(models.QuerySet["ErrorReport"]):
    def open(self) -> Self:
        return self.filter(state=ReportState.OPEN)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "id")


class ErrorReport(models.Model):
    """What a reader says is wrong with an Article or with some Sentences of it.

    `sentences` lists them as they read then: objects with `id`, `text` and `start_ms`, the moment
    that the sentence rests on, or null. The first of them is `sentence`, too. `version` is the
    number of the article's version that the reader saw.

    It is open until a Correction answers it. What needs no answer, advertising for one, is closed
    with a note. The address is dropped some time after that (`retention`).

    `reporter_hash` is a keyed hash of the address it came from: enough to hold the limit, and
    nothing that names a person.
    """

    WHAT_MAX = 4_000

    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        on_delete=models.CASCADE,
        related_name="reports",
    )
    sentence = models.ForeignKey(
        Sentence,
        verbose_name=_("sentence"),
        on_delete=models.SET_NULL,
        related_name="reports",
        null=True,
        blank=True,
    )
    sentence_text = models.TextField(_("sentence as it read then"), blank=True)
    sentences = models.JSONField(_("sentences as they read then"), default=list, blank=True)
    version = models.PositiveIntegerField(
        _("version of the article"), null=True, blank=True, editable=False
    )
    what = models.TextField(_("what is wrong"), max_length=WHAT_MAX)
    email = models.EmailField(_("e-mail"), blank=True)
    state = models.CharField(
        _("state"), max_length=6, choices=ReportState.choices, default=ReportState.OPEN
    )
    note = models.TextField(_("note"), blank=True, help_text=_("What was found. For staff only."))
    correction = models.ForeignKey(
        Correction,
        verbose_name=_("decision"),
        on_delete=models.RESTRICT,
        related_name="reports",
        null=True,
        blank=True,
        editable=False,
    )
    created_at = models.DateTimeField(_("reported"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    reporter_hash = models.CharField(max_length=64, editable=False)

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("error report")
        verbose_name_plural = _("error reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ReportState.values), name="report_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", correction__isnull=True, closed_at__isnull=True)
                | (Q(state="closed", closed_at__isnull=False) & ~Q(note="", correction=None)),
                name="report_closed_says_why",
            ),
            models.CheckConstraint(condition=~Q(what=""), name="report_says_what"),
        ]
        indexes = [
            models.Index(fields=["reporter_hash", "-created_at"], name="report_by_reporter"),
            models.Index(fields=["-created_at"], name="report_by_time"),
            models.Index(fields=["created_at"], condition=~Q(email=""), name="report_with_address"),
        ]

    def __str__(self) -> str:
        return self.what[:80]
