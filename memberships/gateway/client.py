"""The client: how this site speaks to Stripe, how long it waits, and what its errors mean.

The SDK's own defaults are 80 seconds and no retries. Whoever reads a page cannot wait so long, and
a worker can do better than give up at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import lru_cache

import stripe
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .refusals import AlreadyRefunded, Disputed, NotLetIn, TryAgainLater, WillNotHelp

log = structlog.get_logger(__name__)

API_VERSION = "2026-10-28.endive"  # the one that the SDK's types describe; the endpoint's too
SDK_API_VERSION = stripe.api_version  # the one that the installed SDK was made for


class Patience(Enum):
    """Who waits. The value: seconds to connect, seconds between bytes, tries after the first."""

    WEB = (3.0, 8.0, 1)
    WORKER = (5.0, 25.0, 2)


def client(patience: Patience) -> stripe.StripeClient:
    """The client of this process. Threads share it; each has connections of its own.

    Raises NotLetIn without a key, ImproperlyConfigured where a live key would be sent to another
    address than Stripe's.
    """
    key, base = settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE
    if not key:
        raise NotLetIn("No key of Stripe is set.", code="no_key")
    if base and settings.STRIPE_LIVEMODE:
        raise ImproperlyConfigured("STRIPE_API_BASE is for test keys; a live key goes to Stripe.")
    return _client(key, base, patience)


@lru_cache(maxsize=8)
def _client(key: str, base: str, patience: Patience) -> stripe.StripeClient:
    connect_s, read_s, retries = patience.value
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(connect_s, read_s)),
        base_addresses={"api": base} if base else None,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Whatever the SDK raises inside leaves as TryAgainLater or WillNotHelp, or a kind of it."""
    try:
        yield
    except stripe.StripeError as error:
        refusal = _meaning(error)
        log.warning(
            "stripe_refused",
            kind=type(refusal).__name__,
            status=error.http_status,
            code=refusal.code,
            request_id=refusal.request_id,
        )
        raise refusal from error


# "Expected answers" that have a name: https://docs.stripe.com/error-codes
_NAMED = {"charge_already_refunded": AlreadyRefunded, "charge_disputed": Disputed}


def _meaning(error: stripe.StripeError) -> TryAgainLater | WillNotHelp:
    """Unknown is not failed: only where Stripe answered "no" do we say that nothing happened."""
    status = error.http_status or 0
    details = error.error
    code = error.code or (details and details.code) or (details and details.type) or ""
    message = error.user_message or type(error).__name__
    request_id = error.request_id or ""
    is_no = 400 <= status < 500 and status not in {408, 409, 425, 429}
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):  # 401, 403
        return NotLetIn(message, code=code, request_id=request_id)
    if is_no and code not in {"rate_limit", "lock_timeout", "idempotency_key_in_use"}:
        kind = _NAMED.get(code, WillNotHelp)
        return kind(message, code=code, request_id=request_id)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return TryAgainLater(
        message,
        code=code,
        request_id=request_id,
        is_replayed=headers.get("idempotent-replayed") == "true",
    )
