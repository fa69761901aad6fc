"""Refunds and disputes in the administration: looked at, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from memberships.purchases import numbers
from memberships.purchases.admin import LookOnlyAdmin
from memberships.purchases.admin.links import at_stripe
from memberships.purchases.amounts import written

from .models import CHARGEBACK, INQUIRY, Dispute, Refund


class TroubleFilter(admin.SimpleListFilter):
    """Refunds that do not arrive by themselves."""

    title = _("in trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waits", _("waits for a person")),
            ("failed", _("failed")),
            ("requires_action", _("waits for the buyer")),
            ("stuck", _("not taken by Stripe for 15 minutes")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen == "waits":
            return queryset.in_trouble()
        if chosen == "stuck":
            return queryset.stuck()
        return queryset.filter(state=chosen) if chosen else queryset


@admin.register(Refund)
class RefundAdmin(LookOnlyAdmin):
    """Money on its way back, or arrived, or not."""

    list_display = (
        "id",
        "purchase",
        "state",
        "sum",
        "origin",
        "requested_at",
        "settled_at",
        "to_do",
    )
    list_filter = (TroubleFilter, "state", "origin", "requested_at")
    list_select_related = ("purchase",)
    search_fields = (
        "id",
        "purchase__id",
        "purchase__user__email",
        "stripe_refund_id",
        "credit_note_number",
    )
    date_hierarchy = "requested_at"
    ordering = ("-requested_at",)
    readonly_fields = ("to_do", "sum", "at_stripe", "credit_note")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "to_do",
                    "state",
                    "purchase",
                    "sum",
                    "origin",
                    "reason",
                    "requested_by",
                    "requested_at",
                    "settled_at",
                    "credit_note",
                )
            },
        ),
        (
            _("Course"),
            {
                "fields": (
                    "at_stripe",
                    "pending_reason",
                    "failure_reason",
                    "error",
                    "tries",
                    "next_try_at",
                    "leased_until",
                    "idempotency_key",
                )
            },
        ),
    )

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, refund: Refund) -> str:
        return written(refund.amount, refund.purchase.currency)

    @admin.display(description=_("what to do"))
    def to_do(self, refund: Refund) -> str:
        if refund.state == Refund.State.FAILED:
            return gettext(
                "The money is here still. Send it another way, or refund again, and take note of "
                "it on the purchase."
            )
        if refund.state == Refund.State.REQUIRES_ACTION:
            return gettext("The buyer has to act. Stripe wrote to them; write to them as well.")
        if refund.is_stuck(at=timezone.now()):
            return gettext("Stripe has not taken it yet. Look whether Stripe and a worker run.")
        if refund.state == Refund.State.PENDING:
            return gettext("Nothing. Banks take 5 to 10 days.")
        return gettext("Nothing.")

    @admin.display(description=_("Stripe's refund"))
    def at_stripe(self, refund: Refund) -> str:
        return at_stripe(refund.stripe_refund_id, livemode=refund.purchase.livemode)

    @admin.display(description=_("credit note"))
    def credit_note(self, refund: Refund) -> str:
        number = refund.credit_note_number
        return "" if number is None else f"{numbers.credit_note(number)} ({refund.legal_entity})"


class AnswerFilter(admin.SimpleListFilter):
    """Disputes that want something of us."""

    title = _("waits for an answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ours", _("ours")), ("open", _("the bank's, or ours"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "ours":
            return queryset.needing_answer()
        return queryset.open() if self.value() == "open" else queryset


@admin.register(Dispute)
class DisputeAdmin(LookOnlyAdmin):
    """What a bank asks about, or takes back."""

    list_display = (
        "stripe_dispute_id",
        "purchase",
        "status",
        "reason",
        "sum",
        "evidence_due_by",
        "to_do",
    )
    list_filter = (AnswerFilter, "status", "reason", "opened_at")
    list_select_related = ("purchase",)
    search_fields = ("stripe_dispute_id", "purchase__id", "purchase__user__email")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at",)
    readonly_fields = ("to_do", "sum", "at_stripe", "refundable")
    fields = (
        "to_do",
        "status",
        "purchase",
        "reason",
        "sum",
        "opened_at",
        "evidence_due_by",
        "refundable",
        "closed_at",
        "at_stripe",
    )

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, dispute: Dispute) -> str:
        return written(dispute.amount, dispute.currency)

    @admin.display(description=_("can still be refunded"), boolean=True)
    def refundable(self, dispute: Dispute) -> bool:
        return dispute.charge_is_refundable

    @admin.display(description=_("Stripe's dispute"))
    def at_stripe(self, dispute: Dispute) -> str:
        return at_stripe(dispute.pk, place="dispute", livemode=dispute.purchase.livemode)

    @admin.display(description=_("what to do"))
    def to_do(self, dispute: Dispute) -> str:
        status = Dispute.Status(dispute.status)
        if status == Dispute.Status.WARNING_NEEDS_RESPONSE:
            return gettext("Answer the bank in Stripe%(by)s, or refund and be done.") % {
                "by": _until(dispute)
            }
        if status == Dispute.Status.NEEDS_RESPONSE:
            return gettext(
                "Send the bank your evidence in Stripe%(by)s: the receipt, and what was read. Do "
                "not refund on top."
            ) % {"by": _until(dispute)}
        if status in {*INQUIRY, *CHARGEBACK}:
            return gettext("Wait for the bank.")
        if status == Dispute.Status.LOST:
            return gettext("Nothing. The money is gone, and the membership has ended.")
        return gettext("Nothing. The membership goes on.")


def _until(dispute: Dispute) -> str:
    if dispute.evidence_due_by is None:
        return ""
    day = date_format(timezone.localtime(dispute.evidence_due_by), "DATE_FORMAT")
    return gettext(" until %(day)s") % {"day": day}
