"""Check: what became of one claim of a Sentence, or of its evidence."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .article import Article, Sentence


class CheckKind(models.TextChoices):
    """What a claim is about."""

    EVIDENCE = "evidence", _("Evidence")
    QUOTATION = "quotation", _("Quotation")
    FIGURE = "figure", _("Figure")
    DATE = "date", _("Date")
    MONEY = "money", _("Money")
    VOTE = "vote", _("Vote")
    NAME = "name", _("Name")


class CheckQuerySet(models.QuerySet["Check"]):
    def of_article(self, article: Article) -> Self:
        return self.filter(sentence__article=article)

    def failed(self) -> Self:
        """Those with which an article is published only for a written reason."""
        return self.filter(is_failed=True)

    def in_order(self) -> Self:
        return self.order_by("sentence__paragraph", "sentence__position", "sentence_id", "position")


class Check(models.Model):
    """One finding of the checks (`checks.finding`), as they ran last.

    `start` and `end` are characters of the sentence's text, half-open. The modules of the checks
    name their verdicts, and what `detail` has beside each.
    """

    sentence = models.ForeignKey(Sentence, on_delete=models.CASCADE, related_name="checks")
    position = models.PositiveSmallIntegerField(_("position in the sentence"))
    kind = models.CharField(_("kind"), max_length=10, choices=CheckKind.choices)
    verdict = models.CharField(_("verdict"), max_length=20)
    is_failed = models.BooleanField(_("failed"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        constraints = [
            models.UniqueConstraint(fields=["sentence", "position"], name="check_position_once"),
            models.CheckConstraint(condition=Q(kind__in=CheckKind.values), name="check_kind_known"),
            models.CheckConstraint(condition=~Q(verdict=""), name="check_has_verdict"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="check_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["sentence"], condition=Q(is_failed=True), name="check_failed")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.verdict}"

    @property
    def claim(self) -> str:
        """The words of the sentence that it is about."""
        return self.sentence.text[self.start : self.end]
