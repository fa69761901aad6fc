"""Memberships in the administration: given, looked at and ended, never edited or deleted."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from memberships.accounts.models import User
from memberships.purchases import services
from memberships.purchases.forms import EndForm, GrantForm
from memberships.purchases.models import Membership


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Adding a row gives a membership; its page can end it."""

    list_display = ("user", "status", "source", "started_at", "lasts_until", "end_reason")
    list_filter = ("status", "source", "end_reason", "started_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name", "note")
    autocomplete_fields = ("user",)
    date_hierarchy = "started_at"
    actions_detail = ("end_membership",)
    ordering = ("-started_at",)
    fields = (
        "user",
        "status",
        "source",
        "started_at",
        "lasts_until",
        "ended_at",
        "end_reason",
        "granted_by",
        "purchase",
        "note",
    )

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False  # what happened is not edited: it is ended, and given anew

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return bool(
            super().has_view_permission(request, obj)
            or request.user.has_perm("memberships.change_membership")
        )

    def has_end_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.change_membership") and (
            object_id is None or Membership.objects.live().filter(pk=object_id).exists()
        )

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("user", "lasts_until", "note")

    def get_form(
        self, request: HttpRequest, obj: Membership | None = None, **kwargs: Any
    ) -> type[Any]:
        if obj is None:
            kwargs["form"] = GrantForm
        form: type[Any] = super().get_form(request, obj, **kwargs)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except services.AlreadyMemberError as refusal:  # another grant was faster than this form
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:memberships_membership_changelist"))
        return answer

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        given = form.cleaned_data
        made = services.grant(
            user=given["user"],
            by=_staff(request),
            lasts_until=given["lasts_until"],
            note=given["note"],
            now=timezone.now(),
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    @action(  # type: ignore[untyped-decorator] # unfold gives it no types
        description=_("End this membership"), url_path="end", permissions=["end"]
    )
    def end_membership(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, then end it."""
        membership = get_object_or_404(Membership, pk=object_id)
        form = EndForm(request.POST if request.method == "POST" else None)
        page = reverse("admin:memberships_membership_change", args=[membership.pk])
        if request.method == "POST" and form.is_valid():
            note = form.cleaned_data["note"]
            if services.end(
                membership=membership,
                reason=Membership.EndReason.STAFF,
                now=timezone.now(),
                note=note,
            ):
                self.log_change(request, membership, gettext("Ended by hand: %s") % note)
                self.message_user(request, gettext("The membership has ended."), messages.SUCCESS)
            else:
                self.message_user(
                    request, gettext("It had ended before; nothing changed."), messages.WARNING
                )
            return HttpResponseRedirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("End the membership of %s") % membership.user,
            "form": form,
            "opts": self.opts,
            "membership": membership,
            "back": page,
        }
        return TemplateResponse(request, "memberships/end.html", context)


def _staff(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
