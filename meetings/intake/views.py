"""Where recordings are sent to, piece by piece (tus). What follows touches several rooms.

Every method that changes something is held to Django's CSRF check: the page's token comes in the
header X-CSRFToken, and a browser that another site steers has none. Nothing here reads `body` or
`POST`, which would take a piece into memory.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.media import tus, uploads
from meetings.media.models import Upload
from meetings.records.models import Meeting
from memberships.gate.audience import staff_only
from memberships.gate.entitlement import User

from . import services


@staff_only
def begin_upload(request: HttpRequest) -> HttpResponseBase:
    """Creation: a file of this size, for this meeting or for one that is being brought in."""
    method = tus.method_of(request)
    if method == "OPTIONS":
        return tus.options()
    if method != "POST":
        return tus.refused(405, _("Files are begun by POST."), {"Allow": "OPTIONS, POST"})
    user = _sender(request)
    if user is None:
        return _not_allowed()
    try:
        wish = tus.wish(request)
        upload = uploads.begin(
            owner=user,
            name=wish.metadata.get("filename", ""),
            size_bytes=wish.size_bytes,
            modified_ms=_number(wish.metadata.get("modified", "")),
            meeting=_meeting(wish.metadata.get("meeting", "")),
            now=timezone.now(),
        )
    except tus.NotUnderstood as error:
        return tus.refused(error.status, str(error))
    except uploads.NotBegun as error:
        return tus.not_begun(error)
    return tus.created(upload, reverse("upload", args=[upload.key]))


@staff_only
def upload(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """One upload: how much is here, a piece more, no more of it, or what became of it."""
    method = tus.method_of(request)
    if method == "OPTIONS":
        return tus.options()
    user = _sender(request)
    if user is None:
        return _not_allowed()
    row = get_object_or_404(Upload.objects.owned_by(user), key=key)
    try:
        if method == "GET":
            return _became(row)
        if method == "HEAD":
            services.note_arrival(upload=row)
            return tus.head(request, row, now=timezone.now())
        if method == "PATCH":
            answer = tus.patch(request, row, now=timezone.now())
            services.note_arrival(upload=row)
            return answer
        if method == "DELETE":
            return tus.terminate(request, row)
    except tus.NotUnderstood as error:
        return tus.refused(error.status, str(error))
    allowed = {"Allow": "OPTIONS, GET, HEAD, PATCH, DELETE"}
    return tus.refused(405, _("Nothing is done with an upload in this way."), allowed)


def _became(row: Upload) -> HttpResponse:
    """For the page that waits for a worker: the state, and what there is to say of it."""
    recording = row.recording
    return JsonResponse(
        {
            "state": row.state,
            "says": row.error,
            "packaging": recording.state if recording else "",
            "progress": recording.progress if recording else 0,
            "error": recording.error if recording else "",
        }
    )


def _sender(request: HttpRequest) -> User | None:
    user = request.user
    may = user.has_perm("meetings.add_recording")
    return user if may and isinstance(user, User) else None


def _not_allowed() -> HttpResponse:
    return tus.refused(403, _("You may not bring recordings in."))


def _meeting(given: str) -> Meeting | None:
    if not given:
        return None
    meeting = Meeting.objects.filter(pk=_number(given)).first()
    if meeting is None:
        raise tus.NotUnderstood(_("There is no such meeting."))
    return meeting


def _number(given: str) -> int:
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) <= 15):
        raise tus.NotUnderstood(_("“%s” is no number.") % given[:20])
    return int(given)
