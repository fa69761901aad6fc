"""What the SDK's errors mean: only an answer that says no is a no."""

import pytest
import stripe

from memberships.gateway.client import translated
from memberships.gateway.refusals import (
    AlreadyRefunded,
    Disputed,
    NotLetIn,
    StripeRefused,
    TryAgainLater,
    WillNotHelp,
)


def refused(error):
    with pytest.raises(StripeRefused) as caught, translated():
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def invalid(code, status=400):
    return stripe.InvalidRequestError("No.", param=None, code=code, http_status=status)


@pytest.mark.parametrize(
    "error",
    [
        stripe.APIConnectionError("Reset."),
        stripe.APIError("Not JSON.", http_status=200),
        stripe.APIError("Oops.", http_status=500),
        stripe.APIError("Away.", http_status=503),
        stripe.APIError("Late.", http_status=408),
        stripe.RateLimitError("Slowly.", http_status=429),
        stripe.RateLimitError("Slowly.", http_status=400, code="rate_limit"),
        stripe.IdempotencyError("In use.", http_status=409, code="idempotency_key_in_use"),
        stripe.APIError("Held.", http_status=409, code="lock_timeout"),
        invalid("lock_timeout"),
    ],
    ids=repr,
)
def test_what_may_have_happened_is_tried_again_later(error):
    assert type(refused(error)) is TryAgainLater


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (invalid("charge_already_refunded"), AlreadyRefunded),
        (invalid("charge_disputed"), Disputed),
        (invalid("parameter_unknown"), WillNotHelp),
        (invalid("resource_missing", 404), WillNotHelp),
        (stripe.IdempotencyError("Other parameters.", http_status=400), WillNotHelp),
        (stripe.AuthenticationError("Wrong key.", http_status=401), NotLetIn),
        (stripe.AuthenticationError("No key, so nothing was sent."), NotLetIn),
        (stripe.PermissionError("Restricted key.", http_status=403), NotLetIn),
    ],
)
def test_a_no_is_a_no_of_its_kind(error, kind):
    assert type(refused(error)) is kind


def test_a_refusal_names_the_request_for_whoever_asks_stripe():
    error = invalid("parameter_unknown")
    error.request_id = "req_1"
    assert (refused(error).request_id, refused(error).code) == ("req_1", "parameter_unknown")


def test_our_own_mistakes_rise_as_they_are():
    with pytest.raises(TypeError, match="ours"), translated():
        raise TypeError("ours")
