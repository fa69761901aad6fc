"""Money back: two steps and a timeline, with the account or by signed link.

Opening an address confirms nothing: programs that look into mails open them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from memberships.gate.audience import capability, signed_in
from memberships.gate.entitlement import Request, User
from memberships.member import standing
from memberships.member.forms import ConfirmForm, WhyForm
from memberships.member.standing import Standing
from memberships.payments.requesting import CannotRefund, RefundUnderWay, request_refund
from memberships.purchases.models import Purchase
from memberships.refunds import link, queries
from memberships.refunds.models import Refund
from memberships.refunds.services import say_why
from memberships.refunds.timeline import timeline

P = ParamSpec("P")
Page = Callable[Concatenate[Request, P], HttpResponse]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How the buyer came, and so where the pages lead: with the account, or by the link."""

    token: str = ""

    @property
    def asks_at(self) -> str:
        return reverse("refund_by_link", args=[self.token]) if self.token else reverse("refund")

    def follows_at(self, refund: Refund) -> str:
        return self.asks_at if self.token else reverse("refund_status", args=[refund.pk])


def _unseen(view: Page[P]) -> Page[P]:
    """Not for search engines, and its address, which may be a key, is told to no other site."""

    @wraps(view)
    def unseen(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer.headers["X-Robots-Tag"] = "noindex"
        answer.headers["Referrer-Policy"] = "same-origin"  # none at all, and forms would be refused
        return answer

    return unseen


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@_unseen
def refund(request: Request) -> HttpResponse:
    """The first step: what comes back and what ends. The second, by POST, is the confirmation."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    if request.method == "POST":
        form = ConfirmForm(request.POST)
        named = form.cleaned_data["purchase"] if form.is_valid() else None
        owned = Purchase.objects.owned_by(request.user).select_related("plan", "user")
        purchase = get_object_or_404(owned, pk=named)
        return _confirm(request, purchase, by=request.user, way=Way())
    meant = queries.purchase_to_refund(request.user)
    if meant is None:
        return render(request, "member/refund_nothing.html")
    return _first_step(request, meant, way=Way())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@_unseen
def refund_status(request: Request, pk: UUID) -> HttpResponse:
    """How far a refund is. By POST, why it was asked for, if the buyer wants to say."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    owned = Refund.objects.filter(purchase__user=request.user)
    refund = get_object_or_404(owned.select_related("purchase__plan", "purchase__user"), pk=pk)
    way = Way()
    if request.method == "POST":
        return _why(request, refund, way=way)
    speaks = queries.speaks_for(refund)
    if speaks.pk != refund.pk:
        return redirect(way.follows_at(speaks))
    return _status(request, standing.of(refund.purchase), refund, way=way)


def is_ours(request: Request, token: str) -> bool:
    """We wrote this link, so whoever holds it may ask for this one refund."""
    try:
        link.purchase_id(token)
    except link.Forged:
        return False
    return True


@capability(is_ours)
@require_http_methods(["GET", "HEAD", "POST"])
@_unseen
def refund_by_link(request: Request, token: str) -> HttpResponse:
    """The same two steps without signing in, and then how far the refund is."""
    bought = Purchase.objects.bought().select_related("plan", "user")
    purchase = get_object_or_404(bought, pk=link.purchase_id(token))
    way = Way(token=token)
    if request.method != "POST":
        return _first_step(request, purchase, way=way)
    if "why" not in request.POST:
        return _confirm(request, purchase, by=None, way=way)
    last = queries.latest_refund(purchase)
    return _why(request, last, way=way) if last else redirect(way.asks_at)


def _first_step(request: Request, purchase: Purchase, *, way: Way) -> HttpResponse:
    """What can be asked for; or why nothing can; or the timeline of what was asked for before."""
    now = standing.of(purchase)
    if now.refusal is not None:
        return _refused(request, now, way=way)
    return render(request, "member/refund.html", {"standing": now, "way": way})


def _confirm(request: Request, purchase: Purchase, *, by: User | None, way: Way) -> HttpResponse:
    try:
        refund = request_refund(
            purchase_id=purchase.pk,
            origin=Refund.Origin.SELF_SERVICE,
            by=by,
            now=timezone.now(),
        )
    except RefundUnderWay as before:
        return redirect(way.follows_at(before.refund))
    except CannotRefund:
        return _refused(request, standing.of(purchase), way=way, status=409)
    return redirect(way.follows_at(refund))


def _refused(request: Request, now: Standing, *, way: Way, status: int = 200) -> HttpResponse:
    """Where there is a refund to follow, that one; else the sentence why none can be asked for."""
    if now.follows is None:
        context = {"standing": now, "way": way}
        return render(request, "member/refund_cannot.html", context, status=status)
    if way.token:
        return _status(request, now, now.follows, way=way)
    return redirect(way.follows_at(now.follows))


def _status(
    request: Request,
    now: Standing,
    refund: Refund,
    *,
    way: Way,
    form: WhyForm | None = None,
) -> HttpResponse:
    context = {
        "standing": now,
        "timeline": timeline(refund),
        "membership": now.purchase.memberships.first(),
        "way": way,
        "follows_at": way.follows_at(refund),
        "form": form or WhyForm(),
    }
    status = 422 if form else 200
    return render(request, "member/refund_status.html", context, status=status)


def _why(request: Request, refund: Refund, *, way: Way) -> HttpResponse:
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _status(request, standing.of(refund.purchase), refund, way=way, form=form)
    if form.cleaned_data["why"]:
        say_why(refund, form.cleaned_data["why"])
    return redirect(way.follows_at(refund))
