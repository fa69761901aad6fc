"""What staff decide about money that came with a doubt. Numbers in names are rows of the matrix."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from memberships.gateway import checkout, money
from memberships.gateway.client import Patience
from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import deciding
from memberships.payments.requesting import BankDecides, RefundUnderWay
from portal.post.models import Mail
from tests.memberships.factories import (
    MembershipFactory,
    PaidPurchaseFactory,
    StaffFactory,
    StripeEventFactory,
)
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    at_stripe,
    bought,
    pay,
    put_in,
    refund_of,
    sent,
    settled,
    status,
    take_up,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db):
    return StaffFactory()


@pytest.fixture
def session_says(monkeypatch):
    """Let Stripe's sessions say something that the sandbox never says."""
    really = checkout.session

    def say(**facts):
        monkeypatch.setattr(
            checkout, "session", lambda *args, **how: replace(really(*args, **how), **facts)
        )

    return say


def accept(purchase, by, **how):
    return deciding.accept(
        purchase_id=purchase.pk, by=by, now=timezone.now(), reason="They wrote to us.", **how
    )


def send_back(purchase, by):
    return deciding.send_back(
        purchase_id=purchase.pk, by=by, now=timezone.now(), reason="Not our price."
    )


def doubted(sandbox, **how):
    """Paid, and another sum than the plan asks for unless told otherwise."""
    purchase = at_checkout(**how or {"price": 100})
    pay(sandbox, purchase)
    purchase = settled(purchase)
    assert (purchase.state, status(purchase)) == ("processing", None)
    return purchase


def charge_of(purchase):
    return money.payment(purchase.payment_intent_id, patience=Patience.WEB).charge


DOUBTS = [{"price": 100}, {"price": 29_900}, {"currency": "eur"}]


def test_rows_32_and_33_accepted_payment_begins_the_membership(sandbox, by):
    for how in DOUBTS:
        purchase = accept(doubted(sandbox, **how), by)
        assert (purchase.state, status(purchase)) == ("paid", ("active", None))
        charge = charge_of(purchase)
        assert (purchase.amount_total, purchase.currency) == (charge.amount, charge.currency)
        assert purchase.paid_at == charge.paid_at
        assert purchase.refundable_until > purchase.paid_at + timedelta(days=30)
        assert purchase.attention == ""
        assert access(purchase)
    assert Mail.objects.filter(template="payments/membership_active").count() == len(DOUBTS)


def test_rows_32_and_33_payment_that_is_sent_back_ends_as_failed(sandbox, by):
    for how in DOUBTS:
        purchase = doubted(sandbox, **how)
        paid = charge_of(purchase)
        refund = send_back(purchase, by)
        assert (refund.amount, refund.origin, refund.requested_by) == (paid.amount, "staff", by)
        assert refund.reason == "Not our price."
        purchase.refresh_from_db()
        assert (purchase.state, purchase.attention) == ("processing", "")
        assert settled(purchase).attention == ""
        sent()
        purchase.refresh_from_db()
        assert (purchase.state, purchase.attention) == ("payment_failed", "")
        assert [one.amount for one in at_stripe(purchase)] == [paid.amount]
        assert (status(purchase), access(purchase)) == (None, False)
        assert (purchase.amount_total, purchase.currency) == (paid.amount, paid.currency)


def test_accepted_sale_is_not_judged_again(sandbox, by):
    purchase = accept(doubted(sandbox), by)
    for _again in range(2):
        purchase = settled(purchase)
    assert (purchase.state, purchase.attention) == ("paid", "")
    refund_of(purchase)
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))


def test_row_32_payment_that_names_another_purchase_is_decided_too(sandbox, by, session_says):
    session_says(metadata={"purchase": "another"})
    purchase = doubted(sandbox, price=None)
    assert "names another purchase" in purchase.attention
    assert status(accept(purchase, by)) == ("active", None)


def test_row_34_discount_waits_and_is_decided(sandbox, by, session_says):
    session_says(amount_discount=9_900)
    purchase = doubted(sandbox, price=None)
    assert "discount" in purchase.attention
    assert status(accept(purchase, by)) == ("active", None)


@pytest.fixture
def free(session_says, sandbox):
    """A checkout that was completed with nothing to pay."""
    session_says(
        status="complete",
        payment_status="no_payment_required",
        payment_intent_id=None,
        amount_total=0,
        amount_discount=19_900,
    )
    purchase = settled(at_checkout())
    assert (purchase.state, status(purchase)) == ("payment_failed", None)
    assert "nothing to pay" in purchase.attention
    return purchase


def test_row_34_checkout_with_nothing_to_pay_gives_a_grant_where_staff_accept(free, by):
    purchase = accept(free, by)
    assert (purchase.state, purchase.attention) == ("payment_failed", "")
    given = Membership.objects.get()
    assert (given.source, given.granted_by, given.purchase) == ("grant", by, None)
    assert str(purchase.pk) in given.note
    assert "They wrote to us." in given.note
    assert access(purchase)
    assert settled(purchase).attention == ""
    with pytest.raises(deciding.NoDoubt):
        accept(purchase, by)
    assert Membership.objects.count() == 1


def test_row_34_checkout_with_nothing_to_pay_gives_nothing_where_staff_only_note_it(free, by):
    deciding.take_note(purchase_id=free.pk, seen=free.attention.splitlines())
    assert (settled(free).attention, status(free), access(free)) == ("", None, False)


def test_row_34_member_is_given_no_second_membership(free, by):
    MembershipFactory(user=free.user)
    with pytest.raises(deciding.CannotDecide, match="has a membership already"):
        accept(free, by)
    free.refresh_from_db()
    assert (Membership.objects.count(), free.noted) == (1, "")


def test_row_34_nothing_is_sent_back_where_nothing_was_paid(free, by):
    with pytest.raises(deciding.NoDoubt):
        send_back(free, by)
    assert not Refund.objects.exists()


def test_event_of_a_doubt_is_done_once_it_is_decided(sandbox, by):
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    take_up()
    event = StripeEvent.objects.get()
    assert (event.state, event.purchase) == ("parked", purchase)
    accept(purchase, by)
    take_up()
    event.refresh_from_db()
    assert event.state == "processed"


def test_event_of_a_noted_doubt_is_not_parked_without_a_word(free, by):
    deciding.take_note(purchase_id=free.pk, seen=free.attention.splitlines())
    session = {"object": "checkout.session", "id": free.checkout_session_id}
    event = StripeEventFactory(
        payload={
            "id": "evt_free",
            "object": "event",
            "type": "checkout.session.completed",
            "created": 1_790_000_000,
            "livemode": False,
            "data": {"object": {**session, "metadata": {"purchase": str(free.pk)}}},
        }
    )
    take_up()
    event.refresh_from_db()
    assert event.state == "processed"


def test_only_a_doubt_is_decided_and_only_with_stripe(sandbox, by):
    sound, odd = bought(sandbox), doubted(sandbox)
    before = list(Purchase.objects.values().order_by("pk"))
    for decide in (accept, send_back):
        with pytest.raises(deciding.NoDoubt):
            decide(sound, by)
        sandbox.control("fault", kind="503", call="GET", times=9)
        with pytest.raises(deciding.StripeIsSilent, match="Nothing has changed"):
            decide(odd, by)
        sandbox.control("faults_end")
    assert list(Purchase.objects.values().order_by("pk")) == before
    assert not Refund.objects.exists()


def test_acceptance_stands_where_stripe_falls_silent_after_it(sandbox, by, monkeypatch):
    purchase = doubted(sandbox)
    really = deciding.settling.settle

    def silent(*args, **kwargs):
        raise deciding.StripeRefused("silence")

    with monkeypatch.context() as moment:
        moment.setattr(deciding.settling, "settle", silent)
        purchase = accept(purchase, by)
    assert (purchase.state, access(purchase)) == ("processing", False)
    assert really(purchase.pk, now=timezone.now()).purchase.state == "paid"
    assert access(purchase)


def test_what_was_sent_back_is_not_accepted(sandbox, by):
    purchase = doubted(sandbox)
    send_back(purchase, by)
    with pytest.raises((deciding.NoDoubt, RefundUnderWay)):
        accept(purchase, by)
    sent()
    with pytest.raises(deciding.NoDoubt):
        accept(purchase, by)
    assert not Membership.objects.exists()


def test_money_that_the_dashboard_gave_back_is_not_decided(sandbox, by):
    purchase = doubted(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    for decide in (accept, send_back):
        with pytest.raises(deciding.NoDoubt):
            decide(purchase, by)
    assert Refund.objects.count() == 0


def test_rest_is_sent_back_where_the_dashboard_gave_back_a_part(sandbox, by):
    purchase = doubted(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id, amount=30)
    assert send_back(settled(purchase), by).amount == 70
    sent()
    purchase.refresh_from_db()
    assert purchase.state == "payment_failed"


def test_row_27_disputed_doubt_is_left_to_the_bank(sandbox, by):
    purchase = doubted(sandbox)
    made = sandbox.control("dispute", charge=charge_of(purchase).id)
    purchase = settled(purchase)
    assert "bank has taken the money back" in purchase.attention
    with pytest.raises(BankDecides):
        send_back(purchase, by)
    sandbox.control("move_dispute", dispute=made["id"], status="lost")
    purchase = settled(purchase)
    assert (purchase.state, purchase.attention) == ("payment_failed", "")


def test_refund_of_a_doubt_that_stripe_refused_asks_for_a_decision_again(sandbox, by):
    purchase = doubted(sandbox)
    refund = send_back(purchase, by)
    Refund.objects.filter(pk=refund.pk).update(
        state="failed", failure_reason="refused", settled_at=timezone.now()
    )
    purchase = settled(purchase)
    assert purchase.attention.splitlines() == [
        "Another amount was paid than the plan asks for.",
        "Stripe refused a refund. Its row says why.",
    ]
    assert status(accept(purchase, by)) == ("active", None)


def test_row_20_refund_of_a_doubt_that_fails_later_leaves_the_buyer_s_next_try_alone(sandbox, by):
    purchase = doubted(sandbox)
    refund = send_back(purchase, by)
    sent()
    again = at_checkout(user=purchase.user)
    refund.refresh_from_db()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    purchase = settled(purchase)
    assert purchase.state == "payment_failed"
    assert "Another amount was paid" in purchase.attention
    assert "A refund failed" in purchase.attention
    pay(sandbox, again)
    assert access(settled(again))
    purchase = accept(purchase, by)
    assert (purchase.state, access(purchase)) == ("refund_pending", True)
    assert set(purchase.refunds.values_list("origin", flat=True)) == {"staff", "duplicate"}


def test_payment_of_a_member_that_is_accepted_goes_back_as_paid_twice(sandbox, by):
    purchase = doubted(sandbox)
    first = PaidPurchaseFactory(user=purchase.user)
    MembershipFactory(user=purchase.user, purchase=first, source="purchase")
    purchase = accept(purchase, by)
    assert (purchase.state, purchase.refunds.get().origin) == ("refund_pending", "duplicate")


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_make_one_member(sandbox, at_once, by):
    purchase = doubted(sandbox)
    results = at_once(*[lambda: accept(purchase, by)] * 3)
    assert sum(isinstance(one, Purchase) for one in results) >= 1
    for one in results:
        assert isinstance(one, Purchase | deciding.NoDoubt), one
    assert Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_accepts_while_another_sends_back_and_one_of_them_decides(sandbox, at_once, by):
    purchase = doubted(sandbox)
    at_once(lambda: accept(purchase, by), lambda: send_back(purchase, by))
    purchase = settled(purchase)
    if Refund.objects.exists():
        assert status(purchase) is None
        assert purchase.paid_at is None
    else:
        assert status(purchase) == ("active", None)


# Taking note -----------------------------------------------------------------------------------


def with_a_failed_refund(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    sent()
    refund.refresh_from_db()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    return settled(purchase)


def test_noted_sentence_is_not_shown_again_as_long_as_it_holds(sandbox):
    purchase = with_a_failed_refund(sandbox)
    [sentence] = purchase.attention.splitlines()
    assert deciding.take_note(purchase_id=purchase.pk, seen=[sentence]) == [sentence]
    purchase = settled(purchase)
    assert (purchase.attention, purchase.noted) == ("", sentence)
    assert not Purchase.objects.waiting_for_staff().exists()


def test_sentence_that_happens_anew_shows_again(sandbox):
    purchase = with_a_failed_refund(sandbox)
    deciding.take_note(purchase_id=purchase.pk, seen=purchase.attention.splitlines())
    refund = refund_of(purchase)
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.noted) == ("refunded", "")
    refund.refresh_from_db()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    assert "A refund failed" in settled(purchase).attention


def test_what_came_up_since_the_page_was_opened_stays(sandbox):
    purchase = with_a_failed_refund(sandbox)
    seen = purchase.attention.splitlines()
    sandbox.control("dispute", charge=charge_of(purchase).id)
    purchase = settled(purchase)
    deciding.take_note(purchase_id=purchase.pk, seen=seen)
    purchase.refresh_from_db()
    assert purchase.attention == "The buyer's bank has taken the money back. Answer it in Stripe."
    assert purchase.noted.splitlines() == seen


def test_doubt_does_not_go_away_by_being_seen(sandbox):
    purchase = doubted(sandbox)
    with pytest.raises(deciding.MustDecide):
        deciding.take_note(purchase_id=purchase.pk, seen=purchase.attention.splitlines())
    purchase.refresh_from_db()
    assert purchase.noted == ""
