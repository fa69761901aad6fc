"""The inbox of Stripe's events in the administration: what Stripe told, and what came of it."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from memberships.payments.models import StripeEvent
from memberships.purchases.admin.links import at_stripe

from .event_verbs import EventVerbs


class WaitsFilter(admin.SimpleListFilter):
    """What waits for a person."""

    title = _("waits for a person")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("parked or dead"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.waiting_for_staff() if self.value() == "yes" else queryset


@admin.register(StripeEvent)
class StripeEventAdmin(EventVerbs):
    """What Stripe told us, and what came of it."""

    list_display = ("event_id", "type", "state", "object_id", "created_at", "tries", "error")
    list_filter = (WaitsFilter, "state", "type", "source", "livemode", "api_version")
    search_fields = ("event_id", "object_id", "purchase__id")
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    readonly_fields = ("event", "about", "told")
    fieldsets = (
        (
            None,
            {"fields": ("event", "type", "state", "error", "purchase", "about", "tries")},
        ),
        (
            _("Course"),
            {
                "fields": (
                    "created_at",
                    "received_at",
                    "processed_at",
                    "next_try_at",
                    "leased_until",
                    "source",
                    "livemode",
                    "api_version",
                )
            },
        ),
        (_("As it came"), {"fields": ("told",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("payload")  # long, and on no list

    @admin.display(description=_("event"))
    def event(self, event: StripeEvent) -> str:
        return at_stripe(event.pk, place="event", livemode=event.livemode)

    @admin.display(description=_("about"))
    def about(self, event: StripeEvent) -> str:
        place = {"ch_": "payment", "pi_": "payment", "du_": "dispute", "dp_": "dispute"}
        return at_stripe(
            event.object_id, place=place.get(event.object_id[:3], ""), livemode=event.livemode
        )

    @admin.display(description=_("as it came"))
    def told(self, event: StripeEvent) -> str:
        if event.payload is None:
            return gettext("Dropped: it is older than 13 months, or its buyer closed the account.")
        text = json.dumps(event.payload, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html(
            '<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', text
        )
