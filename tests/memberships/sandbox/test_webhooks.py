"""Webhooks: signed for the SDK to verify, sent again until taken, and bent as tests need them."""

from datetime import UTC, datetime

import pytest

from memberships.gateway.events import HANDLED, verify_event
from memberships.gateway.refusals import NotAnEvent
from memberships.sandbox import world
from tests.memberships.sandboxed import SECRET
from tests.memberships.selling import ask_for_refund, open_session, sold
from tests.memberships.stripe_contract import contract

pytestmark = pytest.mark.slow


def believed(heard):
    return verify_event(heard.body, heard.signature, secrets=[SECRET], now=datetime.now(UTC))


def waiting(sandbox):
    return sandbox.control("deliver", is_lost=False, times=0)["statuses"]


def test_a_sale_is_told_at_once_signed_and_in_stripe_s_shape(heard_sandbox, listener):
    session = sold(heard_sandbox)
    heard = listener.next()
    contract().check_object("event", heard.event)
    contract().check_object("checkout.session", heard.event["data"]["object"])
    event = believed(heard)
    assert (event.type, event.object_id) == ("checkout.session.completed", session.id)
    assert event.payload["pending_webhooks"] == 1


def test_every_event_that_we_handle_is_told_in_stripe_s_shape(heard_sandbox, listener):
    told = {}

    def hear(count):
        for _ in range(count):
            heard = listener.next()
            event = believed(heard)
            contract().check_object("event", heard.event)
            if event.object_kind != "radar.early_fraud_warning":
                contract().check_object(event.object_kind, heard.event["data"]["object"])
            told[event.type] = event

    session = sold(heard_sandbox)
    hear(1)
    charge = ask_for_refund(session, amount=100, key="r-1").charge_id
    hear(2)
    refund = told["refund.created"].object_id
    heard_sandbox.control("settle_refund", refund=refund, succeeds=False)
    hear(1)
    heard_sandbox.control("refund_pending", times=1)
    slow = ask_for_refund(session, amount=100, key="r-2")
    heard_sandbox.control("settle_refund", refund=slow.id, succeeds=True)
    hear(3)
    heard_sandbox.control("fraud_warning", charge=charge)
    dispute = heard_sandbox.control("dispute", charge=charge, status="warning_needs_response")
    heard_sandbox.control("move_dispute", dispute=dispute["id"], status="needs_response")
    heard_sandbox.control("move_dispute", dispute=dispute["id"], status="lost")
    hear(4)
    for number, succeeds in enumerate([True, False]):
        late = sold(heard_sandbox, way="later", purchase=f"late-{number}")
        heard_sandbox.control("settle_payment", session=late.id, succeeds=succeeds)
        hear(2)
    open_session(key="left alone")
    heard_sandbox.control("clock", shift_s=3600)
    assert heard_sandbox.ask("/v1/events", key="sk_test_sandbox")[0] == 200
    hear(1)
    assert set(told) == set(HANDLED) == world.SUBSCRIBED


@pytest.mark.parametrize("status", [400, 404, 500, 503, 302])
def test_what_was_not_taken_is_sent_again(heard_sandbox, listener, status):
    listener.statuses.put(status)
    sold(heard_sandbox)
    first, second = listener.next(), listener.next()
    assert first.event["id"] == second.event["id"]
    believed(second)


def test_what_was_not_taken_is_sent_after_a_restart_too(heard_sandbox, listener):
    heard_sandbox.control("mute", is_on=True)
    session = sold(heard_sandbox)
    heard_sandbox.kill()
    heard_sandbox.start()
    assert listener.heard.empty()
    heard_sandbox.control("mute", is_on=False)
    assert believed(listener.next()).object_id == session.id


def test_what_was_taken_is_not_sent_again(heard_sandbox, listener):
    heard_sandbox.control("mute", is_on=True)
    sold(heard_sandbox)
    assert heard_sandbox.control("deliver")["statuses"] == [200]
    assert heard_sandbox.control("deliver")["statuses"] == []
    heard_sandbox.control("mute", is_on=False)
    sold(heard_sandbox, purchase="p-2")
    assert [listener.next().event["data"]["object"]["client_reference_id"] for _ in range(2)] == [
        "p-1",
        "p-2",
    ]


def test_tests_may_repeat_and_reverse(heard_sandbox, listener):
    heard_sandbox.control("mute", is_on=True)
    session = sold(heard_sandbox)
    ask_for_refund(session, amount=100, key="r-1")
    told = heard_sandbox.control("deliver", order="reverse", times=3)
    assert told["statuses"] == [200] * 9
    types = [listener.next().type for _ in range(9)]
    assert types == [
        *["charge.refunded"] * 3,
        *["refund.created"] * 3,
        *["checkout.session.completed"] * 3,
    ]


@pytest.mark.parametrize("bent", [{"secret": "whsec_other"}, {"age_s": 400}, {"age_s": -400}])
def test_tests_may_sign_badly(heard_sandbox, listener, bent):
    heard_sandbox.control("mute", is_on=True)
    sold(heard_sandbox)
    heard_sandbox.control("deliver", **bent)
    with pytest.raises(NotAnEvent):
        believed(listener.next())


def test_tests_may_lose_events(heard_sandbox, listener):
    heard_sandbox.control("mute", is_on=True)
    sold(heard_sandbox)
    assert heard_sandbox.control("deliver", is_lost=True) == {"lost": 1}
    heard_sandbox.control("mute", is_on=False)
    sold(heard_sandbox, purchase="p-2")
    assert listener.next().event["data"]["object"]["client_reference_id"] == "p-2"
    lost = heard_sandbox.ask("/v1/events?delivery_success=false", key="sk_test_sandbox")
    assert '"p-1"' in lost[1]
