"""The screen on which staff decide about errors that readers reported, with a reason for all."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from meetings.articles import queries
from meetings.articles.admin import ErrorReportAdmin
from meetings.articles.models import (
    Article,
    ArticleVersion,
    Correction,
    ErrorReport,
    Outcome,
    Sentence,
)
from meetings.articles.queries import Moment
from meetings.articles.services import (
    NeedsReason,
    NotDecidable,
    NotPublishable,
    NotRevisable,
    join,
)
from memberships.gate.entitlement import User

from .. import reviewing

JOINED = "joined"


class DecisionForm(forms.Form):
    """What is decided, why, and the words that are changed by it.

    Each text comes with the one that it is written over, so that only what was changed here is
    stored, and nothing that somebody else wrote meanwhile is lost.
    """

    outcome = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=Correction.REASON_MAX,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Everybody reads it, and it is sent to those who left an address."),
    )
    earlier = forms.ModelChoiceField(
        Correction.objects.none(),
        label=gettext_lazy("The earlier decision"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    despite = forms.CharField(
        label=gettext_lazy("Reason, where a check fails"),
        required=False,
        max_length=ArticleVersion.REASON_MAX,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=gettext_lazy("Only for our records: why these words are published all the same."),
    )
    also = forms.ModelMultipleChoiceField(
        ErrorReport.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, article: Article, sentences: Sequence[Sentence], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        earlier = article.corrections.latest_first()
        choices = [(one.value, one.label) for one in Outcome]
        if earlier.exists():
            choices.append((JOINED, gettext_lazy("As was decided before")))
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]  # of a choice field
        self.fields["earlier"].queryset = earlier  # type: ignore[attr-defined]  # of a model's
        self.fields["also"].queryset = article.reports.open().oldest_first()  # type: ignore[attr-defined]  # of a model's
        self._add_text(0, article.headline, Article.HEADLINE_MAX, _("Headline"))
        for sentence in sentences:
            self._add_text(sentence.pk, sentence.text, Sentence.TEXT_MAX, _("Words"))

    def _add_text(self, number: int, text: str, longest: int, label: str) -> None:
        self.fields[f"words-{number}"] = forms.CharField(
            label=label,
            required=False,
            initial=text,
            max_length=longest,
            show_hidden_initial=True,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "dir": "auto"}),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        outcome = cleaned.get("outcome")
        if outcome == JOINED and not cleaned.get("earlier"):
            self.add_error("earlier", _("Choose the decision that answers this report, too."))
        if outcome != JOINED and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", _("A decision takes a reason. It is shown to readers."))
        return cleaned

    @property
    def words(self) -> dict[int, str]:
        """The new texts by the sentences' ids, 0 for the headline."""
        return {
            int(name.removeprefix("words-")): self.cleaned_data[name]
            for name in self.changed_data
            if name.startswith("words-")
        }

    @property
    def seen(self) -> dict[int, str]:
        """What each of them was written over."""
        return {
            number: str(self.data.get(self.add_initial_prefix(f"words-{number}"), ""))
            for number in self.words
        }


class ReportDesk(ErrorReportAdmin):
    """A report with what answers it."""

    actions_detail = ["decide"]

    @action(description=gettext_lazy("Decide"), url_path="decide", permissions=["decide"])
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        report = get_object_or_404(self.get_queryset(request), pk=unquote(object_id))
        if not self.has_decide_permission(request, object_id):
            raise PermissionDenied
        back = reverse("admin:meetings_errorreport_change", args=[report.pk])
        if report.correction is not None:
            messages.info(request, _("This report was decided already."))
            return HttpResponseRedirect(back)
        return self._page(request, report, back)

    def has_decide_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("meetings.change_errorreport") and request.user.has_perm(
            "meetings.change_article"
        )

    def _page(self, request: HttpRequest, report: ErrorReport, back: str) -> HttpResponse:
        article = Article.objects.with_source().get(pk=report.article_id)
        sentences = queries.sentences(article)
        about = {one["id"] for one in report.sentences}
        others = list(article.reports.open().exclude(pk=report.pk).oldest_first())
        alike = [one.pk for one in others if about & {said["id"] for said in one.sentences}]
        form = DecisionForm(
            request.POST if request.method == "POST" else None,
            article=article,
            sentences=sentences,
            initial={"also": alike},
        )
        if form.is_valid():
            try:
                _decide(form, article, report, request)
            except NeedsReason as error:
                form.add_error("despite", str(error))
            except (NotDecidable, NotPublishable, NotRevisable) as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Decided. It stands in the public log now."))
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Decide about a report"),
            "report": report,
            "article": article,
            "form": form,
            "ways": self.stood(report),
            "others": others,
            "chosen": {str(one) for one in form["also"].value() or []},
            "rows": [_row(form, one, article, is_reported=one.pk in about) for one in sentences],
            "headline": form["words-0"],
            "opts": self.model._meta,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/intake/decide.html", context, status=status)


def _decide(
    form: DecisionForm, article: Article, report: ErrorReport, request: HttpRequest
) -> None:
    if not isinstance(request.user, User):
        raise PermissionDenied
    cleaned, now = form.cleaned_data, timezone.now()
    reports = [report, *(one for one in cleaned["also"] if one.pk != report.pk)]
    if cleaned["outcome"] == JOINED:
        if form.words:
            raise NotDecidable(_("With an earlier decision no words are changed."))
        join(reports=reports, correction=cleaned["earlier"], now=now)
        return
    reviewing.decide_in_public(
        article=article,
        reports=reports,
        outcome=Outcome(cleaned["outcome"]),
        reason=cleaned["reason"],
        by=request.user,
        now=now,
        words=form.words,
        seen=form.seen,
        despite=cleaned["despite"],
    )


def _row(
    form: DecisionForm, sentence: Sentence, article: Article, *, is_reported: bool
) -> dict[str, Any]:
    """A sentence for the screen: its field, and what was said where it rests on the meeting."""
    evidence = list(sentence.evidence.all())
    said = [
        segment
        for one in (evidence if is_reported else [])
        for segment in queries.words_of(one, article.meeting)
    ]
    return {
        "sentence": sentence,
        "field": form[f"words-{sentence.pk}"],
        "is_reported": is_reported,
        "said": said,
        "moment": Moment(article.meeting, evidence[0].start_ms) if evidence else None,
    }
