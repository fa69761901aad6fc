"""Searches without results as staff see them: what people miss here. Rows can only be removed."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from .models import FruitlessSearch


@admin.register(FruitlessSearch)
class FruitlessSearchAdmin(ModelAdmin):
    list_display = ["text", "in_month", "count"]
    list_filter = ["month"]
    search_fields = ["text"]
    ordering = ["-month", "-count", "text"]

    @admin.display(description=_("month"), ordering="month")
    def in_month(self, row: FruitlessSearch) -> str:
        return date_format(row.month, "YEAR_MONTH_FORMAT")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: FruitlessSearch | None = None
    ) -> bool:
        return False
