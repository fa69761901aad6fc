"""Feeds: articles for feed readers, clips for podcast players, and the page that names them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meetings.articles.models import Article
from meetings.records.models import Body, Place
from meetings.search.forms import SearchForm
from meetings.search.hits import Order, Question, find
from meetings.search.limits import TooMany, spend_search
from meetings.search.parsing import parse
from meetings.search.reading import reader
from meetings.search.tree import Kind
from meetings.search.writing import Unusable
from memberships.gate.audience import public

from .. import feeds, queries
from ..feeds import About

logger = logging.getLogger(__name__)


@public(cached=True)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All feeds, and what they are good for."""
    context = {"bodies": reverse("bodies"), "places": reverse("places")}
    return render(request, "data/feeds.html", context)


@public(cached=True)
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """The newest articles of all."""
    about = About(
        _("Articles · %s") % settings.SITE_NAME, request.path, reverse("home"), "articles"
    )
    return _atom(about, queries.articles())


@public(cached=True)
@require_safe
def of_body(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest articles about a body."""
    body = get_object_or_404(Body, slug=slug)
    title = f"{body} · {settings.SITE_NAME}"
    about = About(title, request.path, body.get_absolute_url(), f"bodies/{body.pk}")
    return _atom(about, queries.articles(body=body))


@public(cached=True)
@require_safe
def of_place(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest articles about a place and all that lies in it."""
    place = get_object_or_404(Place, slug=slug)
    title = f"{place} · {settings.SITE_NAME}"
    about = About(title, request.path, place.get_absolute_url(), f"places/{place.pk}")
    return _atom(about, queries.articles(place=place))


@public(cached=True, varies_on=("q",))
@require_safe
def of_search(request: HttpRequest) -> HttpResponse:
    """The newest articles that a search finds. Words of transcripts are in members' own feeds."""
    form = SearchForm({"q": request.GET.get("q", "")})
    asked = form.asked if form.is_valid() else None
    parsed = parse(asked.text) if asked else None
    if asked is None or parsed is None or parsed.tree is None:
        raise Http404(_("There is nothing to look for. Give words to search for as q."))
    try:
        spend_search(request, now=timezone.now())
        opened = reader().open()
        question = Question(parsed.tree, (Kind.ARTICLES,))
        found = find(opened, question, order=Order.NEWEST, limit=4 * queries.ENTRIES)
    except TooMany as limit:
        return _plain(str(limit), status=429, retry_after=limit.seconds)
    except (Unusable, ValueError, OSError) as error:
        logger.warning("The index cannot be searched: %s", error)
        return _plain(_("Search is being set up and will be back soon."), 503, retry_after=60)
    query = urlencode({"q": asked.text})
    about = About(
        f"{asked.text} · {settings.SITE_NAME}",
        f"{request.path}?{query}",
        f"{reverse('search')}?{query}",
        f"search/{hashlib.sha256(asked.text.encode()).hexdigest()[:32]}",
    )
    return _atom(about, queries.articles_among({hit.item for hit in found.hits}))


def _atom(about: About, rows: Collection[Article]) -> HttpResponse:
    """The feed with its ETag. The time is the log's: what is withdrawn is a change, too."""
    entries: Sequence[Article] = list(rows)
    changed = [feeds.changed_at(article) for article in entries]
    logged = queries.newest_change()
    answer = tagged(HttpResponse(feeds.atom(about, entries), content_type=feeds.TYPE))
    newest = max([*changed, *([logged] if logged else [])], default=None)
    return _dated(answer, newest)


def tagged(answer: HttpResponse) -> HttpResponse:
    """With an ETag, by which a reader who has it already is told so."""
    answer.headers["ETag"] = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    return answer


def _dated(answer: HttpResponse, newest: datetime | None) -> HttpResponse:
    if newest is not None:
        answer.headers["Last-Modified"] = http_date(newest.timestamp())
    return answer


def _plain(words: str, status: int, *, retry_after: int) -> HttpResponse:
    answer = HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
    answer.headers["Retry-After"] = str(retry_after)
    return answer
