"""The member's account."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request, User
from memberships.purchases.queries import latest_membership


@signed_in
@require_safe
def account(request: Request) -> HttpResponse:
    """What we know about you, what you hold, and how you sign in."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    return render(request, "member/account.html", {"membership": latest_membership(request.user)})
