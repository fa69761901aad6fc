"""The screens of recordings: sending one, and what was sent, is shown or was removed."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from meetings.media import pieces, retention, uploads
from meetings.media import services as media
from meetings.media.admin import RecordingAdmin
from meetings.media.models import Upload, UploadState
from meetings.records.models import Meeting
from memberships.gate.entitlement import User

from . import arrivals

MEETINGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """An upload as its page shows it."""

    upload: Upload
    offset: int
    is_mine: bool

    @property
    def percent(self) -> int:
        return self.offset * 100 // self.upload.size_bytes


def sending(request: HttpRequest, meeting: Meeting | None) -> dict[str, Any]:
    """What the part `admin/intake/_sending.html` shows: limits, and what was sent and waits."""
    rows = Upload.objects.pending().filter(meeting=meeting).select_related("owner")
    if meeting is None:
        rows = rows.owned_by(request.user) if isinstance(request.user, User) else rows.none()
    return {
        "may_send": request.user.has_perm("meetings.add_recording"),
        "meeting": meeting,
        "sent": [_sent(row, request) for row in rows.order_by("-id")[: uploads.MANY]],
        "most_gb": f"{settings.UPLOAD_MAX_GB:g}",
        "kept_hours": round(settings.UPLOAD_KEPT_HOURS),
        "piece_bytes": settings.UPLOAD_PIECE_MB * 2**20,
    }


def page(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The recordings of one meeting: send one, and what can be done with those that are there."""
    if not request.user.has_perm("meetings.add_recording"):
        raise PermissionDenied
    meeting = get_object_or_404(model_admin.get_queryset(request), pk=unquote(object_id))
    if request.method == "POST":
        _do(meeting, request)
        return HttpResponseRedirect(request.path)
    recordings = meeting.recordings.defer("segment_ends_ms").order_by("-is_current", "-id")
    context = {
        **model_admin.admin_site.each_context(request),
        **sending(request, meeting),
        "title": _("Recordings of this meeting"),
        "recordings": recordings,
        "removed_days": retention.REMOVED.days,
        "may_change": request.user.has_perm("meetings.change_recording"),
        "may_delete": request.user.has_perm("meetings.delete_recording"),
        "opts": model_admin.model._meta,
    }
    return TemplateResponse(request, "admin/intake/recordings.html", context)


def _do(meeting: Meeting, request: HttpRequest) -> None:
    """One of the page's buttons. What the page does not name is done to nothing."""
    user = request.user
    verb, number = request.POST.get("do", ""), request.POST.get("row", "")
    row = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    try:
        match verb:
            case "show" if user.has_perm("meetings.change_recording"):
                recording = get_object_or_404(meeting.recordings, pk=row)
                arrivals.show(recording=recording)
                messages.success(request, _("Readers see this recording now."))
            case "remove" if user.has_perm("meetings.delete_recording"):
                recording = get_object_or_404(meeting.recordings, pk=row)
                media.remove(recording=recording, now=timezone.now())
                messages.success(request, _("The recording was removed. You can still undo it."))
            case "again":
                uploads.look_again(get_object_or_404(meeting.uploads, pk=row))
                messages.success(request, _("A worker looks at it again within a minute."))
            case "give up":
                uploads.give_up(get_object_or_404(meeting.uploads, pk=row))
                messages.success(request, _("The upload was removed."))
            case _:
                raise PermissionDenied
    except (media.NotRemovable, pieces.Closed) as error:
        messages.error(request, str(error))


def _sent(upload: Upload, request: HttpRequest) -> Sent:
    try:
        there = uploads.offset(upload)
    except pieces.Closed:
        there = 0
    return Sent(upload, there, is_mine=upload.owner_id == request.user.pk)


class RecordingDesk(RecordingAdmin):
    """A recording, and the ways to where one is sent. Its step is run again among the steps."""

    actions_list = ["bring_in"]
    actions_detail = ["all_of_meeting"]

    @action(description=gettext_lazy("Bring a recording in"), url_path="bring-in")
    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """For which meeting? The newest first, those without a recording before the others."""
        if not request.user.has_perm("meetings.add_recording"):
            raise PermissionDenied
        wanted = request.GET.get("q", "").strip()[:100]
        rows = Meeting.objects.select_related("body").order_by("-held_on", "-id")
        if wanted:
            rows = rows.filter(Q(title__icontains=wanted) | Q(body__name__icontains=wanted))
        else:
            rows = rows.exclude(recordings__is_current=True)
        context = {
            **self.admin_site.each_context(request),
            "title": _("For which meeting is the recording?"),
            "meetings": rows[:MEETINGS_SHOWN],
            "wanted": wanted,
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/intake/which_meeting.html", context)

    @action(description=gettext_lazy("Replace or remove"), url_path="all-of-meeting")
    def all_of_meeting(self, request: HttpRequest, object_id: str) -> HttpResponse:
        recording = get_object_or_404(self.get_queryset(request), pk=unquote(object_id))
        return HttpResponseRedirect(
            reverse("admin:meetings_meeting_recordings", args=[recording.meeting_id])
        )


class UploadDesk(ModelAdmin):
    """Files on their way in, of all staff."""

    list_display = ["name", "meeting", "owner", "state", "error", "begun_at", "expires_at"]
    list_filter = ["state"]
    list_select_related = ["meeting", "owner"]
    search_fields = ["name", "meeting__title"]
    ordering = ["-id"]
    actions = ["look_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:
        allowed = bool(super().has_delete_permission(request, obj))
        return allowed and obj is not None and obj.state != UploadState.TAKEN

    def delete_model(self, request: HttpRequest, obj: Upload) -> None:
        uploads.give_up(obj)

    @admin.action(description=gettext_lazy("Look again"))
    def look_again(self, request: HttpRequest, queryset: QuerySet[Upload]) -> None:
        if not request.user.has_perm("meetings.change_upload"):
            raise PermissionDenied
        for upload in queryset:
            uploads.look_again(upload)
        messages.success(request, _("A worker looks at them again within a minute."))
