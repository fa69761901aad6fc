"""The API's page, its description for machines, playlists by token, and addresses that are none."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from meetings.data.api import limits, problems
from meetings.data.api.openapi import BASE, description
from meetings.data.api.samples import operations, samples
from meetings.media import playback, segments, tokens
from meetings.media.models import Recording
from meetings.records.models import State
from memberships.gate.audience import capability, public
from memberships.gate.entitlement import Request


@public(cached=True)
@require_safe
def docs(request: Request) -> HttpResponse:
    """How programs use the API: tokens, pages, copies, limits, problems, each address."""
    context = {
        "base": settings.SITE_URL + BASE,
        "groups": operations(description()),
        "samples": samples(settings.SITE_URL + BASE),
        "member": limits.of_members().most,
        "visitor": limits.of_visitors().most,
        "mcp": settings.SITE_URL + reverse("mcp"),
    }
    return render(request, "data/reference.html", context)


@public(cached=True)
@require_safe
def openapi(request: Request) -> HttpResponse:
    """OpenAPI 3.1."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


def opens_all(request: HttpRequest, token: str) -> bool:
    """The token is good for the whole recording."""
    leave = playback.leave_of(token, now=timezone.now())
    return leave is not None and leave.is_whole


@capability(opens_all, refusal=403)
@require_safe
def playlist(request: HttpRequest, token: str) -> HttpResponseBase:
    """The playlist that a token opens, with addresses that are good as long as it is."""
    leave = tokens.read(token)
    rows = Recording.objects.current().ready().filter(meeting__state=State.PUBLISHED)
    recording = get_object_or_404(rows, key=leave.recording, package_version=leave.version)
    base = reverse("playback", args=[token, segments.INIT]).removesuffix(segments.INIT)
    lines = segments.playlist(recording.segment_ends_ms, base=base)
    return HttpResponse("".join(lines), content_type=playback.PLAYLIST_TYPE)


@public
@csrf_exempt
def unknown(request: Request, rest: str = "") -> HttpResponse:
    """What is no address of the API, said as the API says it."""
    return problems.not_found().answer(request)
