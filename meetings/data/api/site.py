"""The API as one: its resources, how refusals are told, and its addresses behind the door."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from . import articles, corrections, door, own, problems, records, searching, segments, words
from .callers import MemberToken
from .problems import Problem

api = NinjaAPI(
    title=f"{settings.SITE_NAME} API",
    version="1",
    description=(
        "Meetings, what was said in them, and the articles that rest on it. Public facts need no "
        "token; the rest needs a member's."
    ),
    auth=MemberToken(),
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
)
for part in (records, articles, corrections, words, segments, searching, own):
    api.add_router("", part.router)


@api.exception_handler(Problem)
def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.answer(request)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problems.not_found().answer(request)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.invalid([_told(one) for one in error.errors]).answer(request)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: a body that is no JSON."""
    return problems.bad_request(str(error)).answer(request)


def _told(error: dict[str, Any]) -> dict[str, object]:
    """Where and what, in our words for places. What was sent is not sent back."""
    place, *names = error["loc"]
    name = ".".join(str(part) for part in names[1:] or names)
    return {"in": str(place), "name": name, "detail": str(error["msg"])}


def addresses() -> list[URLPattern]:
    """All addresses of operations, each behind the door."""
    patterns, _app, _namespace = api.urls
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            pattern.callback = door.behind(pattern.callback)
            found.append(pattern)
    return found
