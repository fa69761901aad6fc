"""Writing: one piece of work that a language model was asked for, and what it took."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Meeting


class Writing(models.Model):
    """Which model wrote, by which prompt, from which version of the words, and what it took.

    Work that failed stands here too, because it was paid for. Rows are added, never changed.
    """

    class Purpose(models.TextChoices):
        ARTICLE = "article", _("Article")
        INSIGHTS = "insights", _("Insights")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="writings")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    model_name = models.CharField(_("model"), max_length=200)
    prompt = models.CharField(_("prompt"), max_length=50, help_text=_("Such as article-1."))
    transcript_version = models.PositiveIntegerField(_("transcript version"))
    call_count = models.PositiveIntegerField(_("questions"), default=0)
    sent_back_count = models.PositiveIntegerField(_("answers sent back"), default=0)
    dropped_count = models.PositiveIntegerField(_("sentences dropped"), default=0)
    input_tokens = models.PositiveBigIntegerField(_("tokens read"), default=0)
    output_tokens = models.PositiveBigIntegerField(_("tokens written"), default=0)
    cost_micros = models.PositiveBigIntegerField(
        _("cost"), default=0, help_text=_("In millionths of the currency; 0 where no price is set.")
    )
    currency = models.CharField(_("currency"), max_length=3)
    begun_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("ended"))
    error = models.TextField(_("what went wrong"), blank=True)

    class Meta:
        verbose_name = _("writing")
        verbose_name_plural = _("writings")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["article", "insights"]), name="writing_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__gte=F("begun_at")), name="writing_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.model_name}"

    @property
    def duration(self) -> timedelta:
        return self.finished_at - self.begun_at
