"""A clip's own page, and the page that other sites show in a frame."""

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from memberships.gate.audience import capability
from memberships.gate.entitlement import Request, is_member

from .. import downloads, embedding, linked_data, queries, showing
from ..models import Clip


def may_play(request: HttpRequest, slug: str, **_rest: object) -> bool:
    """Whoever asks may open and play this clip now: for the marks of all that belongs to one."""
    return queries.readable(slug, request.user, now=timezone.now()) is not None


def may_know(request: HttpRequest, slug: str) -> bool:
    """The clip's page has something to say to whoever asks: itself, or what became of it."""
    known = Clip.objects.known_to(request.user, at=timezone.now())
    return known.filter(slug=slug).exists()


@capability(may_know)
@require_safe
def clip(request: Request, slug: str) -> HttpResponse:
    """The clip with its words, and where it was cut from; or that it is gone, and why."""
    now = timezone.now()
    clip = queries.readable(slug, request.user, now=now)
    if clip is None:
        known = Clip.objects.known_to(request.user, at=now).select_related("meeting__body")
        gone = get_object_or_404(known, slug=slug)
        return render(request, "clips/gone.html", {"clip": gone}, status=410)
    page = showing.clip_page(clip)
    is_own = clip.owner_id == request.user.pk
    context = {
        "page": page,
        "clip": clip,
        "meeting": clip.meeting,
        "is_own": is_own,
        "is_hidden": not clip.is_private and not _is_shown(clip, request, is_own=is_own),
        "playback_seconds": settings.PLAYBACK_SECONDS,
        "downloads": downloads.of(clip),
        "frame": embedding.frame_of(clip),
        "linked_data": linked_data.video_object(page),
    }
    return render(request, "clips/page.html", context)


@capability(may_play)
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]  # as if routes had no parameters
@require_safe
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The clip's player alone, for the frames of other sites. No cookie comes along there."""
    clip = queries.readable(slug, request.user, now=timezone.now())
    if clip is None:
        return HttpResponse(status=404)
    context = {
        "clip": clip,
        "meeting": clip.meeting,
        "page": showing.clip_page(clip),
        "playback_seconds": settings.PLAYBACK_SECONDS,
    }
    return render(request, "clips/embed.html", context)


def _is_shown(clip: Clip, request: Request, *, is_own: bool) -> bool:
    """Whether others see it, which hangs on its owner's membership now."""
    if is_own:
        return bool(request.is_member)
    if not request.user.is_staff:
        return True  # or it would not be readable
    return clip.owner is not None and is_member(clip.owner, timezone.now())
