"""The desk: staff's admin site, what it opens on, and who may come in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from meetings.articles.models import Article, ErrorReport
from meetings.articles.models import State as ArticleState
from meetings.intake.models import Step
from portal.post.models import Mail
from portal.post.models import State as MailState

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that waits for a person."""

    title: str
    count: int
    url: str


class Desk(UnfoldAdminSite):
    """Unfold's admin, under a policy of its own: it needs inline styles and eval, and nobody
    else does. It stands behind sign-in and, where settings say so, a second factor.
    """

    index_template = "admin/desk.html"
    index_title = gettext_lazy("Desk")

    def admin_view(  # the signature is Django's
        self,
        view: View,
        cacheable: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> View:
        relaxed: View = csp_update(
            {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
        )(super().admin_view(view, cacheable))
        return relaxed

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {"waiting": waiting(), **(extra_context or {})}
        answer: TemplateResponse = super().index(request, context)
        return answer


def waiting() -> list[Waiting]:
    """What waits for a person, most pressing first. Four queries."""
    return [
        Waiting(
            _("reports of errors"),
            ErrorReport.objects.filter(state="open").count(),
            reverse("admin:meetings_errorreport_changelist") + "?state__exact=open",
        ),
        Waiting(
            _("articles to review"),
            Article.objects.filter(state=ArticleState.IN_REVIEW).count(),
            reverse("admin:meetings_article_changelist") + "?state__exact=in_review",
        ),
        Waiting(
            _("steps that failed"),
            Step.objects.filter(state=Step.State.FAILED).count(),
            reverse("admin:meetings_step_changelist") + "?state__exact=failed",
        ),
        Waiting(
            _("mails given up"),
            Mail.objects.given_up().count(),
            reverse("admin:post_mail_changelist") + f"?state__exact={MailState.DEAD}",
        ),
    ]
