"""The journal of intake as staff see it: what was taken in, and what was mended on the way."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from .models import Import


class ReadOnly(ModelAdmin):
    """What happened is looked at, not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ImportJournal(ReadOnly):
    """What was taken in, and what was mended on the way."""

    list_display = ["name", "body", "meeting", "format", "cue_count", "mended", "imported_at"]
    list_filter = ["format", "body", "imported_at"]
    list_select_related = ["body", "meeting"]
    search_fields = ["name", "meeting__title"]
    ordering = ["-id"]
    fields = [
        "name",
        "body",
        "meeting",
        "version",
        "format",
        "encoding",
        "cue_count",
        "sha256",
        "repairs_made",
        "imported_at",
        "imported_by",
    ]
    readonly_fields = ["repairs_made"]

    @admin.display(description=gettext_lazy("repairs"))
    def mended(self, row: Import) -> int:
        return len(row.repairs)

    @admin.display(description=gettext_lazy("repairs"))
    def repairs_made(self, row: Import) -> str:
        return format_html_join("", "<p>{}</p>", ((line,) for line in row.repairs)) or "–"
