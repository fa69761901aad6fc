"""The member's account."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from memberships.accounts.queries import ways_in
from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request, User
from memberships.member import queries


@signed_in
@require_safe
def account(request: Request) -> HttpResponse:
    """What you hold, what you bought, and how you sign in."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    page = {"account": queries.account(request.user), "ways_in": ways_in(request.user)}
    return render(request, "member/account.html", page)
