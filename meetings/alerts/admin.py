"""Alerts as staff see them: how much there is, what failed, and the switch that turns sending off.

What members asked for and what was found for them is theirs: no screen here shows whose it is.
"""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from . import quieting
from .models import Channel, Digest, Quiet, Run
from .volumes import volumes


class _ReadOnly(ModelAdmin):
    """What is only looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(_ReadOnly):
    """Each meeting that was held against alerts, below the figures of all."""

    list_before_template = "admin/alerts/volumes.html"
    list_display = ["meeting", "done_at", "candidates", "matched", "matches", "took_ms"]
    list_select_related = ["meeting"]
    list_filter = ["done_at"]
    ordering = ["-done_at", "-id"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        figures = {"volumes": volumes(now=timezone.now()), "quiet": quieting.running_now()}
        answer: HttpResponse = super().changelist_view(request, figures | (extra_context or {}))
        return answer


@admin.register(Channel)
class ChannelAdmin(_ReadOnly):
    """Ways of telling, above all those that are closed."""

    list_display = ["kind", "paused_at", "paused_reason", "failures", "failing_since"]
    list_filter = ["kind", ("paused_at", admin.EmptyFieldListFilter)]
    ordering = ["-paused_at", "-id"]
    fields = ["kind", "paused_at", "paused_reason", "failures", "failing_since"]


@admin.register(Digest)
class DigestAdmin(_ReadOnly):
    """Messages. Of mail, the outbox tells whether it arrived."""

    list_display = ["key", "cadence", "day", "state", "tries", "made_at", "due_at", "error"]
    list_filter = ["state", "channel__kind", "cadence", "made_at"]
    search_fields = ["key"]
    ordering = ["-made_at", "-id"]
    fields = ["key", "cadence", "day", "state", "tries", "made_at", "due_at", "ended_at", "error"]


@admin.register(Quiet)
class QuietAdmin(ModelAdmin):
    """Adding one turns sending off; turning it on again ends it. None is edited or deleted."""

    list_display = ["reason", "started_at", "ended_at", "is_kept", "started_by"]
    list_select_related = ["started_by"]
    ordering = ["-started_at", "-id"]
    actions_detail = ["turn_on"]
    readonly_fields = ["started_at", "ended_at", "started_by"]
    fieldsets = [
        (
            None,
            {
                "fields": ["reason", "is_kept", *readonly_fields],
                "description": gettext_lazy(
                    "Saving this turns sending off at once, until you turn it on again. Meanwhile"
                    " no alert mail goes out, no webhook is called, and alert mail that waits in"
                    " the outbox is held back. Receipts and sign-in codes go on. Meetings that"
                    " are published or changed meanwhile are passed over: no alert is held against"
                    " them, and nobody is ever told of them, unless you choose so below. What was"
                    " found before is told when sending is on again, if it is less than 15 days"
                    " old by then."
                ),
            },
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Quiet | None = None) -> Any:
        """What is known only later is not shown before."""
        ((title, shown),) = super().get_fieldsets(request, obj)
        if obj is None:
            shown = {**shown, "fields": ["reason", "is_kept"]}
        return [(title, shown)]

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        texts = {
            "is_kept": _(
                "Meetings of this time are held against alerts all the same, and what is found is"
                " told when sending is on again, in one message for each member and rhythm. Leave"
                " this empty for an archive that is no news."
            )
        }
        return super().get_form(request, *args, help_texts=texts, **options)

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """There is one at a time."""
        if self.has_add_permission(request) and quieting.running_now():
            self.message_user(request, _("Sending is off already."), messages.INFO)
            return HttpResponseRedirect(reverse("admin:meetings_quiet_changelist"))
        answer: HttpResponse = super().add_view(request, *args, **options)
        return answer

    def has_change_permission(self, request: HttpRequest, obj: Quiet | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Quiet | None = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("meetings.change_quiet"))

    def save_model(self, request: Any, obj: Quiet, form: Any, change: bool) -> None:
        made = quieting.be_quiet(
            by=request.user, reason=obj.reason, is_kept=obj.is_kept, now=timezone.now()
        )
        obj.pk, obj.started_at, obj.started_by = made.pk, made.started_at, made.started_by

    @action(description=gettext_lazy("Turn sending on again"), url_path="on", permissions=["end"])
    def turn_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first, with what goes out then."""
        quiet = self.get_object(request, object_id)
        back = reverse("admin:meetings_quiet_changelist")
        if quiet is None or quiet.ended_at is not None:
            self.message_user(request, _("Sending is on."), messages.INFO)
            return HttpResponseRedirect(back)
        now = timezone.now()
        if request.method == "POST":
            quieting.speak(now=now)
            self.log_change(request, quiet, _("Turned sending on again."))
            self.message_user(request, _("Sending is on again."), messages.SUCCESS)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Turn sending on again?"),
            "quiet": quiet,
            "ahead": quieting.ahead(now=now),
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/alerts/turn_on.html", context)
