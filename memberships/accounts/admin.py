"""People in the administration."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from . import services
from .models import Token, User

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Accounts. Passwords are not shown and not set here: people sign in by e-mail code.

    An address is changed by its owner, who proves that it is theirs; an account is closed, not
    deleted. Only superusers give powers.
    """

    list_display = ("email", "display_name", "is_staff", "is_active", "joined_at")
    list_filter = ("is_staff", "is_active", "joined_at")
    search_fields = ("email", "display_name")
    ordering = ("-joined_at",)
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "display_name", "experience", "joined_at", "last_login")}),
        (_("Powers"), {"fields": ("is_active", *POWERS)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("email", "display_name")}),)
        return self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        always = ("email", "joined_at", "last_login")
        return always if request.user.is_superuser else (*always, "is_active", *POWERS)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups of permissions, in the look of the rest."""


@admin.register(Token)
class TokenAdmin(ModelAdmin):
    """Tokens of members' programs: looked at, and revoked. What opens anything is not kept."""

    list_display = ("hint", "member", "name", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("created_at", "last_used_at", "revoked_at")
    search_fields = ("name", "hint", "=owner__id")
    ordering = ("-created_at",)
    fields = readonly_fields = (*list_display, "scopes", "created_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    @admin.display(description=_("Member"), ordering="owner")
    def member(self, token: Token) -> SafeString:
        """By number: whose address that is, only the screen of the account tells."""
        there = reverse("admin:memberships_user_change", args=[token.owner_id])
        return format_html('<a href="{}">{}</a>', there, token.owner_id)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_change_permission(request))

    @admin.action(description=_("Revoke: they open nothing from now on"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        now = timezone.now()
        for token in chosen:
            services.revoke_token(token=token, now=now)
            self.log_change(request, token, "revoked")
        told = ngettext("%d token is revoked.", "%d tokens are revoked.", len(chosen))
        self.message_user(request, told % len(chosen))
