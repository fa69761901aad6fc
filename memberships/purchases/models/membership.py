"""Membership: the right to read."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .purchase import Purchase


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Filters that read as sentences."""

    def running(self, *, at: datetime) -> Self:
        """Those that open the gate at this instant; a period is half-open, its end is out."""
        return self.filter(
            Q(lasts_until__isnull=True) | Q(lasts_until__gt=at),
            status=Membership.Status.ACTIVE,
            started_at__lte=at,
        )

    def live(self) -> Self:
        """Active or suspended: at most one for each person."""
        return self.exclude(status=Membership.Status.ENDED)

    def out_of_time(self, *, at: datetime) -> Self:
        """Still live on paper, though the period is over."""
        return self.live().filter(lasts_until__lte=at)

    def owned_by(self, user: models.Model) -> Self:
        return self.filter(user_id=user.pk)


class Membership(models.Model):
    """The right to read everything, for one person.

    `lasts_until` empty is for life. A row is never deleted and never handed to another person:
    it ends, with a reason. When the account is closed, the row stays and knows nobody.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        ENDED = "ended", _("ended")

    class Source(models.TextChoices):
        GRANT = "grant", _("granted by staff")
        PURCHASE = "purchase", _("bought")
        GIFT = "gift", _("a gift")
        INSTITUTION = "institution", _("through an institution")

    class EndReason(models.TextChoices):
        REFUNDED = "refunded", _("refunded")
        CHARGED_BACK = "charged_back", _("charged back by the bank")
        ACCOUNT_DELETED = "account_deleted", _("account closed")
        STAFF = "staff", _("ended by staff")
        RAN_OUT = "ran_out", _("ran out")
        BOUGHT = "bought", _("replaced by a bought one")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="memberships",
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Status,
        default=Status.ACTIVE,
        db_default="active",
    )
    source = models.CharField(_("source"), max_length=12, choices=Source)
    purchase = models.ForeignKey(
        Purchase,
        verbose_name=_("purchase"),
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="memberships",
    )
    started_at = models.DateTimeField(_("since"))
    lasts_until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: for life.")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(  # noqa: DJ001 - "not ended" is no reason, as ended_at is no time
        _("why it ended"), max_length=16, choices=EndReason, null=True, blank=True
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("granted by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.TextField(_("note for staff"), blank=True)

    objects: ClassVar[models.Manager["Membership"]] = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = [
            models.Index(
                fields=["lasts_until"],
                condition=~Q(status="ended") & Q(lasts_until__isnull=False),
                name="membership_period",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=~Q(status="ended") & Q(user__isnull=False),
                name="one_live_membership_per_user",
                violation_error_message=_("This person has a membership already."),
            ),
            models.UniqueConstraint(fields=["purchase"], name="one_membership_per_purchase"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "suspended", "ended"]),
                name="membership_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["grant", "purchase", "gift", "institution"]),
                name="membership_source_is_known",
            ),
            models.CheckConstraint(
                condition=Q(end_reason__isnull=True)
                | Q(
                    end_reason__in=[
                        "refunded",
                        "charged_back",
                        "account_deleted",
                        "staff",
                        "ran_out",
                        "bought",
                    ]
                ),
                name="membership_end_reason_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False)
                | (~Q(status="ended") & Q(ended_at__isnull=True)),
                name="membership_has_end_time_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", end_reason__isnull=False)
                | (~Q(status="ended") & Q(end_reason__isnull=True)),
                name="membership_has_end_reason_when_ended",
            ),
            models.CheckConstraint(
                condition=~Q(source__in=["purchase", "gift"]) | Q(purchase__isnull=False),
                name="membership_bought_has_purchase",
            ),
            models.CheckConstraint(
                condition=Q(lasts_until__isnull=True) | Q(lasts_until__gt=F("started_at")),
                name="membership_lasts_past_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {self.get_status_display()}"

    @property
    def is_for_life(self) -> bool:
        return self.lasts_until is None
