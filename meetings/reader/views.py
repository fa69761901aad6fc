"""The meeting page and the transcript to take away."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings
from django.http import Http404, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meetings.articles import exporting
from meetings.articles import queries as articles
from meetings.records.models import Meeting, State
from meetings.transcripts import exports
from meetings.transcripts import queries as transcripts
from meetings.transcripts.captions import to_captions
from meetings.transcripts.documents import DOCUMENTS, gathered
from memberships.gate.audience import members_only, public
from memberships.gate.entitlement import Request

from . import queries

# Where the page is cut in two, so that the transcript can be sent between the halves. What people
# wrote is escaped, so these brackets come from the template alone.
SEAM = "<!-- transcript -->"
# The first chunk fills a screen and is there at once; the others follow while it is read.
# A chunk is laid out only when it comes near the screen, so it is a few screens and no more.
FIRST_CHUNK, CHUNK = 20, 25
SECONDS_MAX = 10_000_000


@public
@require_safe
def meeting(request: Request, pk: int, slug: str) -> HttpResponseBase:
    """The meeting page: all of the transcript for members, its first two minutes for others."""
    meeting = get_object_or_404(
        Meeting.objects.known_to(request.user).select_related("body__place"), pk=pk
    )
    if meeting.slug != slug:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(meeting.get_absolute_url() + query, permanent=True)
    if meeting.state == State.WITHDRAWN and not request.user.is_staff:
        return render(request, "reader/withdrawn.html", {"meeting": meeting}, status=410)
    page = queries.meeting_page(
        meeting, for_staff=request.user.is_staff, for_member=request.is_member
    )
    at_ms = _moment(request.GET.get("t"))
    context = {
        "page": page,
        "meeting": meeting,
        "at_ms": at_ms,
        "playback_seconds": settings.PLAYBACK_SECONDS,
    }
    if page.transcript is None:
        return render(request, "reader/meeting.html", context)
    if not request.is_member:
        free = transcripts.free_segments(page.transcript)
        marked = next((s for s in free if at_ms is not None and s.end_ms > at_ms), None)
        context |= {
            "turns": list(queries.turns(free, page.agenda)),
            "marked": marked,
            "is_beyond": at_ms is not None and marked is None,
        }
        return render(request, "reader/meeting.html", context)
    marked = queries.segment_at(page.transcript, at_ms) if at_ms is not None else None
    context |= {
        "marked": marked,
        "is_streamed": True,
        "hearing": queries.hearing(page.transcript),
    }
    before, after = render_to_string("reader/meeting.html", context, request).split(SEAM)
    turns = queries.turns(transcripts.segments(page.transcript), page.agenda)
    return StreamingHttpResponse(_streamed(before, turns, after, {"marked": marked}))


def _streamed(
    before: str, turns: Iterable[queries.Turn], after: str, context: dict[str, object]
) -> Iterator[str]:
    yield before
    rest, size = iter(turns), FIRST_CHUNK
    while chunk := list(islice(rest, size)):
        yield render_to_string("reader/_turns.html", {**context, "turns": chunk})
        size = CHUNK
    yield after


def _moment(value: str | None) -> int | None:
    """`?t=` in milliseconds. What is no time at all opens the page at its start."""
    try:
        seconds = float(value) if value else -1
    except ValueError:
        return None
    return round(seconds * 1000) if 0 <= seconds <= SECONDS_MAX else None


@members_only(problem=True)
@require_safe
def export(request: Request, pk: int, extension: str) -> HttpResponseBase:
    """The whole transcript as a file."""
    meeting = get_object_or_404(
        Meeting.objects.readable_by(request.user).select_related("body__place"), pk=pk
    )
    transcript = transcripts.current(meeting)
    if transcript is None:
        raise Http404(_("There is no such transcript."))
    segments = transcripts.segments(transcript)
    if export := exports.EXPORTS.get(extension):
        about = exports.About(
            title=f"{meeting.title}, {meeting.body}, {meeting.held_on:%Y-%m-%d}",
            source_url=settings.SITE_URL + meeting.get_absolute_url(),
            language=transcript.language,
        )
        answer = StreamingHttpResponse(
            export.write(segments, about), content_type=export.content_type
        )
    elif document := DOCUMENTS.get(extension):
        answer = StreamingHttpResponse(
            document.write(segments, gathered(meeting, transcript)),
            content_type=document.content_type,
        )
    else:
        raise Http404(_("There is no such transcript."))
    name = f"{meeting.body.slug}-{meeting.held_on:%Y-%m-%d}-{meeting.pk}.{extension}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@members_only(problem=True)
@require_safe
def insights(request: Request, pk: int) -> HttpResponseBase:
    """The meeting's insights as a file: each with its evidence, by keys and times."""
    meeting = get_object_or_404(
        Meeting.objects.readable_by(request.user).select_related("body__place"), pk=pk
    )
    transcript = transcripts.current(meeting)
    if transcript is None:
        raise Http404(_("There is no such transcript."))
    answer = JsonResponse(exporting.insights(meeting, articles.insights(transcript)))
    name = f"{meeting.body.slug}-{meeting.held_on:%Y-%m-%d}-{meeting.pk}-insights.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@members_only(problem=True)
@require_safe
def captions(request: Request, pk: int) -> HttpResponseBase:
    """The transcript as the player shows it over the picture."""
    meeting = get_object_or_404(Meeting.objects.readable_by(request.user), pk=pk)
    transcript = transcripts.current(meeting)
    if transcript is None:
        raise Http404(_("There is no such transcript."))
    return StreamingHttpResponse(
        to_captions(transcripts.segments(transcript)),
        content_type=exports.EXPORTS["vtt"].content_type,
    )
