"""Refund and Dispute: money that goes back, by our hand, by Stripe's dashboard or by a bank."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from memberships.purchases.models import Purchase

IN_FLIGHT = ["requested", "sending", "pending", "requires_action"]
UNSENT = ["requested", "sending"]
SETTLED = ["succeeded", "failed", "canceled"]
INQUIRY = ["warning_needs_response", "warning_under_review"]
CHARGEBACK = ["needs_response", "under_review"]
CLOSED = ["won", "lost", "prevented", "warning_closed"]
STUCK_AFTER = timedelta(minutes=15)  # Stripe takes a refund within seconds


class RefundQuerySet(models.QuerySet["Refund"]):
    """Filters that read as sentences."""

    def of_purchase(self, purchase: Purchase) -> Self:
        return self.filter(purchase_id=purchase.pk)

    def in_flight(self) -> Self:
        """Asked for and not settled: the money may still go either way."""
        return self.filter(state__in=IN_FLIGHT)

    def succeeded(self) -> Self:
        return self.filter(state=Refund.State.SUCCEEDED)

    def to_send(self) -> Self:
        """What a worker may take up now; one that was being sent, only when its lease is over."""
        return self.filter(
            Q(state=Refund.State.REQUESTED)
            | Q(state=Refund.State.SENDING, leased_until__lte=Now()),
            next_try_at__lte=Now(),
        )

    def stuck(self) -> Self:
        """Asked for a while ago by the database's clock, and Stripe has not taken it."""
        return self.filter(state__in=UNSENT, requested_at__lte=Now() - STUCK_AFTER)

    def in_trouble(self) -> Self:
        """What does not arrive by itself, as long as nobody has taken note of it."""
        return self.filter(
            Q(state="requires_action")
            | Q(state__in=UNSENT, requested_at__lte=Now() - STUCK_AFTER)
            | (Q(state="failed") & ~Q(purchase__attention=""))
        )

    def amount(self) -> int:
        """The sum of these, in minor units."""
        total: int | None = self.aggregate(total=Sum("amount"))["total"]
        return total or 0


class Refund(models.Model):
    """One refund. The row is there, with its key, before Stripe is called.

    The key is made once: a lost answer is asked for again under the same key, and a new key needs a
    new row. A refund made in Stripe's dashboard is entered when it is heard of and has no key.
    `requested_at` is the time that counts for the guarantee.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        SENDING = "sending", _("being sent")
        PENDING = "pending", _("on its way")
        REQUIRES_ACTION = "requires_action", _("waits for the buyer")
        SUCCEEDED = "succeeded", _("arrived")
        FAILED = "failed", _("failed")
        CANCELED = "canceled", _("canceled")

    class Origin(models.TextChoices):
        SELF_SERVICE = "self_service", _("the member's own button")
        STAFF = "staff", _("staff")
        DASHBOARD = "dashboard", _("Stripe's dashboard")
        DUPLICATE = "duplicate", _("paid twice")
        OVERSELL = "oversell", _("no place left")
        ACCOUNT_DELETED = "account_deleted", _("account closed before the payment")
        ORPHAN_PAYMENT = "orphan_payment", _("payment without a purchase")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase = models.ForeignKey(
        Purchase, verbose_name=_("purchase"), on_delete=models.RESTRICT, related_name="refunds"
    )
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units."))
    origin = models.CharField(_("from"), max_length=16, choices=Origin)
    state = models.CharField(_("state"), max_length=16, choices=State, default="requested")
    reason = models.TextField(_("reason"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    # "None yet" is no id: an empty text would be one, and there could be only one such row.
    stripe_refund_id = models.CharField(_("Stripe's refund"), max_length=255, null=True, blank=True)  # noqa: DJ001
    idempotency_key = models.CharField(_("key"), max_length=255, null=True, blank=True)  # noqa: DJ001
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), db_default=Now())
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)
    pending_reason = models.CharField(_("why it takes time"), max_length=60, blank=True)
    failure_reason = models.CharField(  # noqa: DJ001 - "did not fail" is no reason
        _("why it failed"), max_length=60, null=True, blank=True
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    legal_entity = models.CharField(_("sold by"), max_length=40, blank=True)
    credit_note_number = models.PositiveBigIntegerField(
        _("credit note number"), null=True, blank=True
    )
    credited_at = models.DateTimeField(_("credit note written"), null=True, blank=True)

    objects: ClassVar[models.Manager["Refund"]] = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["requested", "sending"]),
                name="refund_to_send",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["stripe_refund_id"], name="one_refund_per_stripe_id"),
            models.UniqueConstraint(fields=["idempotency_key"], name="one_refund_per_key"),
            models.UniqueConstraint(
                fields=["legal_entity", "credit_note_number"],
                name="one_refund_per_credit_note_number",
            ),
            # Stripe's dashboard asks nobody: two of its refunds may be on their way at once.
            models.UniqueConstraint(
                fields=["purchase"],
                condition=Q(state__in=IN_FLIGHT) & ~Q(origin="dashboard"),
                name="one_inflight_refund",
            ),
            models.UniqueConstraint(
                fields=["purchase"],
                condition=Q(origin="self_service", state="succeeded"),
                name="one_self_service_success",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*IN_FLIGHT, *SETTLED]), name="refund_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    origin__in=[
                        "self_service",
                        "staff",
                        "dashboard",
                        "duplicate",
                        "oversell",
                        "account_deleted",
                        "orphan_payment",
                    ]
                ),
                name="refund_origin_is_known",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_returns_something"),
            models.CheckConstraint(
                condition=Q(origin="dashboard") | Q(idempotency_key__isnull=False),
                name="refund_of_ours_has_a_key",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["pending", "requires_action", "succeeded"])
                | Q(stripe_refund_id__isnull=False),
                name="refund_at_stripe_has_its_id",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SETTLED, settled_at__isnull=False)
                | (~Q(state__in=SETTLED) & Q(settled_at__isnull=True)),
                name="refund_has_end_time_when_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | Q(failure_reason__isnull=False),
                name="refund_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", leased_until__isnull=False)
                | (~Q(state="sending") & Q(leased_until__isnull=True)),
                name="refund_has_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(credit_note_number__isnull=True) | ~Q(legal_entity=""),
                name="refund_credit_note_has_its_seller",
            ),
            models.CheckConstraint(
                condition=Q(credit_note_number__isnull=True, credited_at__isnull=True)
                | Q(credit_note_number__isnull=False, credited_at__isnull=False),
                name="refund_credit_note_has_its_date",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def is_stuck(self, *, at: datetime) -> bool:
        """Asked for a while ago, and Stripe has not taken it."""
        return self.state in UNSENT and self.requested_at <= at - STUCK_AFTER


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Filters that read as sentences."""

    def inquiries(self) -> Self:
        """A bank asks; no money has moved."""
        return self.filter(status__in=INQUIRY)

    def chargebacks(self) -> Self:
        """A bank has taken the money back, and has not decided."""
        return self.filter(status__in=CHARGEBACK)

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def needing_answer(self) -> Self:
        """The bank waits for us."""
        return self.filter(status__in=["warning_needs_response", "needs_response"])


class Dispute(models.Model):
    """A payment that the buyer's bank asks about, or takes back. The status is Stripe's word."""

    class Status(models.TextChoices):
        WARNING_NEEDS_RESPONSE = "warning_needs_response", _("inquiry, needs an answer")
        WARNING_UNDER_REVIEW = "warning_under_review", _("inquiry, under review")
        WARNING_CLOSED = "warning_closed", _("inquiry, closed")
        NEEDS_RESPONSE = "needs_response", _("needs an answer")
        UNDER_REVIEW = "under_review", _("under review")
        WON = "won", _("won")
        LOST = "lost", _("lost")
        PREVENTED = "prevented", _("prevented")

    stripe_dispute_id = models.CharField(_("Stripe's dispute"), max_length=255, primary_key=True)
    purchase = models.ForeignKey(
        Purchase, verbose_name=_("purchase"), on_delete=models.RESTRICT, related_name="disputes"
    )
    status = models.CharField(_("status"), max_length=24, choices=Status)
    reason = models.CharField(_("reason"), max_length=60)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units."))
    currency = models.CharField(_("currency"), max_length=3)
    charge_is_refundable = models.BooleanField(_("can still be refunded"), default=False)
    opened_at = models.DateTimeField(_("opened"))
    evidence_due_by = models.DateTimeField(_("evidence is due"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects: ClassVar[models.Manager["Dispute"]] = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[*INQUIRY, *CHARGEBACK, *CLOSED]),
                name="dispute_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED, closed_at__isnull=False)
                | (~Q(status__in=CLOSED) & Q(closed_at__isnull=True)),
                name="dispute_has_end_time_when_closed",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="dispute_amount_is_a_sum"),
            models.CheckConstraint(
                condition=Q(currency__regex="^[a-z]{3}$"), name="dispute_currency_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_dispute_id
