"""Recordings as staff see them. Packaging one again is a step: `intake.admin`."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from . import services
from .models import Recording


class RecordingAdmin(ModelAdmin):
    """Facts and state. Registered by `intake.admin`, which adds what touches several rooms."""

    list_display = ["original_name", "meeting", "is_current", "length", "size", "state", "progress"]
    list_filter = [
        "state",
        "is_current",
        ("removed_at", admin.EmptyFieldListFilter),
        "video_codec",
        "audio_codec",
    ]
    list_select_related = ["meeting"]
    search_fields = ["original_name", "meeting__title"]
    ordering = ["-id"]
    fields = [
        "meeting",
        "original_name",
        "is_current",
        "state",
        "error",
        "progress",
        "length",
        "size",
        ("video_codec", "width", "height"),
        "audio_codec",
        "sha256",
        "added_at",
        "packaged_at",
        "package_version",
        "removed_at",
    ]
    readonly_fields = ["length", "size"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        rows: QuerySet[Recording] = super().get_queryset(request)
        return rows.defer("segment_ends_ms")

    @admin.display(description=_("length"), ordering="duration_ms")
    def length(self, row: Recording) -> str:
        seconds = (row.duration_ms or 0) // 1000
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}" if seconds else "–"

    @admin.display(description=_("size"), ordering="size_bytes")
    def size(self, row: Recording) -> str:
        return filesizeformat(row.size_bytes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A recording comes in with its meeting."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """One that was removed before may go for good, with its original. Others stay."""
        allowed = bool(super().has_delete_permission(request, obj))
        return allowed and obj is not None and obj.removed_at is not None

    def delete_model(self, request: HttpRequest, obj: Recording) -> None:
        services.delete(recording=obj)
