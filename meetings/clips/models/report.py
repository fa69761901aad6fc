"""ClipReport: what somebody says is wrong with a Clip."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .clip import Clip


class ClipReportQuerySet(models.QuerySet["ClipReport"]):
    def open(self) -> Self:
        return self.filter(state=ClipReport.State.OPEN)


class ClipReport(models.Model):
    """What somebody says is wrong with a Clip, for staff to look into.

    `reporter_hash` is a keyed hash of the address it came from: enough to hold the limit, and
    nothing that names a person.
    """

    WHAT_MAX = 4_000

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    clip = models.ForeignKey(
        Clip, verbose_name=_("clip"), on_delete=models.CASCADE, related_name="reports"
    )
    what = models.TextField(_("what is wrong"), max_length=WHAT_MAX)
    email = models.EmailField(_("e-mail"), blank=True)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    note = models.TextField(_("note"), blank=True, help_text=_("What was found. For staff only."))
    created_at = models.DateTimeField(_("reported"))
    reporter_hash = models.CharField(max_length=64, editable=False)

    objects = ClipReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("clip report")
        verbose_name_plural = _("clip reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "closed"]), name="clip_report_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(note=""), name="clip_report_closed_has_note"
            ),
            models.CheckConstraint(condition=~Q(what=""), name="clip_report_says_what"),
        ]
        indexes = [
            models.Index(fields=["reporter_hash", "-created_at"], name="clip_report_by_reporter"),
            models.Index(fields=["-created_at"], name="clip_report_by_time"),
        ]

    def __str__(self) -> str:
        return self.what[:80]
