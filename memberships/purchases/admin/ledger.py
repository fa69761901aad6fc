"""What happened to money, in the administration: looked at, never added, edited or deleted."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from memberships.purchases.amounts import written
from memberships.purchases.models import NumberSeries, Purchase


class LookOnlyAdmin(ModelAdmin):
    """Rows that say what happened to money: nobody adds, edits or deletes one by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Purchase)
class PurchaseAdmin(LookOnlyAdmin):
    """What was bought, and what became of it."""

    list_display = ("id", "user", "state", "amount", "paid_at", "refundable_until", "attention")
    list_filter = ("state", "kind", "plan", "livemode", "paid_at")
    list_select_related = ("user", "plan")
    search_fields = (
        "id",
        "user__email",
        "checkout_session_id",
        "payment_intent_id",
        "charge_id",
        "receipt_number",
    )
    date_hierarchy = "created_at"
    ordering = ("-created_at",)

    @admin.display(description=_("amount"), ordering="amount_total")
    def amount(self, purchase: Purchase) -> str:
        return written(purchase.amount_total, purchase.currency)


@admin.register(NumberSeries)
class NumberSeriesAdmin(LookOnlyAdmin):
    """The last numbers of receipts and credit notes."""

    list_display = ("legal_entity", "kind", "last")
    ordering = ("legal_entity", "kind")
