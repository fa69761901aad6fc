"""What the webhook answers. Numbers in names are rows of the matrix."""

import json
import time

import pytest
import stripe
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.test import Client

from memberships.models import StripeEvent
from memberships.payments import tasks
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db

ADDRESS = "/stripe/webhook/"
SECRET = "whsec_ours"


@pytest.fixture(autouse=True)
def _ours(settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_old", SECRET]
    settings.STRIPE_LIVEMODE = False
    settings.SECURE_SSL_REDIRECT = False


def event(**facts):
    told = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "type": "charge.refunded",
        "data": {"object": {"id": "ch_1", "object": "charge", "metadata": {}}},
    }
    return {**told, **facts}


def body_of(**facts):
    return json.dumps(event(**facts)).encode()


def signature(body, *, secret=SECRET, age_s=0, scheme="v1"):
    made = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, timestamp=int(time.time()) - age_s
    )
    return made.replace("v1=", f"{scheme}=")


def post(body, signed=None, **headers):
    if signed is not None:
        headers["HTTP_STRIPE_SIGNATURE"] = signed
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, body, content_type="application/json", **headers).status_code


def tell(**facts):
    body = body_of(**facts)
    return post(body, signature(body))


def states():
    return list(StripeEvent.objects.values_list("state", flat=True))


def test_event_is_kept_and_acknowledged():
    assert tell() == 200
    kept = StripeEvent.objects.get()
    assert (kept.state, kept.source, kept.object_id) == ("received", "webhook", "ch_1")


def test_row_6_duplicate_is_acknowledged_and_kept_once():
    assert [tell(), tell(), tell()] == [200, 200, 200]
    assert states() == ["received"]


@pytest.mark.django_db(transaction=True)
def test_row_6_one_event_twelve_times_at_once_is_one_row():
    body = body_of()
    signed = signature(body)
    assert at_once(*[lambda: post(body, signed)] * 12) == [200] * 12
    assert states() == ["received"]


def test_row_37_old_secret_still_opens_while_it_is_rotated():
    body = body_of()
    assert post(body, signature(body, secret="whsec_old")) == 200


def test_row_35_event_of_the_other_mode_is_ignored():
    assert tell(livemode=True) == 200
    assert states() == ["ignored"]


def test_event_of_a_type_that_we_do_not_handle_is_ignored():
    assert tell(type="customer.created") == 200
    assert states() == ["ignored"]


def tampered():
    body = body_of()
    return body.replace(b"ch_1", b"ch_2"), signature(body)


def signed(body, **how):
    return body, signature(body, **how)


BAD = {
    "no signature": lambda: (body_of(), None),
    "garbage for a signature": lambda: (body_of(), "t=now,v1=yes"),
    "another secret": lambda: signed(body_of(), secret="whsec_theirs"),
    "an old signature": lambda: signed(body_of(), age_s=301),
    "a signature from the future": lambda: signed(body_of(), age_s=-400),
    "v0 alone": lambda: signed(body_of(), scheme="v0"),
    "a tampered body": tampered,
    "not UTF-8": lambda: (b"\xff\xfe", "t=1,v1=0"),
    "not JSON": lambda: signed(b"{"),
    "a list": lambda: signed(b"[]"),
    "no id": lambda: signed(json.dumps({**event(), "id": None}).encode()),
    "an event without an object": lambda: signed(body_of(object="v2.core.event", data={})),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_rows_36_38_and_39_what_stripe_did_not_sign_is_refused(make):
    assert post(*make()) == 400
    assert not StripeEvent.objects.exists()


def test_other_methods_are_not_answered():
    assert Client().get(ADDRESS).status_code == 405
    assert Client().put(ADDRESS).status_code == 405


def test_row_38_long_body_is_not_read():
    body = body_of(data={"object": {"id": "x" * 512 * 1024}})
    assert post(body, signature(body)) == 413
    assert not StripeEvent.objects.exists()


def test_row_38_length_that_is_no_number_is_no_error():
    body = body_of()
    assert post(body, signature(body), CONTENT_LENGTH="many") == 400


@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError])
def test_row_40_database_that_is_down_lets_stripe_try_again(trouble):
    def down(execute, sql, params, many, context):
        raise trouble("the server closed the connection")

    with connection.execute_wrapper(down):
        assert tell() == 503


@pytest.mark.django_db(transaction=True)
def test_row_41_broker_that_is_down_costs_nothing(monkeypatch):
    def down(**options):
        raise ConnectionError("nobody there")

    monkeypatch.setattr(tasks.take_up, "apply_async", down)
    assert tell() == 200
    assert states() == ["received"]


@pytest.mark.django_db(transaction=True)
def test_worker_is_nudged_once_for_each_new_event(monkeypatch):
    nudges = []
    monkeypatch.setattr(tasks.take_up, "apply_async", lambda **options: nudges.append(options))
    tell()
    tell()
    assert len(nudges) == 1
