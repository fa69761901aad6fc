"""Captions for the player: the current transcript, for whoever holds a token of its recording."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.media import playback, tokens
from meetings.media.models import Recording
from memberships.gate.audience import capability

from . import exports, queries


def opens_all(request: HttpRequest, token: str) -> bool:
    """The token is good for the whole recording: its captions are all that was said."""
    leave = playback.leave_of(token, now=timezone.now())
    return leave is not None and leave.is_whole


@capability(opens_all, refusal=403)
@require_safe
def captions(request: HttpRequest, token: str) -> HttpResponseBase:
    """WebVTT on the recording's clock, read while it is sent. 404 where nothing is written yet."""
    key = tokens.read(token).recording
    recording = Recording.objects.filter(key=key).select_related("meeting").first()
    transcript = queries.current(recording.meeting) if recording is not None else None
    if transcript is None:
        return HttpResponse(status=404)
    export = exports.EXPORTS["vtt"]
    about = exports.About(title="", language=transcript.language)
    return StreamingHttpResponse(
        export.write(queries.segments(transcript), about), content_type=export.content_type
    )
