"""The way to a refund for people who no longer get into their account: a form for anybody."""

import structlog
from allauth.core import ratelimit
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

from memberships.gate.audience import public
from memberships.gate.entitlement import Request
from memberships.member.forms import FindRefundForm
from memberships.payments.services import mail_way_to_refund

log = structlog.get_logger(__name__)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def refund_find(request: Request) -> HttpResponse:
    """Receipt number and address in, always the same answer out; what fits gets a mail."""
    form = FindRefundForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if _may_ask(request):
                mail_way_to_refund(
                    receipt_number=form.cleaned_data["receipt"],
                    email=form.cleaned_data["email"],
                    now=timezone.now(),
                )
                return redirect(f"{reverse('refund_find')}?asked")
            form.add_error(
                None, _("There were too many requests from where you are. Try again in an hour.")
            )
            status = 429
    context = {"form": form, "asked": "asked" in request.GET and status == 200}
    return render(request, "member/refund_find.html", context, status=status)


def _may_ask(request: Request) -> bool:
    """Count by address (ACCOUNT_RATE_LIMITS). Where nothing can be counted, nobody is held up.

    For each purchase the outbox lets one mail an hour through, whoever asks and from wherever.
    """
    try:
        allowed: bool = ratelimit.consume(request, action="find_refund")
    except RedisError:
        log.warning("find_refund_not_counted")
        return True
    return allowed
