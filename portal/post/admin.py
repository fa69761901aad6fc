"""The outbox in the administration: looked at, sent again or set aside, never edited or deleted."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from . import services
from .models import Mail


@admin.register(Mail)
class MailAdmin(ModelAdmin):
    """Who may see mail reads what members were told, links that are meant for them included."""

    list_display = ["subject", "address", "template", "state", "tries", "queued_at", "ended_at"]
    list_filter = ["state", "template", "queued_at"]
    search_fields = ["key", "address", "subject"]
    ordering = ["-queued_at", "-id"]
    actions = ["send_again", "set_aside"]
    fields = [
        "key",
        "state",
        "error",
        "tries",
        "queued_at",
        "due_at",
        "ended_at",
        "name",
        "address",
        "subject",
        "text",
        "template",
        "message_id",
        "unsubscribe_url",
        "only_if",
        "keep_until",
        "emptied_at",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("post.change_mail"))

    @admin.action(description=gettext_lazy("Send again"), permissions=["decide"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        now = timezone.now()
        count = self._each(
            request,
            queryset,
            lambda mail: services.send_again(mail=mail, now=now),
            gettext("Sent again by hand."),
        )
        if count:
            self.message_user(
                request,
                ngettext("%d mail goes out again.", "%d mails go out again.", count) % count,
                messages.SUCCESS,
            )

    @admin.action(description=gettext_lazy("Set aside, unsent"), permissions=["decide"])
    def set_aside(self, request: HttpRequest, queryset: Any) -> None:
        count = self._each(
            request,
            queryset,
            lambda mail: services.set_aside(mail=mail),
            gettext("Set aside by hand."),
        )
        if count:
            self.message_user(
                request,
                ngettext("%d mail was set aside.", "%d mails were set aside.", count) % count,
                messages.SUCCESS,
            )

    def _each(
        self, request: HttpRequest, queryset: Any, do: Callable[[Mail], bool], done: str
    ) -> int:
        """Do it to each, note who did, and say how many there was nothing to do for."""
        mails = list(queryset)
        moved = [mail for mail in mails if do(mail)]
        for mail in moved:
            self.log_change(request, mail, done)
        if left := len(mails) - len(moved):
            self.message_user(
                request,
                ngettext(
                    "%d mail stays as it is: there is nothing to do for it.",
                    "%d mails stay as they are: there is nothing to do for them.",
                    left,
                )
                % left,
                messages.WARNING,
            )
        return len(moved)
