"""People in the administration."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from .models import User

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
