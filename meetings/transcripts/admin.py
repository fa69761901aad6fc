"""Transcripts as staff see them: versions and their facts. They are read-only."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import Transcript


@admin.register(Transcript)
class TranscriptAdmin(ModelAdmin):
    list_display = ["meeting", "language", "version", "is_current", "segment_count", "word_count"]
    list_filter = ["is_current", "language", "format"]
    list_select_related = ["meeting"]
    search_fields = ["meeting__title"]
    ordering = ["-id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Transcript | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Transcript | None = None) -> bool:
        return False
