"""The offer: what membership opens."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from memberships.gate.audience import public
from memberships.gate.entitlement import Request
from memberships.gate.middleware import is_path


@public(cached=True, varies_on=("next",))
@require_safe
def membership(request: Request) -> HttpResponse:
    """What membership opens, and how to get it."""
    back = request.GET.get("next", "")
    return render(request, "member/membership.html", {"next": back if is_path(back) else ""})
