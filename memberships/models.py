"""The register of this app's models, where Django looks for them."""

from memberships.accounts.models import User
from memberships.purchases.models import Membership, Purchase

__all__ = ["Membership", "Purchase", "User"]
