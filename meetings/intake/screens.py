"""The screens on which staff correct a transcript, compare its versions and say it was reviewed."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import action

from meetings.media import queries as media
from meetings.transcripts import comparing, versions
from meetings.transcripts.admin import TranscriptAdmin
from meetings.transcripts.correcting import NothingChanged, Outdated
from meetings.transcripts.lines import EditRefused
from meetings.transcripts.models import Segment, Transcript
from memberships.gate.entitlement import User

from . import answers, editing

SEGMENTS_A_PAGE = 200
RUNS_A_PAGE = 50


class TranscriptDesk(TranscriptAdmin):
    """A version of a transcript with everything that can be done to it."""

    actions_detail = ["edit", "history"]
    actions_row = ["edit", "history"]

    def get_urls(self) -> list[Any]:
        def at(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            wrapped = self.admin_site.admin_view(view)
            return path(f"<path:object_id>/{route}", wrapped, name=f"meetings_transcript_{name}")

        return [
            at("lines.json", require_safe(self.lines), "lines"),
            at("save/", require_POST(self.save), "save"),
            at("read/", require_safe(self.read), "read"),
            at("compare/", require_safe(self.compare), "compare"),
            at("bring-back/", require_POST(self.bring_back), "bring_back"),
            at("reviewed/", require_POST(self.reviewed), "reviewed"),
            *super().get_urls(),
        ]

    @action(description=gettext_lazy("Edit"), url_path="edit", icon="edit")
    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transcript = self._transcript(request, object_id, to_change=True)
        if not transcript.is_current:
            current = self._current(transcript)
            messages.info(request, _("A newer version is edited: version %d.") % current.version)
            return HttpResponseRedirect(answers.url("edit", current))
        return self._page(
            request,
            "transcript_edit",
            transcript,
            title=_("Edit transcript"),
            recording=media.playable(transcript.meeting),
            playback_seconds=settings.PLAYBACK_SECONDS,
        )

    @action(description=gettext_lazy("Versions"), url_path="versions", icon="history")
    def history(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transcript = self._transcript(request, object_id)
        beside = self._beside(transcript).order_by("-version").select_related("made_by")
        return self._page(
            request,
            "transcript_versions",
            transcript,
            title=_("Versions of the transcript"),
            versions=list(beside),
        )

    def lines(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All lines of a version for the editor, and a token with which it may save."""
        transcript = self._transcript(request, object_id, to_change=True)
        stored = versions.stored(transcript)
        answer = {
            **answers.facts(transcript),
            "csrf": get_token(request),
            "lines": [answers.row(line) for line in stored.lines],
        }
        return JsonResponse(answer, json_dumps_params={"separators": (",", ":")})

    def save(self, request: HttpRequest, object_id: str) -> HttpResponse:
        base = self._transcript(request, object_id, to_change=True)
        try:
            submission = editing.read(json.loads(request.body))
        except (EditRefused, ValueError, RecursionError) as error:
            said = str(error) if isinstance(error, EditRefused) else _("This is not JSON.")
            return JsonResponse({"error": said}, status=400)
        try:
            saved = editing.save(base=base, submission=submission, by=_staff(request))
        except (EditRefused, NothingChanged) as error:
            return JsonResponse({"error": str(error)}, status=422)
        except Outdated as outdated:
            return JsonResponse(answers.met(outdated, submission), status=409)
        made = saved.made
        answer = answers.facts(made.transcript) | {
            "merged_with": answers.facts(made.before) if made.before and made.is_merged else None,
            "resting": [answers.resting(sentence) for sentence in saved.resting],
        }
        return JsonResponse(answer)

    def read(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transcript = self._transcript(request, object_id)
        rows = Segment.objects.filter(transcript=transcript).in_order().select_related("speaker")
        pages = Paginator(rows, SEGMENTS_A_PAGE)
        pages.count = transcript.segment_count
        return self._page(
            request,
            "transcript_version",
            transcript,
            title=_("Version %d of the transcript") % transcript.version,
            segments=pages.get_page(request.GET.get("page")),
            current=self._current(transcript),
        )

    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """This version, and how it differs from the one of the number `with`."""
        transcript = self._transcript(request, object_id)
        number = request.GET.get("with", "")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise Http404
        other = get_object_or_404(self._beside(transcript), version=int(number))
        was, now = sorted((transcript, other), key=lambda one: one.version)
        comparison = comparing.compared(*(versions.stored(one).lines for one in (was, now)))
        shown = Paginator(comparison.runs, RUNS_A_PAGE).get_page(request.GET.get("page"))
        return self._page(
            request,
            "transcript_compare",
            transcript,
            title=_("From version %(was)d to version %(now)d")
            % {"was": was.version, "now": now.version},
            was=was,
            now=now,
            reassigned=comparison.reassigned,
            shown=shown,
            runs=[(run.start_ms, comparing.pieces(run)) for run in shown],
            other=other,
        )

    def bring_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        old = self._transcript(request, object_id, to_change=True)
        number = request.POST.get("instead_of", "")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise Http404
        instead_of = get_object_or_404(self._beside(old), version=int(number))
        try:
            saved = editing.bring_back(old=old, instead_of=instead_of, by=_staff(request))
        except (NothingChanged, EditRefused) as error:
            messages.info(request, str(error))
        except Outdated as outdated:
            newest = answers.facts(outdated.newest)
            messages.error(
                request,
                _("Meanwhile version %(version)d was saved by %(by)s. Nothing was brought back.")
                % newest,
            )
        else:
            made = saved.made.transcript
            messages.success(
                request,
                _("Version %(old)d is back, as version %(new)d.")
                % {"old": old.version, "new": made.version},
            )
            for sentence in saved.resting:
                messages.warning(
                    request,
                    _("This sentence of an article rests on words that changed: %s") % sentence,
                )
        return HttpResponseRedirect(answers.url("versions", old))

    def reviewed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transcript = self._transcript(request, object_id, to_change=True)
        if request.POST.get("is_reviewed") == "yes":
            done = editing.mark_reviewed(
                transcript=transcript, by=_staff(request), now=timezone.now()
            )
            said = _("Readers see now that the transcript was reviewed.")
        else:
            done = editing.take_review_back(transcript=transcript)
            said = _("Readers see now that the transcript is not yet reviewed.")
        if done:
            messages.success(request, said)
        else:
            messages.error(request, _("There is a newer version. Look at that one first."))
        return HttpResponseRedirect(answers.url("versions", transcript))

    def _transcript(
        self, request: HttpRequest, object_id: str, *, to_change: bool = False
    ) -> Transcript:
        """The version, for whoever may see it, or change it by making another."""
        may = partial(self._may, request)
        if not (may("change") or (may("view") and not to_change)):
            raise PermissionDenied
        number = unquote(object_id)
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise Http404
        rows = Transcript.objects.select_related("meeting__body", "made_by")
        return get_object_or_404(rows, pk=int(number))

    def _may(self, request: HttpRequest, verb: str) -> bool:
        return request.user.has_perm(f"meetings.{verb}_transcript")

    def _beside(self, transcript: Transcript) -> Any:
        """All versions of the same transcript. `Any`: a queryset, as Django's shortcuts take it."""
        return Transcript.objects.filter(
            meeting=transcript.meeting_id, language=transcript.language
        )

    def _current(self, transcript: Transcript) -> Transcript:
        """The version that readers see. One in another language may have taken this one's place."""
        current: Transcript | None = self._beside(transcript).current().first()
        return current or get_object_or_404(transcript.meeting.transcripts.current())

    def _page(
        self, request: HttpRequest, name: str, transcript: Transcript, **context: Any
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/intake/{name}.html",
            {
                **self.admin_site.each_context(request),
                "transcript": transcript,
                "meeting": transcript.meeting,
                "may_change": self._may(request, "change"),
                "opts": self.model._meta,
                **context,
            },
        )


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the gate and the permission saw to it
    return request.user
