"""What a clip's player fetches: its playlist; and what it tells: that it was played."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from meetings.articles.visitors import reporter_hash
from meetings.media import bucket, playback, storage
from memberships.gate.audience import capability
from memberships.gate.entitlement import Request

from .. import files, playing, services
from ..models import Clip, Rendering
from .page import may_play


@capability(may_play)
@require_safe
def playlist(request: Request, slug: str) -> HttpResponse:
    """The clip as HLS: segments that overlap its spans, with tokens that open no others."""
    clip = get_object_or_404(Clip.objects.select_related("recording"), slug=slug)
    if not clip.recording.is_ready:  # it is being packaged anew
        return HttpResponse(status=404)
    lines = playing.playlist(clip, now=timezone.now())
    return HttpResponse("".join(lines), content_type=playback.PLAYLIST_TYPE)


@capability(may_play)
@require_safe
def piece(request: HttpRequest, slug: str, row: int, number: int) -> HttpResponseBase:
    """An end piece of the playlist: a few seconds that lie inside of a span."""
    ends = get_object_or_404(
        Rendering.objects.ready(), pk=row, clip__slug=slug, kind=Rendering.Kind.ENDS
    )
    if number >= len(ends.parts):
        raise Http404
    name = ends.parts[number]["name"]
    if storage.is_remote():
        return HttpResponseRedirect(bucket.address(name, method=request.method or "GET"))
    return playback.send(files.path_of(name), request)


@capability(may_play)
@csrf_exempt  # it counts, and checks itself where the request comes from
@require_POST
def played(request: Request, slug: str) -> HttpResponse:
    """The player of our page or embed has begun. Counted once for each visitor and half hour."""
    if not _from_our_pages(request):
        return HttpResponse(status=403)
    clip = get_object_or_404(Clip, slug=slug)
    if clip.owner_id != request.user.pk:
        services.count_play(clip=clip, visitor=reporter_hash(request))
    return HttpResponse(status=204)


def _from_our_pages(request: HttpRequest) -> bool:
    """Browsers say where a request was sent from; one that says nothing is not counted."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin: str = settings.SITE_URL
    return request.headers.get("Origin") == origin
