"""What the facts of a sale come to. Numbers in names and docstrings are rows of the matrix."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberships.gateway.facts import (
    ChargeFacts,
    DisputeFacts,
    IntentFacts,
    RefundFacts,
    SessionFacts,
)
from memberships.payments.projection import Alert, Doubt, OwnRefund, Sale
from memberships.payments.reduction import (
    DISPUTE_STAGES,
    REFUND_STAGES,
    IncompleteFacts,
    reduce,
)
from memberships.purchases import guarantee

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PRICE = 19_900
SALE = Sale(purchase_id="p1", price=PRICE, currency="usd", livemode=False, guarantee_days=30)
OURS = {"purchase": "p1"}


def session(**facts):
    told = {
        "id": "cs_1",
        "url": None,
        "status": "complete",
        "payment_status": "paid",
        "payment_intent_id": "pi_1",
        "amount_subtotal": PRICE,
        "amount_total": PRICE,
        "amount_tax": 0,
        "amount_discount": 0,
        "currency": "usd",
        "livemode": False,
        "created": AT,
        "expires_at": AT + timedelta(minutes=31),
        "client_reference_id": "p1",
        "metadata": OURS,
        "customer_email": "somebody@else.example",
        "customer_country": "DE",
    }
    return SessionFacts(**{**told, **facts})


def charge(**facts):
    told = {
        "id": "ch_1",
        "status": "succeeded",
        "amount": PRICE,
        "amount_refunded": 0,
        "currency": "usd",
        "created": AT,
        "paid_at": AT,
        "last4": "4242",
        "brand": "visa",
        "country": "FR",
        "receipt_url": "https://pay.test/r",
        "disputed": False,
    }
    return ChargeFacts(**{**told, **facts})


def intent(**facts):
    told = {
        "id": "pi_1",
        "status": "succeeded",
        "amount": PRICE,
        "amount_received": PRICE,
        "currency": "usd",
        "livemode": False,
        "created": AT,
        "metadata": OURS,
        "charge": charge(),
    }
    return IntentFacts(**{**told, **facts})


def refund(name="re_1", status="succeeded", amount=PRICE, **facts):
    told = {
        "currency": "usd",
        "failure_reason": "lost_or_stolen_card" if status == "failed" else None,
        "pending_reason": None,
        "created": AT + timedelta(days=1),
        "metadata": {},
        "charge_id": "ch_1",
        "payment_intent_id": "pi_1",
    }
    return RefundFacts(id=name, status=status, amount=amount, **{**told, **facts})


def dispute(name="du_1", status="needs_response", **facts):
    told = {
        "reason": "fraudulent",
        "amount": PRICE,
        "currency": "usd",
        "created": AT + timedelta(days=2),
        "charge_id": "ch_1",
        "payment_intent_id": "pi_1",
        "charge_is_refundable": False,
        "evidence_due_by": None,
    }
    return DisputeFacts(id=name, status=status, **{**told, **facts})


def paid(sale=SALE, **more):
    return reduce(**{"sale": sale, "session": session(), "intent": intent(), **more})


PENDING = ("refund_pending", "suspended", 0)
REFUNDED = ("refunded", "ended", PRICE)


def stands(projection):
    return (projection.state, projection.membership, projection.amount_refunded)


# Before the money ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "payment", "state"),
    [
        (None, None, "created"),
        ({"status": "open", "payment_status": "unpaid", "payment_intent_id": None}, None, "open"),
        ({"status": "open", "payment_status": "unpaid"}, {"status": "requires_action"}, "open"),
        ({"status": "expired", "payment_status": "unpaid"}, None, "expired"),
        ({"payment_status": "unpaid"}, {"status": "processing"}, "processing"),
        ({"payment_status": "unpaid"}, None, "processing"),
        ({"payment_status": "paid"}, None, "processing"),
        ({"payment_status": "unpaid"}, {"status": "requires_payment_method"}, "payment_failed"),
        ({"payment_status": "unpaid"}, {"status": "canceled"}, "payment_failed"),
    ],
)
def test_without_money_nobody_reads(facts, payment, state):
    projection = reduce(
        sale=SALE,
        session=None if facts is None else session(**facts),
        intent=None if payment is None else intent(charge=None, **payment),
    )
    assert stands(projection) == (state, None, 0)
    assert projection.paid_at is projection.refundable_until is projection.amount_total is None


def test_declined_charge_is_no_money():
    declined = charge(status="failed", paid_at=None)
    open_page = session(status="open", payment_status="unpaid")
    projection = reduce(
        sale=SALE,
        session=open_page,
        intent=intent(status="requires_payment_method", charge=declined),
    )
    assert stands(projection) == ("open", None, 0)


def test_complete_page_without_payment_is_not_paid():
    """`complete` is what the page says, `paid` what the money says."""
    waiting = intent(status="processing", charge=charge(status="pending", paid_at=None))
    projection = paid(session=session(payment_status="unpaid"), intent=waiting)
    assert stands(projection) == ("processing", None, 0)


def test_money_that_was_only_set_aside_is_not_paid():
    """Stripe calls the charge of a payment that waits to be captured succeeded."""
    projection = paid(
        session=session(payment_status="unpaid"), intent=intent(status="requires_capture")
    )
    assert stands(projection) == ("processing", None, 0)


def test_row_34_free_checkout_gives_nothing_and_waits_for_staff():
    free = session(payment_status="no_payment_required", payment_intent_id=None, amount_total=0)
    projection = reduce(sale=SALE, session=free)
    assert stands(projection) == ("payment_failed", None, 0)
    assert projection.doubts == {Doubt.NOTHING_TO_PAY}


# Paid ------------------------------------------------------------------------------------------


def test_paid_sale_opens_the_gate_and_says_all_that_a_receipt_needs():
    projection = paid(session=session(amount_tax=1_624))
    assert stands(projection) == ("paid", "active", 0)
    assert (projection.amount_total, projection.amount_tax) == (PRICE, 1_624)
    assert (projection.payment_intent_id, projection.charge_id) == ("pi_1", "ch_1")
    assert (projection.card_brand, projection.card_last4) == ("visa", "4242")
    assert (projection.billing_country, projection.card_country) == ("DE", "FR")
    assert projection.paid_at == AT
    assert projection.refundable_until == guarantee.ends_at(AT, days=30)
    assert projection.alerts == projection.doubts == frozenset()


def test_money_counts_though_the_page_was_read_earlier():
    assert paid(session=session(status="open", payment_status="unpaid")).state == "paid"
    assert paid(session=None).state == "paid"


def test_delayed_payment_is_paid_when_it_succeeded():
    later = AT + timedelta(days=4)
    projection = paid(came_at=later)
    assert projection.paid_at == later
    assert projection.refundable_until == guarantee.ends_at(later, days=30)
    assert paid(came_at=AT - timedelta(days=1)).paid_at == AT


def test_row_22_end_of_the_guarantee_is_stored_once():
    accepted = replace(SALE, paid_at=AT - timedelta(hours=1), refundable_until=AT)
    projection = paid(sale=accepted, came_at=AT + timedelta(days=9))
    assert (projection.paid_at, projection.refundable_until) == (AT - timedelta(hours=1), AT)


def test_accepted_sale_without_its_payment_says_nothing():
    accepted = replace(SALE, paid_at=AT, refundable_until=AT + timedelta(days=31))
    with pytest.raises(IncompleteFacts):
        reduce(sale=accepted, session=session(), intent=None)


# Another sale than ours -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doubt", "page", "payment"),
    [
        (Doubt.OTHER_AMOUNT, {"amount_subtotal": 100, "amount_total": 100}, {"amount": 100}),
        (Doubt.OTHER_AMOUNT, {}, {"amount": 100}),
        (Doubt.OTHER_CURRENCY, {"currency": "eur"}, {}),
        (Doubt.OTHER_CURRENCY, {}, {"currency": "eur"}),
        (Doubt.OTHER_PURCHASE, {"client_reference_id": "p2"}, {}),
        (Doubt.OTHER_PURCHASE, {"metadata": {}}, {}),
        (Doubt.OTHER_MODE, {"livemode": True}, {}),
        (
            Doubt.DISCOUNT,
            {"amount_discount": 9_900, "amount_total": 10_000},
            {"amount": 10_000},
        ),
    ],
)
def test_rows_32_33_and_34_payment_for_another_sale_lets_nobody_in(doubt, page, payment):
    facts = {"session": session(**page), "intent": intent(charge=charge(**payment))}
    projection = paid(**facts)
    assert stands(projection) == ("processing", None, 0)
    assert projection.doubts == {doubt}
    assert projection.payment_intent_id == "pi_1"


def test_doubted_payment_that_went_back_is_over():
    other = charge(amount=100)
    projection = paid(intent=intent(charge=other), refunds=[refund(amount=100)])
    assert stands(projection) == ("payment_failed", None, 0)
    assert not projection.doubts


def test_tax_on_top_of_the_price_is_no_other_amount():
    taxed = session(amount_total=PRICE + 1_900, amount_tax=1_900)
    projection = paid(session=taxed, intent=intent(charge=charge(amount=PRICE + 1_900)))
    assert stands(projection) == ("paid", "active", 0)
    assert projection.amount_total == PRICE + 1_900


def test_accepted_sale_is_not_judged_again():
    accepted = replace(SALE, paid_at=AT, refundable_until=AT + timedelta(days=31))
    assert paid(sale=accepted, session=session(metadata={"note": "edited"})).state == "paid"


# Refunds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refunds", "own", "expected"),
    [
        ([refund()], [], REFUNDED),
        ([refund(status="pending")], [], PENDING),
        ([refund(status="requires_action")], [], PENDING),
        ([refund(status="failed")], [], ("paid", "active", 0)),
        ([refund(status="canceled")], [], ("paid", "active", 0)),
        ([refund(amount=5_000)], [], ("paid", "active", 5_000)),
        ([refund(amount=5_000, status="pending")], [], ("paid", "active", 0)),
        (
            [refund("re_1", amount=5_000), refund("re_2", "pending", PRICE - 5_000)],
            [],
            ("refund_pending", "suspended", 5_000),
        ),
        (
            [refund("re_1", amount=5_000), refund("re_2", amount=PRICE - 5_000)],
            [],
            REFUNDED,
        ),
        ([], [OwnRefund(id="r1", amount=PRICE, state="requested")], PENDING),
        ([], [OwnRefund(id="r1", amount=PRICE, state="sending")], PENDING),
        ([], [OwnRefund(id="r1", amount=PRICE, state="failed")], ("paid", "active", 0)),
        ([], [OwnRefund(id="r1", amount=PRICE - 1, state="requested")], ("paid", "active", 0)),
        # The dashboard was faster than our worker: all is back, and ours has nothing to add.
        ([refund()], [OwnRefund(id="r1", amount=PRICE, state="sending")], REFUNDED),
    ],
)
def test_rows_19_20_21_24_and_25_of_refunds(refunds, own, expected):
    assert stands(paid(refunds=refunds, own_refunds=own)) == expected


def test_row_20_refund_that_failed_afterwards_gives_the_membership_back():
    assert paid(refunds=[refund()]).membership == "ended"
    projection = paid(refunds=[refund(status="failed")])
    assert stands(projection) == ("paid", "active", 0)
    assert projection.end_reason is None
    assert projection.alerts == {Alert.REFUND_FAILED}
    assert projection.refunds[0].failure_reason == "lost_or_stolen_card"


def test_row_21_refund_that_waits_for_the_buyer_is_in_flight():
    projection = paid(refunds=[refund(status="requires_action")])
    assert stands(projection) == PENDING
    assert projection.alerts == {Alert.REFUND_WAITS_FOR_BUYER}


@pytest.mark.parametrize("told", [{"metadata": {"refund_id": "r1"}}, {}])
def test_own_refund_that_stripe_lists_is_counted_once(told):
    """Rows 14 and 15: found by the id that we sent along, or by Stripe's."""
    own = OwnRefund(
        id="r1", amount=10_000, state="sending", stripe_refund_id=None if told else "re_1"
    )
    projection = paid(refunds=[refund(amount=10_000, status="pending", **told)], own_refunds=[own])
    assert stands(projection) == ("paid", "active", 0)  # twice 10,000 would be all of it
    assert [one.own_id for one in projection.refunds] == ["r1"]


def test_refund_that_names_a_row_which_is_not_ours_is_the_dashboards():
    projection = paid(refunds=[refund(metadata={"refund_id": "unknown"})])
    assert projection.refunds[0].own_id is None


def test_more_than_everything_is_never_stored():
    projection = paid(refunds=[refund("re_1"), refund("re_2")])
    assert stands(projection) == REFUNDED
    assert projection.alerts == {Alert.REFUNDED_TOO_MUCH}


def test_refund_of_another_payment_is_not_this_ones():
    assert paid(refunds=[refund(payment_intent_id="pi_2")]).state == "paid"
    assert paid(disputes=[dispute(payment_intent_id="pi_2")]).state == "paid"


# Disputes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state", "membership", "alerts"),
    [
        ("warning_needs_response", "paid", "active", {Alert.INQUIRY}),
        ("warning_under_review", "paid", "active", {Alert.INQUIRY}),
        ("needs_response", "disputed", "suspended", {Alert.DISPUTED}),
        ("under_review", "disputed", "suspended", {Alert.DISPUTED}),
        ("won", "paid", "active", set()),
        ("warning_closed", "paid", "active", set()),
        ("prevented", "paid", "active", set()),
        ("lost", "charged_back", "ended", {Alert.CHARGED_BACK}),
    ],
)
def test_rows_26_to_29_of_disputes(status, state, membership, alerts):
    projection = paid(disputes=[dispute(status=status)])
    assert stands(projection) == (state, membership, 0)
    assert projection.alerts == alerts


def test_row_30_dispute_after_a_refund_takes_nothing_twice():
    projection = paid(refunds=[refund()], disputes=[dispute(status="lost")])
    assert (projection.state, projection.end_reason) == ("refunded", "refunded")
    assert Alert.DISPUTED_AFTER_REFUND in projection.alerts


def test_chargeback_goes_before_a_refund_on_its_way():
    own = OwnRefund(id="r1", amount=PRICE, state="requested")
    assert paid(disputes=[dispute()], own_refunds=[own]).state == "disputed"
    assert paid(disputes=[dispute(status="lost")], own_refunds=[own]).state == "charged_back"


def test_row_31_early_fraud_warning_alerts_and_moves_nothing():
    projection = paid(fraud_warning=True)
    assert stands(projection) == ("paid", "active", 0)
    assert projection.alerts == {Alert.FRAUD_WARNING}
    assert not paid(fraud_warning=True, refunds=[refund()]).alerts


# Order, repetition -----------------------------------------------------------------------------

FACTS = st.builds(
    lambda refunds, disputes, own: (refunds, disputes, own),
    st.lists(
        st.builds(
            refund,
            st.sampled_from(["re_1", "re_2", "re_3", "re_4"]),
            st.sampled_from(REFUND_STAGES),
            st.integers(1, PRICE),
            created=st.sampled_from([AT, AT + timedelta(days=1)]),
            metadata=st.sampled_from([{}, {"refund_id": "r1"}, {"refund_id": "r2"}]),
        ),
        unique_by=lambda one: one.id,
        max_size=4,
    ),
    st.lists(
        st.builds(
            dispute, st.sampled_from(["du_1", "du_2", "du_3"]), st.sampled_from(DISPUTE_STAGES)
        ),
        unique_by=lambda one: one.id,
        max_size=3,
    ),
    st.lists(
        st.builds(
            OwnRefund,
            id=st.sampled_from(["r1", "r2"]),
            amount=st.integers(1, PRICE),
            state=st.sampled_from(["requested", "sending", "pending", "succeeded", "failed"]),
            stripe_refund_id=st.sampled_from([None, "re_9"]),
        ),
        unique_by=lambda one: one.id,
        max_size=2,
    ),
)


@given(facts=FACTS, data=st.data())
def test_row_7_any_order_and_repetition_of_facts_comes_to_the_same(facts, data):
    def shuffled(told):
        repeated = data.draw(st.lists(st.sampled_from(told))) if told else []
        return data.draw(st.permutations([*told, *repeated]))

    refunds, disputes, own = facts
    once = paid(refunds=refunds, disputes=disputes, own_refunds=own)
    again = paid(refunds=shuffled(refunds), disputes=shuffled(disputes), own_refunds=shuffled(own))
    assert again == once


@given(stages=st.lists(st.sampled_from(REFUND_STAGES), min_size=1), data=st.data())
def test_row_7_one_refund_told_at_several_stages_stands_at_the_last(stages, data):
    told = data.draw(st.permutations([refund(status=stage) for stage in stages]))
    last = max(stages, key=REFUND_STAGES.index)
    assert paid(refunds=told) == paid(refunds=[refund(status=last)])


def test_row_7_every_order_of_a_chargeback_that_grew_out_of_an_inquiry():
    told = [dispute(status=status) for status in ("warning_needs_response", "under_review", "lost")]
    assert {paid(disputes=order).state for order in permutations(told)} == {"charged_back"}


@given(
    facts=FACTS,
    came_at=st.none() | st.integers(-99, 999).map(lambda days: AT + timedelta(days=days)),
)
def test_no_facts_return_more_than_was_paid_or_open_the_gate_wrongly(facts, came_at):
    refunds, disputes, own = facts
    projection = paid(refunds=refunds, disputes=disputes, own_refunds=own, came_at=came_at)
    arrived = sum(one.amount for one in projection.refunds if one.state == "succeeded")
    assert projection.amount_refunded == min(arrived, PRICE)
    assert (projection.state == "refunded") is (arrived >= PRICE)
    assert (projection.membership == "ended") is (projection.end_reason is not None)
    if projection.membership == "active":
        assert arrived < PRICE
        assert not {"lost", "needs_response", "under_review"} & {one.status for one in disputes}
    assert projection.refundable_until >= projection.paid_at + timedelta(days=30)
