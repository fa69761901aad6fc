"""What a person holds."""

from memberships.accounts.models import User

from .models import Membership


def latest_membership(user: User) -> Membership | None:
    """The live membership where there is one, else the one that ended last."""
    owned = Membership.objects.owned_by(user)
    return owned.live().first() or owned.order_by("-ended_at", "-pk").first()
