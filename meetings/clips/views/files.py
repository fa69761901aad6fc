"""A clip's files: to download, to have made, and how far the making is."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from meetings.media import bucket, playback, storage
from memberships.gate.audience import capability, signed_in
from memberships.gate.entitlement import Request

from .. import captioned, downloads, files, playing, queries, services
from ..models import Clip, Rendering
from .page import may_play

PART = "clips/_files.html"


@capability(may_play)
@require_safe
def video(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The clip as a file, where it is made: as it was recorded, or with captions in the picture."""
    ending = "" if kind == Rendering.Kind.PLAIN else f"-{kind}"
    return _made(request, slug, kind, f"{ending}.mp4")


@capability(may_play)
@require_safe
def audio(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The clip's sound alone, where it is made: what podcast players fetch."""
    return _made(request, slug, Rendering.Kind.AUDIO, ".m4a")


@capability(may_play)
@require_safe
def captions(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The clip's words as captions that run with its file."""
    clip = get_object_or_404(Clip.objects.with_source(), slug=slug)
    pieces = captioned.as_file(clip, playing.spans_of(clip), kind)
    answer = StreamingHttpResponse(pieces, content_type=captioned.TYPES[kind])
    answer["Content-Disposition"] = _save_as(f"{_name(clip)}.{kind}")
    return answer


@capability(may_play)
@require_safe
def poster(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The clip's first picture; until that is made, the meeting's."""
    clip = get_object_or_404(Clip.objects.with_source(), slug=slug)
    row = queries.ends_of(clip)
    if row is not None and row.file_name:
        return _given(request, row.file_name)
    if not clip.recording.has_poster:
        raise Http404
    return redirect(reverse("poster", args=[clip.meeting_id]))


@capability(may_play)
@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    """What there is to download, and how far the making is: a part of the clip's page."""
    return _part(request, slug)


@signed_in
@require_POST
def make(request: Request, slug: str) -> HttpResponse:
    """Have a file made of one's own clip."""
    clip = get_object_or_404(Clip.objects.owned_by(request.user).standing(), slug=slug)
    kind = _kind(request)
    if not request.is_member:
        return redirect("membership")
    services.have_made(clip=clip, kind=kind, now=timezone.now())
    return _after(request, clip)


@signed_in
@require_POST
def stop(request: Request, slug: str) -> HttpResponse:
    """Call off the making of a file of one's own clip."""
    clip = get_object_or_404(Clip.objects.owned_by(request.user), slug=slug)
    services.call_off(clip=clip, kind=_kind(request))
    return _after(request, clip)


def _kind(request: HttpRequest) -> str:
    kind = request.POST.get("kind", "")
    if kind not in downloads.KINDS:
        raise Http404
    return kind


def _after(request: Request, clip: Clip) -> HttpResponse:
    """The part for our script; the page for a form by itself."""
    if request.headers.get("HX-Request") == "true":
        return _part(request, clip.slug)
    return redirect(f"{clip.get_absolute_url()}#files")


def _part(request: Request, slug: str) -> HttpResponse:
    clip = queries.readable(slug, request.user, now=timezone.now())
    if clip is None:
        raise Http404
    is_own = clip.owner_id == request.user.pk
    context = {"clip": clip, "is_own": is_own, "downloads": downloads.of(clip)}
    return render(request, PART, context)


def _made(request: HttpRequest, slug: str, kind: str, ending: str) -> HttpResponseBase:
    rows = Rendering.objects.ready().filter(clip__slug=slug, kind=kind).select_related("clip")
    row = rows.order_by("-pk").first()
    if row is None:
        raise Http404
    return _given(request, row.file_name, save_as=f"{_name(row.clip)}{ending}")


def _given(request: HttpRequest, name: str, *, save_as: str = "") -> HttpResponseBase:
    """A file of a clip, from wherever it lies."""
    if storage.is_remote():
        said, method = (_save_as(save_as) if save_as else ""), request.method or "GET"
        return HttpResponseRedirect(bucket.address(name, method=method, disposition=said))
    answer = playback.send(files.path_of(name), request)
    if save_as and answer.status_code < 300:
        answer["Content-Disposition"] = _save_as(save_as)
    return answer


def _save_as(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


def _name(clip: Clip) -> str:
    """What a file is called on somebody's own machine."""
    return slugify(clip.title)[:60].strip("-") or clip.slug
