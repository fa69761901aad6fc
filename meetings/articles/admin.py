"""Articles and reports of errors as staff see them. Publishing and withdrawing: `intake.admin`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from . import queries
from .models import Article, ErrorReport, ReportState


class ArticleAdmin(ModelAdmin):
    """The facts of an article. Registered by `intake.admin`, which adds the screen where its words
    are read and changed, one sentence at a time: no form here writes over what somebody else did.
    """

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
    fields = [
        "headline",
        "slug",
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
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        rows: QuerySet[Article] = super().get_queryset(request)
        return rows.annotate(
            report_count=Count("reports", filter=Q(reports__state=ReportState.OPEN))
        )

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

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Articles come from writers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """What was once public is withdrawn, never deleted: its address goes on to say so."""
        return obj is not None and obj.is_editable and super().has_delete_permission(request, obj)

    def view_on_site(self, obj: Article) -> str:
        return obj.get_absolute_url()


class ClosingForm(forms.ModelForm[ErrorReport]):
    """What needs no answer is closed with a note. What has its decision keeps it."""

    class Meta:
        model = ErrorReport
        fields = ["state", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        state = cleaned.get("state")
        if self.instance.correction_id and state == ReportState.OPEN:
            raise ValidationError({"state": _("This report was decided in public. It stays so.")})
        if state == ReportState.CLOSED and not (
            self.instance.correction_id or cleaned.get("note", "").strip()
        ):
            raise ValidationError({"note": _("Write what was found before the report is closed.")})
        return cleaned


class ErrorReportAdmin(ModelAdmin):
    """Reports by age. Registered by `intake.admin`, which adds what decides about them."""

    form = ClosingForm
    list_display = ["what", "article", "sentence_count", "state", "outcome", "age"]
    list_filter = ["state", ("created_at", admin.DateFieldListFilter), "article__meeting__body"]
    list_select_related = ["article", "correction"]
    search_fields = ["what", "article__headline", "note"]
    ordering = ["-state", "created_at", "id"]  # open ones first, by age
    readonly_fields = ["what", "article", "stood", "email", "created_at", "decision"]
    fields = [*readonly_fields, "state", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErrorReport]:
        rows: QuerySet[ErrorReport] = super().get_queryset(request)
        return rows.select_related("article__meeting", "correction")

    @admin.display(description=gettext_lazy("sentences"))
    def sentence_count(self, row: ErrorReport) -> int:
        return len(row.sentences)

    @admin.display(description=gettext_lazy("outcome"), ordering="correction__outcome")
    def outcome(self, row: ErrorReport) -> str:
        return row.correction.get_outcome_display() if row.correction else ""

    @admin.display(description=gettext_lazy("reported"), ordering="created_at")
    def age(self, row: ErrorReport) -> str:
        return _("%s ago") % timesince(row.created_at, depth=1)

    @admin.display(description=gettext_lazy("what it is about"))
    def stood(self, row: ErrorReport) -> str:
        """The sentences as they read then, with links to their places, then and now."""
        article = row.article
        links = [(article.get_absolute_url(), _("Open in the article"))]
        links.append(
            (reverse("admin:meetings_article_change", args=[article.pk]), _("Open in the admin"))
        )
        told = format_html_join(
            "",
            '<p class="mb-2">“{}” {}</p>',
            [(one["text"], self._ways(row, one)) for one in row.sentences],
        )
        whole = format_html("<p>{}</p>", _("The article as a whole.")) if not told else ""
        return format_html("{}{}<p>{}</p>", told, whole, _links(links))

    def _ways(self, row: ErrorReport, one: Any) -> str:
        """To a sentence as it read then, to where it is now, and to what it rests on.

        `one` is as `ErrorReport.sentences` has it: `Any` is what JSON has.
        """
        article, links = row.article, []
        if one["id"] is None:
            return ""  # struck before it was noted which one it was
        if row.version:
            then = reverse("article-history", args=[article.pk, article.slug])
            links.append((f"{then}?version={row.version}#s{one['id']}", _("As it stood")))
        links.append((f"{article.get_absolute_url()}#s{one['id']}", _("In the article")))
        if one["start_ms"] is not None:
            moment = queries.Moment(article.meeting, one["start_ms"])
            links.append((moment.url, _("Open the moment")))
        return _links(links)

    @admin.display(description=gettext_lazy("decision"))
    def decision(self, row: ErrorReport) -> str:
        if row.correction is None:
            return _("Nobody has decided yet.")
        return format_html(
            '<a class="underline" href="{}">{}</a>',
            row.correction.get_absolute_url(),
            str(row.correction),
        )

    def save_model(self, request: HttpRequest, obj: ErrorReport, form: Any, change: bool) -> None:
        if obj.state == ReportState.OPEN:
            obj.closed_at = None
        elif obj.closed_at is None:
            obj.closed_at = timezone.now()
        # The rest of the row may have moved on: an address that was dropped does not come back.
        obj.save(update_fields=["state", "note", "closed_at"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ErrorReport | None = None) -> bool:
        """What was decided in public stays with its decision."""
        if obj is not None and obj.correction_id:
            return False
        may: bool = super().has_delete_permission(request, obj)
        return may


def _links(links: list[tuple[str, str]]) -> str:
    return format_html_join(" · ", '<a class="underline" href="{}">{}</a>', links)
