"""A clip's own page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from memberships.gate.audience import capability
from memberships.gate.entitlement import Request

from .. import queries


def may_play(request: HttpRequest, slug: str, **_rest: object) -> bool:
    """Whoever asks may open and play this clip now: for the marks of all that belongs to one."""
    return queries.readable(slug, request.user, now=timezone.now()) is not None


@capability(may_play)
@require_safe
def clip(request: Request, slug: str) -> HttpResponse:
    """The clip with its words, and where it was cut from."""
    found = queries.readable(slug, request.user, now=timezone.now())
    return render(request, "clips/page.html", {"clip": found})
