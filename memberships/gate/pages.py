"""Public pages, kept for a minute: what one visitor was shown is shown to the next.

It keeps answers to GET of views marked `@public(cached=True)`, when nothing in the request says who
is asking, and tells caches in front of us that they may do the same. Whoever has one with an ETag
already is answered 304. Every other answer of the site is `private, no-store`. A service that
changes what a page shows calls `drop` with its path.
"""

import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import NamedTuple, TypeGuard
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import DisallowedHost
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_http_date_safe
from django.utils.module_loading import import_string

from memberships.gate.audience import audience_of
from memberships.gate.shelf import KEPT_S, Kept, shelf

FOR_CACHES = f"public, max-age=0, s-maxage={KEPT_S}"
FOR_NOBODY = "private, no-store"
VARIES_ON = ("Cookie", "HX-Request")
HARMLESS = {"cookie", "hx-request", "accept-encoding"}
PLACES = 4096  # addresses whose place is remembered; attackers may ask for many more
LONGEST_QUERY = 200  # characters of the named parameters; what is longer is made anew each time


def drop(*paths: str) -> None:
    """Show these pages anew, in every variant and with every query, once this transaction commits.

    In this process at once, in others within a second. Where Redis does not answer it is logged,
    and the pages are shown anew after a minute at the latest.
    """
    plain = [unquote(urlsplit(path).path) for path in paths]
    transaction.on_commit(partial(shelf.drop, plain), robust=True)


def drop_all() -> None:
    """The same for every page: for what stands on all of them, as an announcement does."""
    transaction.on_commit(shelf.drop_all, robust=True)


class Place(NamedTuple):
    """Where on the shelf the answer to a request belongs."""

    path: str
    key: str
    is_clean: bool
    """The query holds nothing but parameters that the view named."""


class PublicPages:
    """The first middleware: answers from what is kept, keeps what may be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.variant: Callable[[HttpRequest], str | None] = import_string(
            settings.GATE_PAGE_VARIANT
        )
        site = urlsplit(settings.SITE_URL)
        self.host = site.netloc
        self._known: dict[tuple[str, ...], Place | None] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)  # static files say themselves how long they last
        place = self._place(request)
        if place is None:
            return _for_nobody(self.get_response(request))
        kept, ticket = shelf.look(place.path, place.key)
        if kept is not None:
            return _if_changed(request, _again(kept))
        made_at = time.time()
        answer = self.get_response(request)
        if not place.is_clean or not _may_be_kept(answer, request):
            return _for_nobody(answer)
        answer.headers["Cache-Control"] = FOR_CACHES
        patch_vary_headers(answer, VARIES_ON)
        if ticket is not None and request.method == "GET":
            page = Kept(list(answer.items()), answer.content, made_at)
            shelf.put(place.path, place.key, page, ticket)
        return _if_changed(request, answer)

    def _place(self, request: HttpRequest) -> Place | None:
        """Where the answer belongs, or None for a request whose answer is nobody else's.

        For a request without cookies this follows from its address alone, so it is worked out
        once: most readers of public pages bring none, and working it out costs as much as all
        else that a kept page needs.
        """
        if request.method not in {"GET", "HEAD"}:
            return None
        sent = request.META
        if "HTTP_COOKIE" in sent or "HTTP_AUTHORIZATION" in sent or "HTTP_HX_REQUEST" in sent:
            return None if _says_who_asks(request) else self._work_out(request)
        asked = (
            settings.ROOT_URLCONF,
            request.scheme or "",
            sent.get("HTTP_HOST", ""),
            request.path,
            sent.get("QUERY_STRING", ""),
        )
        known = self._known  # threads may put another dict in its place meanwhile
        if asked in known:
            return known[asked]
        if len(known) >= PLACES:
            known = self._known = {}
        place = known[asked] = self._work_out(request)
        return place

    def _work_out(self, request: HttpRequest) -> Place | None:
        try:
            # Under another name than our own, a page might be made with that name in it.
            if request.get_host() != self.host:
                return None
            audience = audience_of(resolve(request.path_info).func)
        except (DisallowedHost, Http404):
            return None  # let those say so whose task it is
        if audience is None or not audience.cached:
            return None
        variant = self.variant(request)
        if variant is None:
            return None
        named = [
            (name, request.GET.getlist(name))
            for name in sorted(audience.varies_on)
            if name in request.GET
        ]
        if sum(len(value) for _, values in named for value in values) > LONGEST_QUERY:
            return None
        parts = [self.host, request.scheme, request.path, named, variant]
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return Place(request.path, key, is_clean=set(request.GET) <= set(audience.varies_on))


def _says_who_asks(request: HttpRequest) -> bool:
    return (
        settings.SESSION_COOKIE_NAME in request.COOKIES
        or CookieStorage.cookie_name in request.COOKIES
        or "HX-Request" in request.headers
        or "Authorization" in request.headers
    )


def _may_be_kept(answer: HttpResponseBase, request: HttpRequest) -> TypeGuard[HttpResponse]:
    """Nothing in this answer is meant for one person, and nothing forbids to keep it."""
    shown = getattr(request, "_messages", None)
    vary = {name.strip().lower() for name in answer.headers.get("Vary", "").split(",")}
    return (
        answer.status_code == 200
        and isinstance(answer, HttpResponse)
        and not answer.cookies
        and not answer.has_header("Set-Cookie")
        and not answer.has_header("Cache-Control")
        and not (shown is not None and (shown.used or shown.added_new))
        and vary <= HARMLESS | {""}
    )


def _again(kept: Kept) -> HttpResponse:
    answer = HttpResponse(kept.body, headers=dict(kept.headers))
    # Caches in front count their minute from when the page was made (RFC 9111, section 5.1).
    answer.headers["Age"] = str(max(0, ceil(time.time() - kept.made_at)))
    return answer


def _if_changed(request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    """304 for whoever has this answer already, where the view gave it an ETag."""
    etag = answer.headers.get("ETag")
    if etag is None:
        return answer
    modified = parse_http_date_safe(answer.headers.get("Last-Modified", ""))
    conditional = get_conditional_response(request, etag, modified, answer)
    return answer if conditional is None else conditional


def _for_nobody(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers["Cache-Control"] = FOR_NOBODY
    return answer
