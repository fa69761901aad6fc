"""NumberSeries: the last number given out, for papers whose numbers may have no gap."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NumberSeries(models.Model):
    """One series of one legal entity. Whoever draws a number holds the row until the commit."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("receipts")
        CREDIT_NOTE = "credit_note", _("credit notes")

    legal_entity = models.CharField(_("legal entity"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    last = models.PositiveBigIntegerField(_("last number"), default=0, db_default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "kind"], name="one_series_per_legal_entity_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["receipt", "credit_note"]), name="number_series_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(legal_entity=""), name="number_series_names_its_legal_entity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_entity}, {self.get_kind_display()}: {self.last}"
