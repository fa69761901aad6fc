"""Clips and reports of them as staff see them. Taking down and putting back: `intake.clips`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from .models import Clip, ClipReport


class ClipAdmin(ModelAdmin):
    """What members have cut. What is private is theirs: staff see that it is there, not its words.

    Registered by `intake.admin`, with what takes a clip down.
    """

    list_display = ["name", "meeting", "visibility", "plays", "open_reports", "taken_down_at"]
    list_filter = [
        "visibility",
        ("taken_down_at", admin.EmptyFieldListFilter),
        ("created_at", admin.DateFieldListFilter),
        "meeting__body",
    ]
    list_select_related = ["meeting"]
    search_fields = ["slug", "meeting__title", "owner__email"]
    ordering = ["-created_at", "-id"]
    fields = [
        "name",
        "link",
        "meeting",
        "visibility",
        "maker_name",
        "words_said",
        "duration_ms",
        "plays",
        "created_at",
        "changed_at",
        "taken_down_at",
        "taken_down_reason",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clip]:
        rows: QuerySet[Clip] = super().get_queryset(request).filter(deleted_at__isnull=True)
        open_ones = Q(reports__state=ClipReport.State.OPEN)
        return rows.annotate(report_count=Count("reports", filter=open_ones))

    @admin.display(description=gettext_lazy("title"))
    def name(self, row: Clip) -> str:
        return _("A private clip") if row.is_private else row.title

    @admin.display(description=gettext_lazy("page"))
    def link(self, row: Clip) -> str:
        if row.is_private:
            return "–"
        return format_html('<a href="{}">{}</a>', row.get_absolute_url(), _("Open the clip"))

    @admin.display(description=gettext_lazy("words"))
    def words_said(self, row: Clip) -> str:
        if row.is_private:
            return "–"
        lines = ((one["speaker"], one["text"]) for one in row.words)
        return format_html_join("", "<p><strong>{}</strong> {}</p>", lines) or "–"

    @admin.display(description=gettext_lazy("open reports"), ordering="report_count")
    def open_reports(self, row: Any) -> int:
        """`report_count` is the annotation of `get_queryset`."""
        count: int = row.report_count
        return count

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Clips are cut by members."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Clip | None = None) -> bool:
        """Staff take down; deleting is the owner's."""
        return False


class ReportForm(forms.ModelForm[ClipReport]):
    """A report is closed with what was found."""

    class Meta:
        model = ClipReport
        fields = ["state", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        closed = cleaned.get("state") == ClipReport.State.CLOSED
        if closed and not cleaned.get("note", "").strip():
            raise ValidationError({"note": _("Write what was found before the report is closed.")})
        return cleaned


@admin.register(ClipReport)
class ClipReportAdmin(ModelAdmin):
    form = ReportForm
    list_display = ["what", "clip", "state", "created_at"]
    list_filter = ["state", ("created_at", admin.DateFieldListFilter)]
    list_select_related = ["clip"]
    search_fields = ["what", "note", "clip__slug"]
    ordering = ["-created_at", "-id"]
    readonly_fields = ["what", "clip", "place", "email", "created_at"]
    fields = [*readonly_fields, "state", "note"]

    @admin.display(description=gettext_lazy("where"))
    def place(self, row: ClipReport) -> str:
        """Links to the clip, and to its own screen."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            row.clip.get_absolute_url(),
            _("Open the clip"),
            reverse("admin:meetings_clip_change", args=[row.clip_id]),
            _("Open in the admin"),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
