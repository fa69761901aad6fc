"""The offer: what membership opens, what it costs, and the one button."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from memberships.gate.audience import public
from memberships.gate.entitlement import Request
from memberships.member.offering import (
    address_of_offer,
    checked_way,
    kind_of_money,
    offer_to,
)


# For visitors it may be a minute old: plans are changed in a room below the one that keeps pages.
# They cannot buy from it, and whoever can is told when the terms have changed since they read them.
@public(cached=True, varies_on=("next",))
@require_safe
def membership(request: Request) -> HttpResponse:
    """What membership opens, for whom, at which price."""
    offer = offer_to(request.user, now=timezone.now())
    back = checked_way(request.GET.get("next", ""))
    if not back and offer.purchase is not None:  # as after Stripe's own way back
        back = offer.purchase.return_to
    return render(
        request,
        "member/membership.html",
        {
            "offer": offer,
            "next": back,
            "way_here": address_of_offer(back),
            "seller": settings.SELLER,
            "money": kind_of_money(),
        },
    )
