"""Articles and reports of errors as staff see them. Publishing and withdrawing: `intake.admin`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline
from unfold.widgets import UnfoldAdminTextareaWidget

from memberships.gate.entitlement import User

from . import queries, services
from .models import Article, ErrorReport, ReportState, Sentence


class SentenceInline(StackedInline):
    """The sentences with what was said. Their words may change until the article is published."""

    model = Sentence
    fields = [("paragraph", "position"), "text", "words"]
    readonly_fields = ["words"]
    ordering = ["paragraph", "position"]
    extra = 0
    formfield_overrides = {
        models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sentence]:
        rows: QuerySet[Sentence] = super().get_queryset(request)
        return rows.select_related("article__meeting").prefetch_related("evidence")

    @admin.display(description=gettext_lazy("what was said"))
    def words(self, row: Sentence) -> str:
        """The words of each evidence, with a link that opens the moment."""
        meeting = row.article.meeting
        lines = []
        for evidence in row.evidence.all():
            said = queries.words_of(evidence, meeting)
            text = " ".join(segment.text for segment in said)
            lines.append(
                (
                    queries.Moment(meeting, evidence.start_ms).url,
                    _("Open the moment"),
                    evidence.get_kind_display(),
                    (said[0].speaker_name if said else "") or _("Said"),
                    text or _("The current transcript has these words no longer."),
                )
            )
        layout = '<p>{3}: “{4}” <a class="underline" href="{0}">{1}</a> ({2})</p>'
        return format_html_join("", layout, lines) or _("Nothing.")

    def has_add_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """A sentence comes with its evidence, from a writer."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return (obj is None or obj.is_editable) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return (obj is None or obj.is_editable) and super().has_change_permission(request, obj)


class ArticleAdmin(ModelAdmin):
    """Words and facts. Registered by `intake.admin`, which adds what touches several rooms."""

    list_display = ["headline", "body", "held_on", "state", "writer", "open_reports"]
    list_filter = [
        "state",
        "meeting__body",
        ("meeting__held_on", admin.DateFieldListFilter),
        "writer",
    ]
    list_select_related = ["meeting__body"]
    search_fields = ["headline", "standfirst", "meeting__title", "meeting__body__name"]
    date_hierarchy = "meeting__held_on"
    ordering = ["-created_at", "-id"]
    readonly_fields = [
        "meeting",
        "state",
        "standfirst",
        "language",
        "writer",
        "writer_version",
        "transcript_version",
        "reviewed_by_name",
        "withdrawn_reason",
        "created_at",
        "updated_at",
        "published_at",
    ]
    fields = ["headline", "slug", *readonly_fields]
    inlines = [SentenceInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        rows: QuerySet[Article] = super().get_queryset(request)
        return rows.annotate(
            report_count=Count("reports", filter=Q(reports__state=ReportState.OPEN))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        """What readers have seen is corrected in public, not edited."""
        if obj is None or obj.is_editable:
            return self.readonly_fields
        return self.fields

    @admin.display(description=gettext_lazy("body"), ordering="meeting__body__sort_name")
    def body(self, row: Article) -> str:
        return row.meeting.body.name

    @admin.display(description=gettext_lazy("meeting held"), ordering="meeting__held_on")
    def held_on(self, row: Article) -> Any:
        return row.meeting.held_on

    @admin.display(description=gettext_lazy("open reports"), ordering="report_count")
    def open_reports(self, row: Any) -> int:
        """`report_count` is the annotation of `get_queryset`."""
        count: int = row.report_count
        return count

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        services.keep_first_version(article=obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            if not isinstance(request.user, User):
                raise PermissionDenied
            services.note_edits(article=form.instance, by=request.user, now=timezone.now())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Articles come from writers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """What was once public is withdrawn, never deleted: its address goes on to say so."""
        return obj is not None and obj.is_editable and super().has_delete_permission(request, obj)

    def view_on_site(self, obj: Article) -> str:
        return obj.get_absolute_url()


class ReportForm(forms.ModelForm[ErrorReport]):
    """A report is closed with what was found."""

    class Meta:
        model = ErrorReport
        fields = ["state", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("state") == ReportState.CLOSED and not cleaned.get("note", "").strip():
            raise ValidationError({"note": _("Write what was found before the report is closed.")})
        return cleaned


@admin.register(ErrorReport)
class ErrorReportAdmin(ModelAdmin):
    form = ReportForm
    list_display = ["what", "article", "about_sentence", "state", "created_at"]
    list_filter = ["state", ("created_at", admin.DateFieldListFilter), "article__meeting__body"]
    list_select_related = ["article", "sentence"]
    search_fields = ["what", "article__headline", "note"]
    ordering = ["-created_at", "-id"]
    readonly_fields = ["what", "article", "place", "sentence_text", "email", "created_at"]
    fields = [*readonly_fields, "state", "note"]

    @admin.display(description=gettext_lazy("about a sentence"), boolean=True)
    def about_sentence(self, row: ErrorReport) -> bool:
        return bool(row.sentence_text)

    @admin.display(description=gettext_lazy("where"))
    def place(self, row: ErrorReport) -> str:
        """Links to the article at the sentence, and to the article's own screen."""
        fragment = f"#s{row.sentence_id}" if row.sentence_id else ""
        return format_html(
            '<a href="{}{}">{}</a> · <a href="{}">{}</a>',
            row.article.get_absolute_url(),
            fragment,
            _("Open in the article"),
            reverse("admin:meetings_article_change", args=[row.article_id]),
            _("Open in the admin"),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
