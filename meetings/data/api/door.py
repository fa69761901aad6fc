"""The door of the API: who asks is known, counted and answered in one way, whatever is behind it.

It is where tokens are read, limits kept, refusals made problems, and answers given a tag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from memberships.gate.audience import AnyView, public

from . import callers, problems
from .callers import CallerRequest, TooMany
from .problems import Problem

SAFE = {"GET", "HEAD"}
VARIES_ON = ("Authorization", "Accept")
KEPT_ON_304 = ("ETag", "Vary", "Link", "RateLimit", "RateLimit-Policy", "Synced-Until")


def behind(view: AnyView) -> AnyView:
    """A view that is reached through the door. Its operations say themselves who they are for."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _answered(view, request, args, kwargs)

    # No cookie opens anything here, so there is nothing that another site could forge.
    answer.csrf_exempt = True  # type: ignore[attr-defined]  # as Django marks it
    return public(answer)


def _answered(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    headers: dict[str, str] = {}
    try:
        _readable(request)
        caller = callers.caller_of(request)
        cast("CallerRequest", request).caller = caller
        headers = caller.standing.headers
        answer = _asked(view, request, args, kwargs)
    except TooMany as limit:
        headers = limit.standing.headers
        answer = problems.too_many(limit.standing.seconds).answer(request)
        # As Django knows it: a line for each would make a flood dearer, and fill the log.
        answer._has_been_logged = True  # type: ignore[attr-defined]
    except Problem as refusal:
        answer = refusal.answer(request)
    for name, value in headers.items():
        answer.headers[name] = value
    patch_vary_headers(answer, VARIES_ON)
    if isinstance(answer, HttpResponse) and request.method in SAFE and answer.status_code == 200:
        answer = _tagged(request, answer)
    if isinstance(answer, HttpResponse) and request.method == "HEAD":
        answer.headers["Content-Length"] = str(len(answer.content))
        answer.content = b""
    return answer


def _asked(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    """What the operation answers. HEAD is GET without its body (RFC 9110, section 9.3.2)."""
    method = request.method
    if method == "HEAD":
        request.method = "GET"
    try:
        answer = view(request, *args, **kwargs)
    finally:
        request.method = method
    if answer.status_code == 405 and answer.headers.get("Content-Type") != problems.CONTENT_TYPE:
        return problems.not_allowed(answer.headers.get("Allow", "")).answer(request)
    return answer


def _readable(request: HttpRequest) -> None:
    """No database takes the character NUL, so nothing that is asked for has it."""
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        raise problems.bad_request(_("The address holds a character that no name has (NUL)."))


def _tagged(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The answer with its tag, or 304 where whoever asks has it already (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    answer.headers["ETag"] = tag
    if not _has(request, tag):
        return answer
    kept = {name: answer.headers[name] for name in KEPT_ON_304 if name in answer.headers}
    return HttpResponseNotModified(headers=kept)


def _has(request: HttpRequest, tag: str) -> bool:
    named = request.headers.get("If-None-Match", "")
    return named.strip() == "*" or tag in {
        one.strip().removeprefix("W/") for one in named.split(",")
    }
