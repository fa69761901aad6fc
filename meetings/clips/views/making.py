"""Making a clip: the form as a page, and as the part of one that the reader's dialog shows."""

import re
from collections.abc import Sequence

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meetings.media import queries as media
from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from memberships.gate.audience import members_only
from memberships.gate.entitlement import Request, User

from .. import making, services
from ..forms.making import MakingForm
from ..models import Clip
from ..wanted import Wanted, tidy, widened_to, without

_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_VERB = re.compile(r"(cut|check|more|drop|widen)(?::(\d{1,3}))?(?::(\d))?", re.ASCII)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The form of a new clip; with POST, the clip.

    `?meeting=` is its meeting, `from` and `to` are the times of each part in seconds or as a
    clock, `first` and `last` the keys of a part's segments. What a button is named says what is to
    be done: nothing is stored but with `do=cut`. With `HX-Request` the answer is the form alone,
    and 201 with the clip's address once it is cut.
    """
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    is_sent = request.method == "POST"
    asked = request.POST if is_sent else request.GET
    meeting = _meeting(request, asked.get("meeting", ""))
    recording = media.playable(meeting)
    transcript = transcripts.current(meeting)
    verb, number, which = _verb(asked.get("do", "check")) if is_sent else ("check", 0, 0)
    wanted = _wanted(asked) + making.of_keys(transcript, _keys(asked))
    shown = making.parts(transcript, wanted if is_sent else tidy(wanted))
    if changed := _changed(shown, verb, number, which):
        shown = making.parts(transcript, changed)
    suggested = making.suggested(shown, request.user)
    said = {name: asked.get(name, "") for name in [*MakingForm.base_fields, "suggested"]}
    form = MakingForm(
        request.POST if verb == "cut" else None,
        wanted=[part.wanted for part in shown],
        duration_ms=recording.duration_ms or 0 if recording else 0,
        initial=making.kept(said, suggested) if is_sent else suggested,
    )
    is_amiss = any(part.findings for part in shown)
    if verb == "cut" and form.is_valid() and (form.is_seen or not is_amiss):
        try:
            clip = services.cut(
                owner=request.user,
                meeting=meeting,
                spans=form.spans,
                now=timezone.now(),
                **form.described(),
            )
        except services.NotCut as error:
            form.add_error(None, str(error))
        else:
            return _made(request, clip)
    context = {
        "meeting": meeting,
        "recording": recording,
        "transcript": transcript,
        "form": form,
        "parts": shown,
        "suggested": suggested,
        "is_amiss": is_amiss,
        "playback_seconds": settings.PLAYBACK_SECONDS,
    }
    template = "clips/_making.html" if _is_part(request) else "clips/making.html"
    return render(request, template, context, status=422 if verb == "cut" else 200)


def _meeting(request: Request, pk: str) -> Meeting:
    if not _ID.fullmatch(pk):
        raise Http404
    known = Meeting.objects.readable_by(request.user).select_related("body__place")
    return get_object_or_404(known, pk=int(pk))


def _wanted(asked: QueryDict) -> list[Wanted]:
    """The parts that are written. What one of the two times is missing for is a part as well."""
    starts, ends = asked.getlist("from"), asked.getlist("to")
    most = max(len(starts), len(ends))
    starts, ends = [*starts, *[""] * (most - len(starts))], [*ends, *[""] * (most - len(ends))]
    parts = [Wanted(start[:20], end[:20]) for start, end in zip(starts, ends, strict=True)]
    return parts[: settings.CLIP_MAX_SPANS + 1]  # one more than may be, so that it is said


def _keys(asked: QueryDict) -> list[tuple[str, str]]:
    pairs = zip(asked.getlist("first"), asked.getlist("last"), strict=False)
    return list(pairs)[: settings.CLIP_MAX_SPANS]


def _verb(text: str) -> tuple[str, int, int]:
    """What is to be done, with which part, and with which of its findings."""
    found = _VERB.fullmatch(text)
    if found is None:
        raise Http404
    verb, number, which = found.groups()
    return verb, int(number or 0), int(which or 0)


def _changed(
    shown: Sequence[making.Part], verb: str, number: int, which: int
) -> list[Wanted] | None:
    """The parts after the verb; None where it changes none of them."""
    wanted = [part.wanted for part in shown]
    if verb == "drop":
        return without(wanted, number)
    if verb == "more" or not wanted:
        return [*wanted, Wanted("", "")]
    if verb == "widen":
        offer = making.offer(shown, number, which)
        return widened_to(wanted, number, offer) if offer else None
    return None


def _is_part(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def _made(request: Request, clip: Clip) -> HttpResponse:
    if _is_part(request):
        return HttpResponse(status=201, headers={"Location": clip.get_absolute_url()})
    return redirect(clip)
