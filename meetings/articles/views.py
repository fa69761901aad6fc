"""The article, and the form that reports an error in it."""

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from memberships.gate.audience import public
from memberships.gate.entitlement import Request

from . import cards, queries, services, showing
from .forms import ReportForm
from .linked_data import news_article
from .models import Article
from .visitors import reporter_hash


@public(cached=True)
@require_safe
def article(request: Request, pk: int, slug: str) -> HttpResponse:
    """The article. Staff also see what is not published; what was withdrawn says why."""
    article = _article(request, pk)
    if article.slug != slug:
        return redirect(article, permanent=True)
    if article.is_withdrawn and not request.user.is_staff:
        return render(request, "articles/withdrawn.html", {"article": article}, status=410)
    page = showing.article_page(article, for_member=bool(request.is_member))
    context = {
        "page": page,
        "article": article,
        "card": cards.card_of(article, page.quoted_lead),
        "linked_data": news_article(page),
        "playback_seconds": settings.PLAYBACK_SECONDS,
    }
    return render(request, "articles/page.html", context)


@public(cached=True)
@require_safe
def share(request: Request, pk: int) -> HttpResponse:
    """The article's picture for where its link is shown. What was withdrawn has none."""
    article = _article(request, pk)
    if article.is_withdrawn:
        return HttpResponse(status=410)
    card = cards.card_of(article, showing.quoted_lead(article))
    try:
        picture = cards.drawn(card)
    except cards.Busy:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    return HttpResponse(picture, content_type="image/png", headers={"ETag": f'"{card.etag}"'})


@public
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: Request, pk: int, slug: str) -> HttpResponse:
    """The form that reports an error in an article, or with `?sentence=ID` in one sentence."""
    article = _article(request, pk)
    if not article.is_published or article.is_withdrawn:
        raise Http404
    if article.slug != slug:
        return redirect(_report_url(article, request.GET), permanent=True)
    line = queries.sentence_of(article, request.GET.get("sentence", ""))
    now = timezone.now()
    form = ReportForm(request.POST or None, about=str(article.pk), now=now)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.report_error(
                    article=article,
                    sentence=line.sentence if line else None,
                    what=form.cleaned_data["what"],
                    email=form.cleaned_data["email"],
                    reporter_hash=reporter_hash(request),
                    now=now,
                )
            except services.TooManyReports as limit:
                form.add_error(None, str(limit))
                status = 429
            else:
                return redirect("report-received", pk=article.pk, slug=article.slug)
    context = {"article": article, "line": line, "form": form}
    return render(request, "articles/report.html", context, status=status)


@public
@require_safe
def report_received(request: Request, pk: int, slug: str) -> HttpResponse:
    """What happens with a report now."""
    article = _article(request, pk)
    if article.slug != slug:
        return redirect("report-received", pk=pk, slug=article.slug)
    return render(request, "articles/report_received.html", {"article": article})


def _report_url(article: Article, query: QueryDict) -> str:
    url = reverse("report", args=[article.pk, article.slug])
    return f"{url}?{query.urlencode()}" if query else url


def _article(request: Request, pk: int) -> Article:
    """The article, if whoever asks may know that it exists."""
    known = Article.objects.known_to(request.user).with_source().select_related("writing")
    return get_object_or_404(known, pk=pk)
