"""Playlists and what they name: members get addresses, whoever holds an address gets bytes."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.records.models import Meeting
from memberships.gate.audience import capability, members_only, public
from memberships.gate.entitlement import Request

from . import playback, queries, segments, storage, thumbnails, tokens


@members_only(problem=True)
@require_safe
def playlist(request: Request, pk: int) -> HttpResponseBase:
    """The playlist of a meeting, with addresses that are good for a few minutes."""
    meeting = get_object_or_404(Meeting.objects.readable_by(request.user), pk=pk)
    recording = queries.playable(meeting)
    if recording is None:
        return HttpResponse(status=404)
    token = playback.token_for(recording, now=timezone.now())
    base = reverse("playback", args=[token, segments.INIT]).removesuffix(segments.INIT)
    lines = segments.playlist(recording.segment_ends_ms, base=base)
    return HttpResponse("".join(lines), content_type=playback.PLAYLIST_TYPE)


def is_leave_good(request: HttpRequest, token: str, name: str) -> bool:
    """The token is ours, is not over, and opens this file. It asks no database."""
    leave = playback.leave_of(token, now=timezone.now())
    return leave is not None and playback.opens(leave, name)


@capability(is_leave_good, refusal=403)
@require_safe
def play(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """One file of a package. A token that is good is the permission."""
    return playback.answer(tokens.read(token), name, request)


@public(cached=True)
@require_safe
def poster(request: Request, pk: int) -> HttpResponseBase:
    """A picture out of the video, for whoever may know of the meeting."""
    meeting = get_object_or_404(Meeting.objects.readable_by(request.user), pk=pk)
    recording = queries.playable(meeting)
    if recording is None or not recording.has_poster:
        return HttpResponse(status=404)
    try:
        picture = storage.read(recording.key, recording.package_version, thumbnails.POSTER)
    except OSError:
        return HttpResponse(status=404)
    return HttpResponse(picture, content_type="image/jpeg")
