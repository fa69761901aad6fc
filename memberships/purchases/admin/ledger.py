"""What happened to money, in the administration: looked at, never added, edited or deleted."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from memberships.purchases.models import NumberSeries


class LookOnly:
    """Rows that say what happened to money: nobody adds, edits or deletes one by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnlyAdmin(LookOnly, ModelAdmin):
    """A list of such rows, and a page for each."""


class LookOnlyInline(LookOnly, TabularInline):
    """Such rows on the page of what they belong to."""

    extra = 0
    hide_title = True


@admin.register(NumberSeries)
class NumberSeriesAdmin(LookOnlyAdmin):
    """The last numbers of receipts and credit notes."""

    list_display = ("legal_entity", "kind", "last")
    ordering = ("legal_entity", "kind")
