"""Who reads as a member: the one question that others ask about memberships."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from memberships.accounts import queries, services, tokens
from memberships.accounts.models import Scope, User
from memberships.purchases.models import Membership

__all__ = ["Reader", "Request", "Scope", "User", "is_member", "members", "reader_of_token"]


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


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads by a token that is good, member or not."""

    user: User
    scopes: frozenset[str]
    token_id: int
    is_member: bool


def reader_of_token(token: str, at: datetime) -> Reader | None:
    """Whose token this is at this instant; None where it is none, was revoked or has ended.

    Two queries at most, none for what only looks like a token, and once a minute the note that it
    was used.
    """
    if not tokens.is_one(token):
        return None
    found = queries.token_with(tokens.digest_of(token), at=at)
    if found is None:
        return None
    services.note_use(token=found, now=at)
    return Reader(found.owner, frozenset(found.scopes), found.pk, is_member(found.owner, at))
