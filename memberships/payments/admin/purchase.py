"""Purchases in the administration: what was bought, and what became of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from memberships.purchases import numbers
from memberships.purchases.admin.links import at_stripe
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase

from .inlines import (
    DisputeInline,
    EventInline,
    MembershipInline,
    RefundInline,
    mails_about,
)
from .purchase_verbs import PurchaseVerbs


class WaitsFilter(admin.SimpleListFilter):
    """What waits for a person."""

    title = _("waits for a person")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("attention", _("to look at")),
            ("unserved", _("paid without membership")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "attention":
            return queryset.waiting_for_staff()
        if self.value() == "unserved":
            return queryset.paid_without_membership()
        return queryset


@admin.register(Purchase)
class PurchaseAdmin(PurchaseVerbs):
    """What was bought, and what became of it."""

    list_display = ("id", "user", "state", "amount", "paid_at", "refundable_until", "attention")
    list_filter = (WaitsFilter, "state", "kind", "plan", "livemode", "paid_at")
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
    inlines = (MembershipInline, RefundInline, DisputeInline, EventInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "waits",
                    "state",
                    "user",
                    "plan",
                    "amount",
                    "refunded",
                    "paid_at",
                    "refundable_until",
                    "receipt",
                )
            },
        ),
        (
            _("Payment"),
            {
                "fields": (
                    "card",
                    "tax",
                    "billing_country",
                    "card_country",
                    "payment",
                    "charge",
                    "session",
                    "livemode",
                )
            },
        ),
        (
            _("Course"),
            {
                "fields": (
                    "kind",
                    "place",
                    "created_at",
                    "expires_at",
                    "attempt",
                    "noted",
                    "version",
                )
            },
        ),
        (_("Mails"), {"fields": ("mails",)}),
    )

    readonly_fields = (
        "waits",
        "amount",
        "refunded",
        "receipt",
        "card",
        "tax",
        "payment",
        "charge",
        "session",
        "mails",
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Mails are for those who may read mail."""
        return self.fieldsets if request.user.has_perm("post.view_mail") else self.fieldsets[:-1]

    @admin.display(description=_("waits for a person"))
    def waits(self, purchase: Purchase) -> str:
        lines = ((one,) for one in purchase.attention.splitlines())
        return format_html_join("", "<p>{}</p>", lines) or gettext("Nothing.")

    @admin.display(description=_("amount"), ordering="amount_total")
    def amount(self, purchase: Purchase) -> str:
        return written(purchase.amount_total, purchase.currency)

    @admin.display(description=_("refunded"))
    def refunded(self, purchase: Purchase) -> str:
        return written(purchase.amount_refunded, purchase.currency)

    @admin.display(description=_("receipt"))
    def receipt(self, purchase: Purchase) -> str:
        number = purchase.receipt_number
        return "" if number is None else f"{numbers.receipt(number)} ({purchase.legal_entity})"

    @admin.display(description=_("card"))
    def card(self, purchase: Purchase) -> str:
        return f"{purchase.card_brand} {purchase.card_last4}".strip()

    @admin.display(description=_("tax therein"))
    def tax(self, purchase: Purchase) -> str:
        return written(purchase.amount_tax, purchase.currency)

    @admin.display(description=_("payment"))
    def payment(self, purchase: Purchase) -> str:
        return at_stripe(purchase.payment_intent_id, place="payment", livemode=purchase.livemode)

    @admin.display(description=_("charge"))
    def charge(self, purchase: Purchase) -> str:
        return at_stripe(purchase.charge_id, place="payment", livemode=purchase.livemode)

    @admin.display(description=_("session"))
    def session(self, purchase: Purchase) -> str:
        return at_stripe(purchase.checkout_session_id, livemode=purchase.livemode)

    @admin.display(description=_("mails that told of it"))
    def mails(self, purchase: Purchase) -> str:
        return mails_about(purchase)
