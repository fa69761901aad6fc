"""FruitlessSearch: what was looked for and not found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FruitlessSearch(models.Model):
    """How often a search found nothing in a month. Who asked is nowhere, and neither is the day."""

    TEXT_MAX = 200

    text = models.CharField(_("search"), max_length=TEXT_MAX)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    count = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("search without results")
        verbose_name_plural = _("searches without results")
        constraints = [
            models.UniqueConstraint(fields=["month", "text"], name="fruitless_search_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="fruitless_search_month"),
        ]

    def __str__(self) -> str:
        return self.text
