"""Transcripts as staff see them: versions and their facts. What corrects them: `intake.screens`."""

from django.contrib.admin import EmptyFieldListFilter
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import Transcript


class TranscriptAdmin(ModelAdmin):
    """Registered by `intake.screens`. A version is never changed; correcting makes another."""

    list_display = [
        "meeting",
        "language",
        "version",
        "is_current",
        "segment_count",
        "word_count",
        "origin",
        "made_by_name",
        "created_at",
        "reviewed_at",
    ]
    list_filter = ["is_current", "origin", ("reviewed_at", EmptyFieldListFilter), "language"]
    list_select_related = ["meeting"]
    search_fields = ["meeting__title"]
    ordering = ["-id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Transcript | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Transcript | None = None) -> bool:
        return False
