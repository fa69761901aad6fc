"""The article, its history, the form that reports an error in it, and what came of errors."""

from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from memberships.gate.audience import public
from memberships.gate.entitlement import Request

from . import cards, feeds, history, public_log, queries, services, showing
from .forms import ArticleReportForm, Compared, Paged
from .linked_data import news_article
from .models import Article, Correction
from .visitors import as_visitor, reporter_hash


@public(cached=True)
@require_safe
def article(request: Request, pk: int, slug: str) -> HttpResponse:
    """The article. Staff also see what is not published, with `?as=visitor` as everybody would;
    what was withdrawn says why.
    """
    article = _article(request, pk)
    if article.slug != slug:
        return redirect(article, permanent=True)
    if request.user.is_staff and request.GET.get("as") == "visitor":
        request = as_visitor(request)
    if article.is_withdrawn and not request.user.is_staff:
        return render(request, "articles/withdrawn.html", {"article": article}, status=410)
    page = showing.article_page(article, for_member=bool(request.is_member))
    corrections = public_log.of_article(article)
    context = {
        "page": page,
        "article": article,
        "corrections": corrections,
        "corrected": public_log.by_sentence(corrections),
        "card": cards.card_of(article, page.quoted_lead),
        "linked_data": news_article(page, corrections),
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
    sentences = queries.sentences(article)
    others = [one for one in sentences if line is None or one != line.sentence]
    form = ArticleReportForm(request.POST or None, about=str(article.pk), others=others, now=now)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.report_error(
                    article=article,
                    sentences=[*([line.sentence] if line else []), *form.cleaned_data["others"]],
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
    context = {"article": article, "line": line, "form": form, **_kept_for()}
    return render(request, "articles/report.html", context, status=status)


@public
@require_safe
def report_received(request: Request, pk: int, slug: str) -> HttpResponse:
    """What happens with a report now."""
    article = _article(request, pk)
    if article.slug != slug:
        return redirect("report-received", pk=pk, slug=article.slug)
    context = {"article": article, **_kept_for()}
    return render(request, "articles/report_received.html", context)


@public(cached=True, varies_on=("page", "was", "now", "version"))
@require_safe
def article_history(request: Request, pk: int, slug: str) -> HttpResponse:
    """What readers saw of an article at which time, and what differs between two versions."""
    article = _article(request, pk)
    if not article.published_at:
        raise Http404
    if article.slug != slug:
        return redirect("article-history", pk=pk, slug=article.slug, permanent=True)
    if article.is_withdrawn:
        return render(request, "articles/withdrawn.html", {"article": article}, status=410)
    asked = _asked(Compared, request.GET)
    was, now, number = (asked[name] for name in ("was", "now", "version"))
    comparison = history.compared(article, was, now) if was and now else None
    told = history.told(article, number) if number else None
    if (was and now and comparison is None) or (number and told is None):
        raise Http404
    try:
        shown = history.history(article, page=asked["page"] or 1)
    except EmptyPage as error:
        raise Http404 from error
    context = {"article": article, "history": shown, "comparison": comparison, "told": told}
    return render(request, "articles/history.html", context)


@public(cached=True, varies_on=("page",))
@require_safe
def corrections(request: Request) -> HttpResponse:
    """Every decision about an article, newest first."""
    try:
        log = public_log.log(page=_asked(Paged, request.GET)["page"] or 1)
    except EmptyPage as error:
        raise Http404 from error
    return render(request, "articles/corrections.html", {"log": log})


@public(cached=True)
@require_safe
def correction(request: Request, pk: int) -> HttpResponse:
    """One decision, at an address that stays."""
    row = get_object_or_404(Correction.objects.public().with_words(), pk=pk)
    entry = public_log.entry(row)
    return render(
        request, "articles/correction.html", {"entry": entry, "title": feeds.title(entry)}
    )


@public(cached=True)
@require_safe
def corrections_feed(request: Request) -> HttpResponse:
    """The newest decisions as a feed."""
    feed = feeds.corrections()
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _kept_for() -> dict[str, int]:
    """How long the address is kept that a reader leaves, in days."""
    return {
        "address_days": settings.REPORT_ADDRESS_DAYS,
        "address_max_days": settings.REPORT_ADDRESS_MAX_DAYS,
    }


def _asked(form_class: type[Paged], query: QueryDict) -> dict[str, Any]:
    form = form_class(query)
    if not form.is_valid():
        raise Http404
    return form.cleaned_data


def _report_url(article: Article, query: QueryDict) -> str:
    url = reverse("report", args=[article.pk, article.slug])
    return f"{url}?{query.urlencode()}" if query else url


def _article(request: Request, pk: int) -> Article:
    """The article, if whoever asks may know that it exists."""
    known = Article.objects.known_to(request.user).with_source().select_related("writing")
    return get_object_or_404(known, pk=pk)
