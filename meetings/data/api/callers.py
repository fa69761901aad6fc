"""Who asks: a visitor by address, or a member by token. Cookies are not looked at."""

from __future__ import annotations

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
        return Caller(None, _spend_visit(request))
    reader = reader_of_token(token, timezone.now())
    if reader is None:
        _spend_visit(request)
        raise problems.bad_token()
    standing = limits.counter.spend(limits.of_members(), str(reader.token_id))
    if standing.is_over:
        raise TooMany(standing)
    if not reader.is_member:
        raise problems.membership_needed()
    return Caller(reader, standing)


def _spend_visit(request: HttpRequest) -> limits.Standing:
    standing = limits.counter.spend(limits.of_visitors(), reporter_hash(request)[:32])
    if standing.is_over:
        raise TooMany(standing)
    return standing


def _token_in(request: HttpRequest) -> str | None:
    """What the header Authorization holds; the empty text where that is no bearer token."""
    header = request.headers.get("Authorization")
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
