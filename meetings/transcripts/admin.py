"""Transcripts as staff see them: versions and their facts. What corrects them: `intake.screens`."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import EmptyFieldListFilter, SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from .models import Recognition, Transcript


class DoubtfulFilter(SimpleListFilter):
    """Current ones that a machine made and somebody should look at first."""

    title = gettext_lazy("doubts")
    parameter_name = "doubtful"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("yes", gettext_lazy("To look at"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Transcript]) -> QuerySet[Transcript]:
        doubtful = Transcript.objects.doubtful().values("pk")
        return rows.filter(pk__in=doubtful) if self.value() == "yes" else rows


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
        "is_without_doubts",
    ]
    list_filter = [
        DoubtfulFilter,
        "is_current",
        "origin",
        ("reviewed_at", EmptyFieldListFilter),
        "language",
    ]
    list_select_related = ["meeting"]
    search_fields = ["meeting__title"]
    ordering = ["-id"]
    exclude = ["doubts"]
    readonly_fields = ["why_to_look", "made_with"]

    @display(description=gettext_lazy("without doubts"), boolean=True)
    def is_without_doubts(self, row: Transcript) -> bool:
        return not row.doubts

    @display(description=gettext_lazy("doubts"))
    def why_to_look(self, row: Transcript) -> str:
        return format_html_join("", "<p>{}</p>", ((said,) for said in row.doubts)) or "–"

    @display(description=gettext_lazy("recognized with"))
    def made_with(self, row: Transcript) -> str:
        made = Recognition.objects.filter(transcript=row).first()
        if made is None:
            return "–"
        return _("%(model)s (%(engine)s), SHA-256 %(sha256)s") % {
            "model": made.model_name,
            "engine": made.engine,
            "sha256": made.model_sha256,
        }

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Transcript | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Transcript | None = None) -> bool:
        return False
