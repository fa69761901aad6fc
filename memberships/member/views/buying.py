"""Buying: to Stripe's page, and back from it.

The way back grants nothing by its address: it asks Stripe, and shows what became of the purchase,
to nobody but the person who began it.
"""

from enum import StrEnum
from urllib.parse import urlencode

import structlog
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request, User
from memberships.gateway.client import Patience
from memberships.gateway.refusals import TryAgainLater, WillNotHelp
from memberships.member.offering import address_of_offer, checked_way, kind_of_money
from memberships.payments import selling
from memberships.payments.settling import StillMoving, settle
from memberships.purchases import guarantee
from memberships.purchases.amounts import written
from memberships.purchases.models import Membership, Purchase
from memberships.purchases.models.purchase import UNDER_WAY
from memberships.refunds.models import Refund

log = structlog.get_logger(__name__)

LOOKS_AGAIN_S = 10
SENT_BACK = [Refund.Origin.DUPLICATE, Refund.Origin.OVERSELL]


class Outcome(StrEnum):
    """What became of a purchase, as the page of the way back tells it."""

    READING = "reading"
    OPEN = "open"
    PROCESSING = "processing"
    EXPIRED = "expired"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    OVERSELL = "oversell"
    OVER = "over"  # paid once, and ended since: the account says how
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"  # Stripe does not answer


WITHOUT_MONEY = {
    Purchase.State.CREATED: Outcome.UNKNOWN,
    Purchase.State.OPEN: Outcome.OPEN,
    Purchase.State.PROCESSING: Outcome.PROCESSING,
    Purchase.State.EXPIRED: Outcome.EXPIRED,
    Purchase.State.PAYMENT_FAILED: Outcome.FAILED,
}


GOES_BACK = {Outcome.DUPLICATE, Outcome.OVERSELL}


@signed_in
@require_POST
def checkout(request: Request) -> HttpResponse:
    """To Stripe's page for what the form's plan says; where that cannot be, back to the offer."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    back = checked_way(request.POST.get("next", ""))
    plan = request.POST.get("plan", "")
    try:
        begun = selling.begin(
            user=request.user,
            plan_id=int(plan) if plan.isascii() and plan.isdigit() and len(plan) < 10 else 0,
            terms=request.POST.get("terms", ""),
            return_to=back,
            now=timezone.now(),
        )
    except selling.PaymentUnderWay as refusal:
        return _see(_return_of(refusal.purchase))
    except selling.CannotSell as refusal:
        messages.warning(request, str(refusal))
        return _see(address_of_offer(back))
    return _see(begun.url)


@signed_in
@require_safe
def come_back(request: Request) -> HttpResponse:
    """What became of a purchase: on to where the reader was, or a page that says it."""
    assert isinstance(request.user, User)  # noqa: S101 - as above
    session_id = request.GET.get("session_id", "")
    if not session_id.isprintable():  # PostgreSQL would not even look for it
        raise Http404
    own = Purchase.objects.owned_by(request.user)
    purchase = get_object_or_404(own, checkout_session_id=session_id)
    outcome = None
    if purchase.state in UNDER_WAY:
        try:
            purchase = settle(purchase.pk, now=timezone.now(), patience=Patience.WEB).purchase
        except (TryAgainLater, StillMoving):
            outcome = Outcome.UNKNOWN
        except WillNotHelp as refusal:
            log.error("return_not_settled", purchase=str(purchase.pk), why=repr(refusal))  # noqa: TRY400 - no bug
            outcome = Outcome.DOUBTFUL
    outcome = outcome or _outcome(purchase)
    if outcome == Outcome.READING and purchase.return_to:
        messages.success(
            request,
            _("Thank you. You are a member now, for life. Your receipt is in your account."),
        )
        return _see(purchase.return_to)
    until = purchase.refundable_until
    answer = render(
        request,
        "member/return.html",
        {
            "outcome": outcome,
            "purchase": purchase,
            "refund": _sent_back(purchase) if outcome in GOES_BACK else None,
            "paid": written(purchase.amount_total, purchase.currency),
            "last_day": guarantee.last_day(until) if until else None,
            "offer_url": address_of_offer(purchase.return_to),
            "money": kind_of_money(),
        },
        status=503 if outcome == Outcome.UNKNOWN else 200,
    )
    if outcome == Outcome.UNKNOWN:
        answer.headers["Refresh"] = answer.headers["Retry-After"] = str(LOOKS_AGAIN_S)
    return answer


def _outcome(purchase: Purchase) -> Outcome:
    state = Purchase.State(purchase.state)
    if state in WITHOUT_MONEY:
        return Outcome.DOUBTFUL if purchase.attention else WITHOUT_MONEY[state]
    if Membership.objects.filter(purchase=purchase, status=Membership.Status.ACTIVE).exists():
        return Outcome.READING
    refund = _sent_back(purchase)
    if refund is not None:
        is_oversell = refund.origin == Refund.Origin.OVERSELL
        return Outcome.OVERSELL if is_oversell else Outcome.DUPLICATE
    return Outcome.DOUBTFUL if state == Purchase.State.PAID else Outcome.OVER


def _sent_back(purchase: Purchase) -> Refund | None:
    """The refund by which money that gave nothing went back by itself; of several, the last."""
    return purchase.refunds.filter(origin__in=SENT_BACK).order_by("-requested_at").first()


def _return_of(purchase: Purchase) -> str:
    query = urlencode({"session_id": purchase.checkout_session_id or ""})
    return f"{reverse('checkout_return')}?{query}"


def _see(address: str) -> HttpResponseRedirect:
    """303: to be fetched with GET, so that going back sends no form again."""
    return HttpResponseRedirect(address, status=303)
