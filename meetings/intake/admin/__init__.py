"""The screens of what touches several rooms: taking in, publishing, withdrawing, running again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from meetings.articles.models import Article, ErrorReport
from meetings.articles.services import asks_a_model
from meetings.clips.models import Clip
from meetings.media.models import Recording, Upload
from meetings.records.admin import MeetingAdmin
from meetings.records.models import Meeting, State
from meetings.records.services import MOVES, IllegalMove
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Transcript
from memberships.gate.entitlement import User

from .. import recordings, services
from ..forms import ImportForm, ReasonForm, SureForm
from ..journal import ImportJournal, ReadOnly
from ..models import Import, Step
from ..parcels import bundles, open_bundle
from ..recordings import RecordingDesk, UploadDesk
from ..repairs import Refused
from ..screens import TranscriptDesk
from ..verbs import Verb
from .articles import ArticleDesk
from .clips import ClipDesk
from .reports import ReportDesk

admin.site.register(Transcript, TranscriptDesk)
admin.site.register(Recording, RecordingDesk)
admin.site.register(Upload, UploadDesk)
admin.site.register(Import, ImportJournal)
admin.site.register(Clip, ClipDesk)
admin.site.register(Article, ArticleDesk)
admin.site.register(ErrorReport, ReportDesk)


_publish = Verb(
    gettext_lazy("Publish this meeting?"),
    SureForm,
    lambda row, request: services.publish_meeting(meeting=row, now=timezone.now()),
    gettext_lazy("The meeting is published."),
)
_announce = Verb(
    gettext_lazy("Announce this meeting with its agenda?"),
    SureForm,
    lambda row, request: services.announce_meeting(meeting=row),
    gettext_lazy("The meeting is announced."),
)
_withdraw = Verb(
    gettext_lazy("Withdraw this meeting, its transcript and its articles?"),
    ReasonForm,
    lambda row, request, reason: services.withdraw_meeting(meeting=row, reason=reason),
    gettext_lazy("The meeting is withdrawn."),
)
_draft = Verb(
    gettext_lazy("Have an article drafted from the current transcript?"),
    SureForm,
    lambda row, request: services.ask_for_draft(meeting=row),
    gettext_lazy("A worker drafts the article. It will wait among the articles to review."),
)
_excerpt = Verb(
    gettext_lazy("Have an article drafted that only picks sentences that were said?"),
    SureForm,
    lambda row, request: services.ask_for_excerpts(meeting=row),
    gettext_lazy("A worker drafts the article. No language model is asked."),
)


@admin.register(Meeting)
class MeetingDesk(MeetingAdmin):
    """A meeting with everything that can be done to it."""

    actions_list = ["bring_in"]
    actions_detail = [
        "announce",
        "publish",
        "recordings",
        "transcript",
        "draft",
        "excerpt",
        "withdraw",
    ]

    @action(description=gettext_lazy("Bring meetings in"), url_path="bring-in")
    def bring_in(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        if not isinstance(request.user, User):
            raise PermissionDenied
        data = (request.POST, request.FILES) if sent else ()
        form = ImportForm(*data, sender=request.user)
        if sent and form.is_valid():
            _take_in(form, request)
            if not form.errors:
                return HttpResponseRedirect(reverse("admin:meetings_meeting_changelist"))
        context = {
            **self.admin_site.each_context(request),
            **recordings.sending(request, meeting=None),
            "title": _("Bring meetings in"),
            "form": form,
            "opts": self.model._meta,
        }
        return TemplateResponse(
            request, "admin/intake/bring_in.html", context, status=422 if form.errors else 200
        )

    @action(description=gettext_lazy("Announce"), url_path="announce", permissions=["announce"])
    def announce(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _announce.answer(self, request, object_id)

    @action(description=gettext_lazy("Publish"), url_path="publish", permissions=["publish"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _publish.answer(self, request, object_id)

    @action(
        description=gettext_lazy("Recordings"), url_path="recordings", permissions=["recordings"]
    )
    def recordings(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return recordings.page(self, request, object_id)

    def has_recordings_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("meetings.add_recording")

    @action(description=gettext_lazy("Draft an article"), url_path="draft")
    def draft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _draft.answer(self, request, object_id)

    @action(
        description=gettext_lazy("Draft without a model"),
        url_path="excerpt",
        permissions=["excerpt"],
    )
    def excerpt(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _excerpt.answer(self, request, object_id)

    def has_excerpt_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Offered where a model drafts otherwise: without one every draft is such."""
        return asks_a_model() and request.user.has_perm("meetings.change_meeting")

    @action(description=gettext_lazy("Withdraw"), url_path="withdraw", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _withdraw.answer(self, request, object_id)

    @action(
        description=gettext_lazy("Edit transcript"),
        url_path="transcript",
        permissions=["transcript"],
    )
    def transcript(self, request: HttpRequest, object_id: str) -> HttpResponse:
        current = transcripts.current(get_object_or_404(Meeting, pk=unquote(object_id)))
        if current is None:
            messages.info(request, _("This meeting has no transcript yet."))
            return HttpResponseRedirect(f"../../{unquote(object_id)}/change/")
        return HttpResponseRedirect(f"../../../transcript/{current.pk}/edit/")

    def has_transcript_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("meetings.change_transcript")

    def has_announce_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._can_become(State.ANNOUNCED, request, object_id)

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._can_become(State.PUBLISHED, request, object_id)

    def has_withdraw_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._can_become(State.WITHDRAWN, request, object_id)

    def _can_become(self, state: State, request: HttpRequest, object_id: str) -> bool:
        """Only moves that are legal now are offered. The service has the last word."""
        meeting = self.get_object(request, unquote(object_id))
        return (
            meeting is not None
            and self.has_change_permission(request, meeting)
            and state in MOVES[State(meeting.state)]
        )


def _take_in(form: ImportForm, request: HttpRequest) -> None:
    """Each meeting in its own transaction. What is refused becomes an error of the form."""
    for bundle in bundles(list(form.offered())):
        try:
            parcel = open_bundle(bundle, form.defaults)
            taken = services.take_in(parcel=parcel, by=form.sender, now=timezone.now())
            if upload := form.cleaned_data["recording"]:
                services.give_upload(upload=upload, meeting=taken.meeting)
            if form.cleaned_data["publish"] and not taken.meeting.is_published:
                services.publish_meeting(meeting=taken.meeting, now=timezone.now())
        except (Refused, IllegalMove) as error:
            form.add_error(None, f"{bundle.name}: {error}")
            continue
        except OSError as error:
            said = _("The files cannot be written: %s.") % error.strerror
            form.add_error(None, f"{bundle.name}: {said}")
            continue
        if taken.outcome is services.Outcome.UNCHANGED:
            messages.info(request, _("%s is known already. Nothing changed.") % bundle.name)
            continue
        messages.success(
            request,
            _("%(name)s was taken: %(count)d segments.")
            % {"name": bundle.name, "count": taken.segment_count},
        )
        for sentence in (*taken.notes, *taken.repairs):
            messages.warning(request, f"{bundle.name}: {sentence}")


@admin.register(Step)
class StepAdmin(ReadOnly):
    """The steps from a recording to an article. Any of them can be run again."""

    list_display = ["name", "meeting", "state", "how_far", "tries", "duration", "error"]
    list_filter = ["state", "name"]
    list_select_related = ["meeting"]
    search_fields = ["meeting__title"]
    ordering = ["-id"]
    actions = ["run_again"]

    @admin.display(description=gettext_lazy("progress"), ordering="progress")
    def how_far(self, row: Step) -> str:
        return f"{row.progress} %" if row.progress else "–"

    @admin.action(description=gettext_lazy("Run again"))
    def run_again(self, request: HttpRequest, queryset: Any) -> None:
        if not request.user.has_perm("meetings.change_step"):
            raise PermissionDenied
        for step in queryset.select_related("meeting"):
            services.run_again(step=step)
        messages.success(request, _("A worker takes them up within a minute."))
