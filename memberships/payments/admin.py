"""The inbox of Stripe's events in the administration: looked at, never edited."""

from django.contrib import admin

from memberships.purchases.admin import LookOnlyAdmin

from .models import StripeEvent


@admin.register(StripeEvent)
class StripeEventAdmin(LookOnlyAdmin):
    """What Stripe told us, and what came of it."""

    list_display = ("event_id", "type", "state", "object_id", "created_at", "tries", "error")
    list_filter = ("state", "type", "source", "livemode", "api_version")
    search_fields = ("event_id", "object_id", "purchase__id")
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
