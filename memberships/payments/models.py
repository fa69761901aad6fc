"""StripeEvent: the inbox. What Stripe told us, and whether anybody has looked into it."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from memberships.purchases.models import Purchase

TO_DO = ["received", "processing", "parked"]


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    """Filters that read as sentences."""

    def to_do(self) -> Self:
        """Due by the database's clock, and held by no living worker."""
        return self.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lte=Now()),
            state__in=TO_DO,
            next_try_at__lte=Now(),
        )

    def waiting_for_staff(self) -> Self:
        return self.filter(state__in=["parked", "dead"])


class StripeEvent(models.Model):
    """One event, once, however often it comes. It is a hint: what it says is never believed.

    Whoever works on a row holds it by a lease; when a worker dies, the lease runs out and the next
    one takes it. `parked` waits for a person and is looked at again now and then; `dead` failed too
    often. The payload is dropped after 13 months; the row stays.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        PROCESSING = "processing", _("in work")
        PROCESSED = "processed", _("done")
        IGNORED = "ignored", _("none of ours")
        PARKED = "parked", _("waits for staff")
        DEAD = "dead", _("failed too often")

    class Source(models.TextChoices):
        WEBHOOK = "webhook", _("webhook")
        RECONCILE = "reconcile", _("reconciliation")

    event_id = models.CharField(_("event"), max_length=255, primary_key=True)
    type = models.CharField(_("type"), max_length=80)
    source = models.CharField(_("came by"), max_length=10, choices=Source)
    state = models.CharField(_("state"), max_length=10, choices=State, default="received")
    created_at = models.DateTimeField(_("created at Stripe"))
    received_at = models.DateTimeField(_("received"), db_default=Now(), editable=False)
    livemode = models.BooleanField(_("real money"))
    api_version = models.CharField(_("API version"), max_length=60, blank=True)
    object_id = models.CharField(_("about"), max_length=255)
    purchase = models.ForeignKey(
        Purchase,
        verbose_name=_("purchase"),
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="events",
    )
    payload = models.JSONField(_("as it came"), null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), db_default=Now())
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    processed_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)

    objects: ClassVar[models.Manager["StripeEvent"]] = StripeEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        indexes = [
            models.Index(
                fields=["created_at", "event_id"],
                condition=Q(state__in=TO_DO),
                name="stripe_event_to_do",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(event_id__startswith="evt_"), name="stripe_event_id_is_one"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*TO_DO, "processed", "ignored", "dead"]),
                name="stripe_event_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["webhook", "reconcile"]),
                name="stripe_event_source_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="processing", leased_until__isnull=False)
                | (~Q(state="processing") & Q(leased_until__isnull=True)),
                name="stripe_event_has_lease_in_work",
            ),
            models.CheckConstraint(
                condition=Q(state="processed", processed_at__isnull=False)
                | (~Q(state="processed") & Q(processed_at__isnull=True)),
                name="stripe_event_has_end_time_when_done",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["parked", "dead"]) | ~Q(error=""),
                name="stripe_event_in_trouble_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
