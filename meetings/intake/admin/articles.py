"""The screens of articles: the queue, and one article with all that speaks for and against it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from meetings.articles import desk, listing, offering, verdicts
from meetings.articles.admin import ArticleAdmin
from meetings.articles.models import Article
from meetings.articles.services import (
    NeedsReason,
    NotDecidable,
    NotPublishable,
    NotRevisable,
    Overtaken,
    asks_a_model,
)
from meetings.media import queries as media
from meetings.records.services import IllegalMove
from memberships.gate.entitlement import User

from .. import deciding, services
from ..deciding import Do, Wish
from ..forms import ApprovalForm, ReasonForm, SureForm, WishForm
from ..verbs import Verb

ARTICLES_A_PAGE = 50
TITLES = {
    listing.Tab.REVIEW: gettext_lazy("To review"),
    listing.Tab.AGAIN: gettext_lazy("To look at again"),
    listing.Tab.PUBLISHED: gettext_lazy("Published"),
    listing.Tab.WITHDRAWN: gettext_lazy("Withdrawn"),
}
_approve = Verb(
    gettext_lazy("Publish this article under your name?"),
    ApprovalForm,
    lambda row, request, reason: services.approve_article(
        article=row, by=request.user, now=timezone.now(), reason=reason
    ),
    gettext_lazy("The article is published."),
)
_take_back = Verb(
    gettext_lazy("Withdraw this article?"),
    ReasonForm,
    lambda row, request, reason: services.withdraw_article(
        article=row, reason=reason, by=request.user, now=timezone.now()
    ),
    gettext_lazy("The article is withdrawn."),
)
_redraft = Verb(
    gettext_lazy("Have an article of this meeting written anew, from its newest transcript?"),
    SureForm,
    lambda row, request: services.ask_for_draft(meeting=row.meeting),
    gettext_lazy(
        "A worker writes it. A draft that nobody has worked on gives way to it; one that somebody "
        "edited or accepted in part stays, and the new one stands beside it in the queue."
    ),
)
_reexcerpt = Verb(
    gettext_lazy("Have an article of this meeting put together from what was said, word for word?"),
    SureForm,
    lambda row, request: services.ask_for_excerpts(meeting=row.meeting),
    gettext_lazy("A worker picks the sentences. No language model is asked."),
)


class ArticleDesk(ArticleAdmin):
    """An article with everything that can be done to it."""

    actions_list = ["queue"]
    actions_row = ["review"]
    actions_detail = ["review", "approve", "take_back", "redraft", "reexcerpt"]

    @action(description=gettext_lazy("Queue"), url_path="queue", icon="checklist")
    def queue(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("of", listing.Tab.REVIEW)
        if wanted not in set(listing.Tab):
            raise Http404
        tab = listing.Tab(wanted)
        pages = Paginator(listing.queue(tab), ARTICLES_A_PAGE)
        counts = {one: listing.count(one) for one in listing.Tab}
        pages.count = counts[tab]
        return TemplateResponse(
            request,
            "admin/intake/article_queue.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Articles"),
                "tab": tab,
                "tabs": [(one, TITLES[one], counts[one]) for one in listing.Tab],
                "shown": pages.get_page(request.GET.get("page")),
                "opts": self.model._meta,
            },
        )

    @action(description=gettext_lazy("Review"), url_path="review", icon="fact_check")
    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The article, sentence by sentence; by POST one wish of whoever reviews it."""
        is_sent = request.method == "POST"
        may_change = request.user.has_perm("meetings.change_article")
        if not self.has_view_permission(request) or (is_sent and not may_change):
            raise PermissionDenied
        article = self._article(object_id)
        form = WishForm(request.POST) if is_sent else None
        if article is None:
            return self._replaced(request, form)
        if form is None:
            return self._screen(request, article)
        if not form.is_valid():
            said = _("This cannot be read. Load the page again.")
            return self._screen(request, article, error=said, status=400)
        assert isinstance(request.user, User)  # noqa: S101 - the gate and the permission saw to it
        wish = form.wish
        try:
            done = deciding.decide(article=article, wish=wish, by=request.user, now=timezone.now())
        except Overtaken as error:
            return self._screen(request, article, wish=wish, error=str(error), status=409)
        except NeedsReason as error:
            failed = [verdicts.told(check) for check in error.failed]
            return self._screen(
                request, article, wish=wish, error=str(error), failed=failed, status=422
            )
        except (NotRevisable, NotPublishable, NotDecidable, IllegalMove) as error:
            return self._screen(request, article, wish=wish, error=str(error), status=422)
        messages.success(request, done.said)
        fragment = f"#{done.place}" if done.place else ""
        return HttpResponseRedirect(f"{_url(article)}{fragment}")

    def _article(self, object_id: str) -> Article | None:
        number = unquote(object_id)
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise Http404
        return Article.objects.with_source().filter(pk=int(number)).first()

    def _replaced(self, request: HttpRequest, form: WishForm | None) -> HttpResponse:
        """A newer draft took its place, and with it the page; what was typed is given back."""
        messages.warning(
            request, _("This article is not here any more. A newer draft may stand in its place.")
        )
        if form is not None and form.is_valid() and form.wish.text:
            messages.warning(request, _("You wrote: %s") % form.wish.text)
        return HttpResponseRedirect(reverse("admin:meetings_article_queue"))

    def _screen(
        self,
        request: HttpRequest,
        article: Article,
        *,
        wish: Wish | None = None,
        error: str = "",
        failed: list[verdicts.Told] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The screen as things are now; a wish that was refused stands where it was made."""
        if wish is not None:
            fresh = self._article(str(article.pk))
            if fresh is None:
                return self._replaced(request, None)
            article = fresh
        sheet = desk.sheet(article)
        rows = {row.sentence.pk: row for row in sheet.rows}
        refused_at = wish.row if wish and wish.row in rows else None
        recording = media.playable(article.meeting)
        context = {
            **self.admin_site.each_context(request),
            "title": article.headline,
            "sheet": sheet,
            "article": article,
            "meeting": article.meeting,
            "wish": wish,
            "refused_at": refused_at,
            "error": error,
            "failed": failed,
            "may_change": (
                request.user.has_perm("meetings.change_article") and not article.is_withdrawn
            ),
            "may_draft": request.user.has_perm("meetings.change_meeting"),
            "asks_a_model": asks_a_model(),
            "recording": recording,
            "playback_seconds": settings.PLAYBACK_SECONDS,
            "opts": self.model._meta,
            **self._offers(request, rows, refused_at if wish and wish.do == Do.REPLACE else None),
        }
        return TemplateResponse(request, "admin/intake/article_review.html", context, status=status)

    def _offers(
        self, request: HttpRequest, rows: dict[int, desk.Row], refused_at: int | None
    ) -> dict[str, Any]:
        """Other sentences for the one that `?another=` names, or where one of them was refused."""
        asked = request.GET.get("another", "") if refused_at is None else str(refused_at)
        number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else 0
        if number not in rows:
            return {"another": None}
        sentence = rows[number].sentence
        offers = [(offering.name_of(one), one) for one in offering.offers(sentence)]
        return {"another": number, "offers": offers}

    @action(description=gettext_lazy("Publish"), url_path="approve", permissions=["approve"])
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _approve.answer(self, request, object_id)

    @action(description=gettext_lazy("Withdraw"), url_path="take-back", permissions=["take_back"])
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _take_back.answer(self, request, object_id)

    @action(description=gettext_lazy("Write anew"), url_path="redraft", permissions=["redraft"])
    def redraft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _redraft.answer(self, request, object_id)

    @action(
        description=gettext_lazy("Write anew without a model"),
        url_path="reexcerpt",
        permissions=["reexcerpt"],
    )
    def reexcerpt(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _reexcerpt.answer(self, request, object_id)

    def has_approve_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._is_offered(request, object_id, when_published=False)

    def has_take_back_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._is_offered(request, object_id, when_published=True)

    def has_redraft_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("meetings.change_meeting")

    def has_reexcerpt_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Offered where a model drafts otherwise: without one every draft is such."""
        return asks_a_model() and self.has_redraft_permission(request, object_id)

    def _is_offered(self, request: HttpRequest, object_id: str, *, when_published: bool) -> bool:
        article = self.get_object(request, unquote(object_id))
        return (
            article is not None
            and self.has_change_permission(request, article)
            and article.is_published == when_published
        )


def _url(article: Article) -> str:
    return reverse("admin:meetings_article_review", args=[article.pk])
