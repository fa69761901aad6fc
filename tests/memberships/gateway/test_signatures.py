"""Which webhooks are believed: those signed by one of our secrets, over this body, just now."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
import stripe

from memberships.gateway.events import verify_event
from memberships.gateway.refusals import NotAnEvent

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = "whsec_one"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": AT - 3,
    "livemode": False,
    "type": "refund.updated",
    "data": {
        "object": {
            "id": "re_1",
            "object": "refund",
            "charge": "ch_1",
            "payment_intent": "pi_1",
            "metadata": {"refund_id": "r-1"},
        }
    },
}
BODY = json.dumps(EVENT).encode()


def signed(body=BODY, *, secret=SECRET, at=AT):
    """The header as Stripe computes it; the SDK's own helper takes only text."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def verify(body=BODY, signature=None, secrets=(SECRET,)):
    return verify_event(
        body, signed(body) if signature is None else signature, secrets=secrets, now=NOW
    )


def test_our_way_to_sign_is_the_sdk_s():
    assert signed() == stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, AT)


def test_a_signed_event_is_read_into_facts():
    event = verify()
    assert (event.id, event.type, event.livemode) == ("evt_1", "refund.updated", False)
    assert event.created == datetime.fromtimestamp(AT - 3, UTC)
    assert (event.object_kind, event.object_id) == ("refund", "re_1")
    assert (event.payment_intent_id, event.charge_id) == ("pi_1", "ch_1")
    assert event.metadata == {"refund_id": "r-1"}
    assert event.payload == EVENT


def test_a_body_is_not_changed_before_it_is_verified():
    spaced = json.dumps(EVENT, indent=3, ensure_ascii=False).encode()
    assert verify(spaced).payload == EVENT


def test_while_secrets_are_rotated_either_will_do():
    for secret in ("whsec_old", "whsec_new"):
        assert verify(signature=signed(secret=secret), secrets=["whsec_old", "whsec_new"])


def test_one_good_signature_among_several_will_do():
    other = signed(secret="whsec_other").partition(",")[2]
    assert verify(signature=f"{signed()},{other}")
    assert verify(signature=f"t={AT},{other},{signed().partition(',')[2]},v0=abc")


@pytest.mark.parametrize("skew_s", [-300, 300])
def test_five_minutes_to_either_side_are_tolerated(skew_s):
    assert verify(signature=signed(at=AT + skew_s))


BAD = {
    "missing": None,
    "empty": "",
    "garbage": "garbage",
    "no time": signed().partition(",")[2],
    "no number for a time": signed().replace(f"t={AT}", "t=noon"),
    "old": signed(at=AT - 301),
    "from the future": signed(at=AT + 301),
    "another secret": signed(secret="whsec_other"),
    "an empty secret": signed(secret=""),
    "another scheme only": signed().replace("v1=", "v0="),
    "over another body": signed(BODY + b" "),
    "another time than signed": signed(at=AT - 10).replace(f"t={AT - 10}", f"t={AT}"),
}


@pytest.mark.parametrize("signature", BAD.values(), ids=BAD.keys())
def test_a_bad_signature_is_refused(signature):
    with pytest.raises(NotAnEvent):
        verify_event(BODY, signature, secrets=[SECRET, "", "  "], now=NOW)


def test_without_secrets_nothing_is_believed():
    with pytest.raises(NotAnEvent):
        verify(secrets=[])


def without(key):
    return {name: value for name, value in EVENT.items() if name != key}


ODD_BODIES = {
    "not UTF-8": b'\xff{"id": "evt_1"}',
    "not JSON": b"id=evt_1",
    "nothing": b"",
    "NaN": BODY.replace(b'"re_1"', b"NaN"),
    "NUL": BODY.replace(b're_1"', b're_1\\u0000"'),
    "bottomless": b"[" * 100_000,
    "a list": json.dumps([EVENT]).encode(),
    "a text": b'"evt_1"',
    "a thin event": json.dumps({**EVENT, "object": "v2.core.event"}).encode(),
    "no id": json.dumps(without("id")).encode(),
    "another id": json.dumps({**EVENT, "id": "re_1"}).encode(),
    "an endless id": json.dumps({**EVENT, "id": "evt_" + "1" * 300}).encode(),
    "no type": json.dumps(without("type")).encode(),
    "no mode": json.dumps(without("livemode")).encode(),
    "a mode in words": json.dumps({**EVENT, "livemode": "false"}).encode(),
    "no time": json.dumps(without("created")).encode(),
    "a time beyond time": json.dumps({**EVENT, "created": 10**20}).encode(),
    "no data": json.dumps(without("data")).encode(),
    "no object": json.dumps({**EVENT, "data": {}}).encode(),
    "a text for an object": json.dumps({**EVENT, "data": {"object": "re_1"}}).encode(),
}


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES.keys())
def test_what_is_signed_and_still_no_event_is_refused(body):
    with pytest.raises(NotAnEvent):
        verify(body)


@pytest.mark.parametrize(
    "thing",
    [
        {"object": "balance"},
        {"object": "refund", "id": None, "metadata": None, "charge": {"id": "ch_1"}},
        {"object": 7, "id": 7, "metadata": [], "payment_intent": None},
    ],
)
def test_an_event_about_something_odd_is_still_an_event(thing):
    event = verify(json.dumps({**EVENT, "data": {"object": thing}}).encode())
    assert event.id == "evt_1"
    assert event.metadata == {}
