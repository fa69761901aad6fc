"""What goes wrong on the way to Stripe: unknown is not failed, and nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from memberships.gateway import checkout, money
from memberships.gateway.client import Patience
from memberships.gateway.refusals import AlreadyRefunded, TryAgainLater, WillNotHelp
from tests.memberships.sandboxed import impatience
from tests.memberships.selling import ask_for_refund, open_session, sold

pytestmark = pytest.mark.slow

WEB = Patience.WEB


def refunds(session):
    return money.refunds_of(session.payment_intent_id, patience=WEB)


@pytest.mark.parametrize("kind", ["409", "503", "drop_before", "drop_after"])
def test_one_failure_is_healed_by_the_same_key(sandbox, spy, kind):
    session = sold(sandbox)
    sandbox.control("fault", kind=kind, call="POST /v1/refunds")
    spy.calls.clear()
    refund = ask_for_refund(session, amount=500, key="r-1")
    assert [headers["Idempotency-Key"] for _m, _p, headers, _b in spy.calls] == ["r-1", "r-1"]
    assert refunds(session) == [refund]


@pytest.mark.parametrize(
    ("kind", "made"),
    [("503", 0), ("409", 0), ("429", 0), ("drop_before", 0), ("drop_after", 1)],
)
def test_a_lasting_failure_is_unknown_and_the_same_key_goes_on(sandbox, kind, made):
    session = sold(sandbox)
    sandbox.control("fault", kind=kind, call="POST /v1/refunds", times=2)
    with pytest.raises(TryAgainLater) as refused:
        ask_for_refund(session, amount=500, key="r-1")
    assert not refused.value.is_replayed
    sandbox.control("faults_end")
    assert len(refunds(session)) == made
    ask_for_refund(session, amount=500, key="r-1")
    assert [one.metadata for one in refunds(session)] == [{"refund_id": "r-1"}]


@pytest.mark.parametrize(("kind", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_silence_is_unknown_whether_or_not_it_was_done(sandbox, kind, made):
    session = sold(sandbox)
    sandbox.control("fault", kind=kind, call="POST /v1/refunds", times=2)
    with impatience(), pytest.raises(TryAgainLater):
        ask_for_refund(session, amount=500, key="r-1")
    sandbox.control("faults_end")
    assert len(refunds(session)) == made
    ask_for_refund(session, amount=500, key="r-1")
    assert len(refunds(session)) == 1


@pytest.mark.parametrize(("kind", "made"), [("500", 0), ("500_after", 1)])
def test_a_kept_500_comes_again_under_its_key_until_the_list_is_asked(sandbox, kind, made):
    session = sold(sandbox)
    sandbox.control("fault", kind=kind, call="POST /v1/refunds")
    with pytest.raises(TryAgainLater) as first:
        ask_for_refund(session, amount=500, key="r-1")
    assert not first.value.is_replayed
    with pytest.raises(TryAgainLater) as second:
        ask_for_refund(session, amount=500, key="r-1")
    assert second.value.is_replayed
    assert len([one for one in refunds(session) if one.metadata["refund_id"] == "r-1"]) == made
    if not made:
        ask_for_refund(session, amount=500, key="r-1-2")
    assert len(refunds(session)) == 1


def test_a_worker_is_more_patient_than_a_page(sandbox, spy):
    session = sold(sandbox)
    sandbox.control("fault", kind="503", call="POST /v1/refunds", times=2)
    spy.calls.clear()
    ask_for_refund(session, amount=500, key="r-1", patience=Patience.WORKER)
    assert len(spy.calls) == 3


def test_the_same_key_and_question_get_the_same_answer(sandbox):
    expires_at = datetime.now(UTC) + timedelta(minutes=31)
    made = [open_session(key="one", expires_at=expires_at) for _again in range(3)]
    assert made[0] == made[1] == made[2]
    assert len(checkout.sessions_since(made[0].created, patience=WEB)) == 1


def test_the_same_key_for_another_question_is_refused(sandbox):
    session = sold(sandbox)
    ask_for_refund(session, amount=500, key="r-1")
    with pytest.raises(WillNotHelp) as refused:
        ask_for_refund(session, amount=501, key="r-1")
    assert refused.value.code == "idempotency_error"
    assert len(refunds(session)) == 1


def test_a_refusal_is_repeated_under_its_key(sandbox):
    session = sold(sandbox)
    ask_for_refund(session, amount=14900, key="r-1")
    for _again in range(2):
        with pytest.raises(AlreadyRefunded):
            ask_for_refund(session, amount=1, key="r-2")


def test_the_same_key_ten_times_at_once_gives_back_once(sandbox):
    session = sold(sandbox)
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda _n: ask_for_refund(session, amount=500, key="r-1"), range(10)))
    assert {one.id for one in done} == {refunds(session)[0].id}
    assert len(refunds(session)) == 1


def test_ten_keys_at_once_never_give_back_more_than_was_paid(sandbox):
    session = sold(sandbox)

    def ask(number):
        try:
            return ask_for_refund(session, amount=4000, key=f"r-{number}").amount
        except WillNotHelp:
            return 0

    with ThreadPoolExecutor(10) as pool:
        given_back = sum(pool.map(ask, range(10)))
    assert given_back == sum(one.amount for one in refunds(session)) == 12000


def test_nobody_there_is_unknown(sandbox):
    session = sold(sandbox)
    sandbox.kill()
    try:
        with pytest.raises(TryAgainLater):
            ask_for_refund(session, amount=500, key="r-1")
    finally:
        sandbox.start()
    ask_for_refund(session, amount=500, key="r-1")
    assert len(refunds(session)) == 1


def test_a_kill_in_the_middle_of_many_refunds_loses_and_doubles_none(sandbox):
    """The pulled plug: whatever was answered is still there, and asking again adds nothing."""
    session = sold(sandbox)
    keys = [f"r-{number}" for number in range(40)]
    answered = {}

    def ask(key):
        try:
            answered[key] = ask_for_refund(session, amount=100, key=key)
        except TryAgainLater:
            return
        if len(answered) == 10:
            sandbox.kill()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, keys))
    assert 10 <= len(answered) < 40
    sandbox.start()
    found = {one.metadata["refund_id"]: one for one in refunds(session)}
    assert {key: found[key] for key in answered} == answered
    for key in keys:
        ask_for_refund(session, amount=100, key=key)
    every = refunds(session)
    assert sorted(one.metadata["refund_id"] for one in every) == sorted(keys)
    paid = money.payment(session.payment_intent_id, patience=WEB)
    assert paid.charge.amount_refunded == 4000
