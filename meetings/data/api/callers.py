"""Who asks: a visitor by address, or a member by token. Cookies are not looked at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from meetings.articles.visitors import reporter_hash
from memberships.gate.entitlement import Reader, User, reader_of_token

from . import limits, problems


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks. With a reader: a member, whose token has these scopes."""

    reader: Reader | None
    standing: limits.Standing

    @property
    def user(self) -> User:
        """The member. Raises Problem for a visitor."""
        if self.reader is None:
            raise problems.token_needed()
        return self.reader.user

    def may(self, scope: str) -> bool:
        return self.reader is not None and scope in self.reader.scopes


class CallerRequest(HttpRequest):
    """A request that has come through the door: for annotations."""

    caller: Caller


class TooMany(Exception):
    """One request too many. `standing` says when the next one is welcome."""

    def __init__(self, standing: limits.Standing) -> None:
        super().__init__(standing)
        self.standing = standing


def caller_of(request: HttpRequest) -> Caller:
    """Count the request, and find out who asks.

    Raises TooMany, or Problem for a token that opens nothing. Whoever tries tokens that are none
    is counted as a visitor.
    """
    token = _token_in(request)
    if token is None:
        return Caller(None, _spent(limits.of_visitors(), _visitor(request)))
    holder = _holder(token)
    over = limits.counter.over(limits.of_members(), holder)
    if over is not None:  # before the token is looked up
        raise TooMany(over)
    reader = reader_of_token(token, timezone.now())
    if reader is None:
        _spent(limits.of_visitors(), _visitor(request))
        raise problems.bad_token()
    standing = _spent(limits.of_members(), holder)
    if not reader.is_member:
        raise problems.membership_needed()
    return Caller(reader, standing)


def is_over(request: HttpRequest) -> limits.Standing | None:
    """The refusal of whoever is known in this process to be over their limit. It asks nobody, and
    does not even look whether a token is good: what is over gives nothing either way.
    """
    token = _token_in(request)
    if token is None:
        return limits.counter.over(limits.of_visitors(), _visitor(request))
    return limits.counter.over(limits.of_members(), _holder(token))


def _spent(policy: limits.Policy, who: str) -> limits.Standing:
    standing = limits.counter.spend(policy, who)
    if standing.is_over:
        raise TooMany(standing)
    return standing


def _visitor(request: HttpRequest) -> str:
    return reporter_hash(request)[:32]


def _holder(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def _token_in(request: HttpRequest) -> str | None:
    """What the header Authorization holds; the empty text where that is no bearer token."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _space, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class MemberToken(HttpBearer):
    """An operation for members whose token has this scope. The door has read the token."""

    def __init__(self, scope: str = "read") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        caller: Caller = request.caller  # type: ignore[attr-defined]  # the door has put it there
        if caller.reader is None:
            raise problems.token_needed()
        if not caller.may(self.scope):
            raise problems.scope_needed(self.scope)
        return caller

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        return self(request)
