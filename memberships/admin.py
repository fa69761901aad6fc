"""The register of this app's admin, where Django looks for it."""

from memberships.accounts.admin import GroupAdmin, UserAdmin
from memberships.purchases.admin import MembershipAdmin

__all__ = ["GroupAdmin", "MembershipAdmin", "UserAdmin"]
