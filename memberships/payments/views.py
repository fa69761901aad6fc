"""The webhook: what Stripe tells is verified, kept and acknowledged. Nothing is believed here."""

import structlog
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from memberships.gate.audience import capability
from memberships.gateway.events import verify_event
from memberships.gateway.refusals import NotAnEvent

from . import services

log = structlog.get_logger(__name__)

LONGEST = 512 * 1024  # bytes; Stripe's own events are a few thousand


def is_judged_by_the_view(request: HttpRequest) -> bool:
    """Stripe's signature is the permission. It covers the raw body, whose length comes first."""
    return True


@capability(is_judged_by_the_view)
@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """200: kept, now or before. 400: not from Stripe. 413: too long. 503: Stripe must try again."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return HttpResponse(status=400)
    if int(length[:9]) > LONGEST:  # no more than what it says of its length is ever read
        return HttpResponse(status=413)
    try:
        event = verify_event(
            request.body,
            request.headers.get("Stripe-Signature"),
            secrets=settings.STRIPE_WEBHOOK_SECRETS,
            now=timezone.now(),
        )
    except NotAnEvent as refusal:
        log.warning("stripe_event_refused", why=str(refusal))
        return HttpResponse(status=400)
    try:
        services.keep(event)
    except DatabaseTrouble:
        log.exception("stripe_event_not_kept", stripe_event=event.id)
        return HttpResponse(status=503)
    return HttpResponse(status=200)
