"""Refunds and disputes in the administration: looked at, never edited."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from memberships.purchases.admin import LookOnlyAdmin
from memberships.purchases.amounts import written

from .models import Dispute, Refund


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
        "failure_reason",
    )
    list_filter = ("state", "origin", "requested_at")
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

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, refund: Refund) -> str:
        return written(refund.amount, refund.purchase.currency)


@admin.register(Dispute)
class DisputeAdmin(LookOnlyAdmin):
    """What a bank asks about, or takes back."""

    list_display = ("stripe_dispute_id", "purchase", "status", "reason", "sum", "evidence_due_by")
    list_filter = ("status", "reason", "opened_at")
    list_select_related = ("purchase",)
    search_fields = ("stripe_dispute_id", "purchase__id", "purchase__user__email")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at",)

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, dispute: Dispute) -> str:
        return written(dispute.amount, dispute.currency)
