"""Who reads as a member: the one question that others ask about memberships.

`reader_of_token(token, at)` will stand here too, with the tokens of the data API.
"""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from memberships.accounts.models import User
from memberships.purchases.models import Membership

__all__ = ["Request", "User", "is_member", "members"]


class Request(HttpRequest):
    """A request that has passed the gate: for annotations."""

    is_member: bool
    """Lazy: it asks the database when it is first read, and once."""


def is_member(user: AbstractBaseUser | AnonymousUser, at: datetime) -> bool:
    """Does this person read as a member at this instant? Staff do. One query at most."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or Membership.objects.owned_by(user).running(at=at).exists()


def members(at: datetime) -> QuerySet[User, int]:
    """The ids of all who read as members at this instant, to filter rows by their owners."""
    running = Membership.objects.running(at=at).filter(user=OuterRef("pk"))
    return User.objects.filter(Q(is_staff=True) | Exists(running), is_active=True).values_list(
        "pk", flat=True
    )
