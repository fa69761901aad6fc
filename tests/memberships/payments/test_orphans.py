"""Payments of ours without a purchase. Numbers in names are rows of the matrix."""

import pytest
from django.utils import timezone

from memberships.gateway import money
from memberships.gateway.client import Patience
from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import orphans
from memberships.payments.deciding import CannotDecide, StripeIsSilent
from memberships.payments.requesting import BankDecides
from memberships.payments.strays import NothingPaid, NotWaiting, TakenUp, look_into
from portal.post.models import Mail
from tests.memberships.factories import PlanFactory, StaffFactory, StripeEventFactory, UserFactory
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    at_stripe,
    pay,
    put_in,
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


def lost(sandbox, **how):
    """A paid session whose purchase is gone, as after a backup; its event waits. (purchase, event)

    The row in hand is what was there before.
    """
    purchase = at_checkout(**how)
    pay(sandbox, purchase)
    told_of = told(purchase)
    Purchase.objects.filter(pk=purchase.pk).delete()
    for event in told_of:
        put_in(event)
    take_up()
    event = StripeEvent.objects.get(object_id=purchase.checkout_session_id)
    assert (event.state, event.purchase) == ("parked", None)
    return purchase, event


def adopt(event, gone, **how):
    given = {"user": gone.user, "plan": gone.plan, "now": timezone.now(), **how}
    return orphans.adopt(event_id=event.pk, **given)


def refund(event, by):
    return orphans.refund(
        event_id=event.pk, by=by, reason="Nobody knows who paid.", now=timezone.now()
    )


def taken_up(event):
    take_up()
    event.refresh_from_db()
    return event


def test_row_10_adopted_payment_is_a_sale_under_the_name_that_stripe_has(sandbox):
    gone, event = lost(sandbox)
    purchase = adopt(event, gone)
    assert purchase.pk == gone.pk
    assert (purchase.state, purchase.user, purchase.plan) == ("paid", gone.user, gone.plan)
    assert purchase.checkout_session_id == gone.checkout_session_id
    charge = money.payment(purchase.payment_intent_id, patience=Patience.WEB).charge
    assert (purchase.amount_total, purchase.paid_at) == (charge.amount, charge.paid_at)
    assert (status(purchase), access(purchase)) == (("active", None), True)
    assert Mail.objects.get().address == gone.user.email
    event = taken_up(event)
    assert (event.state, event.purchase) == ("processed", purchase)
    assert settled(purchase).state == "paid"
    assert not Purchase.objects.paid_without_membership().exists()


def test_row_10_refunded_orphan_ends_without_a_membership_and_without_a_person(sandbox, by):
    gone, event = lost(sandbox)
    purchase = refund(event, by)
    assert (purchase.state, purchase.user, status(purchase)) == ("refund_pending", None, None)
    back = purchase.refunds.get()
    assert (back.origin, back.amount) == ("orphan_payment", gone.amount_total)
    assert (back.requested_by, back.reason) == (by, "Nobody knows who paid.")
    assert settled(purchase).refunds.count() == 1
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.attention) == ("refunded", "")
    assert [one.amount for one in at_stripe(purchase)] == [gone.amount_total]
    assert not Purchase.objects.paid_without_membership().exists()
    assert not Membership.objects.exists()
    assert taken_up(event).state == "processed"


def test_row_10_orphan_whose_refund_fails_is_money_without_a_membership_and_says_so(sandbox, by):
    _gone, event = lost(sandbox)
    purchase = refund(event, by)
    sent()
    back = purchase.refunds.get()
    sandbox.control("settle_refund", refund=back.stripe_refund_id, succeeds=False)
    purchase = settled(purchase)
    assert (purchase.state, purchase.refunds.count()) == ("paid", 1)
    assert "A refund failed" in purchase.attention
    assert Purchase.objects.paid_without_membership().get() == purchase


def test_row_10_only_what_the_plan_asks_for_is_adopted(sandbox):
    gone, event = lost(sandbox, price=100)
    with pytest.raises(orphans.OtherTerms, match="Another amount"):
        adopt(event, gone)
    with pytest.raises(orphans.OtherTerms, match="another currency"):
        adopt(event, gone, plan=PlanFactory(amount=100, currency="eur"))
    assert not Purchase.objects.exists()
    purchase = adopt(event, gone, plan=PlanFactory(amount=100))
    assert (purchase.amount_total, access(purchase)) == (100, True)


def test_row_10_any_amount_is_refunded_whatever_the_plans_ask_for(sandbox, by):
    _gone, event = lost(sandbox, currency="eur", price=100)
    purchase = refund(event, by)
    assert (purchase.currency, purchase.refunds.get().amount) == ("eur", 100)
    sent()
    purchase.refresh_from_db()
    assert purchase.state == "refunded"


def second_session(sandbox):
    """One purchase, paid on a session that it does not know any more. (purchase, event)"""
    purchase = at_checkout()
    pay(sandbox, purchase)
    [event] = told(purchase)
    Purchase.objects.update(checkout_session_id="cs_test_other", state="expired")
    put_in(event)
    take_up()
    purchase.refresh_from_db()
    return purchase, StripeEvent.objects.get()


def test_payment_on_a_second_session_is_adopted_beside_its_purchase(sandbox):
    first, event = second_session(sandbox)
    assert look_into(event.pk).named == first
    purchase = adopt(event, first)
    assert purchase.pk != first.pk
    assert (purchase.state, access(purchase)) == ("paid", True)
    assert taken_up(event).purchase == purchase
    first.refresh_from_db()
    assert first.state == "expired"
    assert settled(purchase).attention == ""


def test_payment_on_a_second_session_is_refunded_beside_its_purchase(sandbox, by):
    first, event = second_session(sandbox)
    purchase = refund(event, by)
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.pk != first.pk) == ("refunded", True)


def test_row_44_payment_of_a_member_that_is_adopted_goes_back_as_paid_twice(sandbox):
    gone, event = lost(sandbox)
    other = at_checkout(user=gone.user)
    pay(sandbox, other)
    assert access(settled(other))
    purchase = adopt(event, gone)
    assert (purchase.state, purchase.refunds.get().origin) == ("refund_pending", "duplicate")


def test_person_at_another_checkout_is_no_obstacle(sandbox):
    gone, event = lost(sandbox)
    at_checkout(user=gone.user)
    assert access(adopt(event, gone))


def test_refund_from_the_dashboard_before_the_adoption_is_entered_with_it(sandbox, by):
    gone, event = lost(sandbox)
    payment = event.payload["data"]["object"]["payment_intent"]
    sandbox.control("dashboard_refund", payment_intent=payment, amount=5_000)
    purchase = refund(event, by)
    assert purchase.refunds.get(origin="orphan_payment").amount == gone.amount_total - 5_000
    sent()
    purchase.refresh_from_db()
    assert purchase.state == "refunded"


def test_orphan_that_went_back_already_is_written_down(sandbox, by):
    _gone, event = lost(sandbox)
    payment = event.payload["data"]["object"]["payment_intent"]
    sandbox.control("dashboard_refund", payment_intent=payment)
    purchase = refund(event, by)
    assert (purchase.state, purchase.refunds.get().origin) == ("refunded", "dashboard")
    assert taken_up(event).state == "processed"


def test_row_27_disputed_orphan_is_not_refunded(sandbox, by):
    _gone, event = lost(sandbox)
    payment = event.payload["data"]["object"]["payment_intent"]
    charge = money.payment(payment, patience=Patience.WEB).charge
    sandbox.control("dispute", charge=charge.id)
    with pytest.raises(BankDecides):
        refund(event, by)
    assert not Purchase.objects.exists()


def test_orphan_known_by_its_refund_alone_is_adopted_and_knows_its_session_later(sandbox):
    gone, event = lost(sandbox)
    StripeEvent.objects.all().delete()
    payment = event.payload["data"]["object"]["payment_intent"]
    sandbox.control("dashboard_refund", payment_intent=payment, amount=100)
    [completed, *refunds] = told(gone)
    for one in refunds:
        put_in(one)
    take_up()
    waiting = StripeEvent.objects.waiting_for_staff()
    purchase = adopt(waiting.first(), gone)
    assert (purchase.state, purchase.amount_refunded) == ("paid", 100)
    put_in(completed)
    take_up()
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"processed"}


def test_nothing_is_adopted_where_nothing_was_paid_and_it_is_set_aside(sandbox, by):
    purchase = at_checkout()
    pay(sandbox, purchase, "later")
    Purchase.objects.filter(pk=purchase.pk).delete()
    put_in(told(purchase)[0])
    take_up()
    event = StripeEvent.objects.get()
    with pytest.raises(NothingPaid):
        adopt(event, purchase)
    with pytest.raises(NothingPaid):
        refund(event, by)
    orphans.set_aside(event_id=event.pk)
    event.refresh_from_db()
    assert event.state == "ignored"
    with pytest.raises(NotWaiting):
        orphans.set_aside(event_id=event.pk)


def test_event_with_money_is_not_set_aside_and_nothing_is_done_without_stripe(sandbox, by):
    gone, event = lost(sandbox)
    with pytest.raises(orphans.MoneyIsHere):
        orphans.set_aside(event_id=event.pk)
    for do in (
        lambda: adopt(event, gone),
        lambda: refund(event, by),
        lambda: orphans.set_aside(event_id=event.pk),
    ):
        sandbox.control("fault", kind="503", call="GET", times=9)
        with pytest.raises(StripeIsSilent):
            do()
        sandbox.control("faults_end")
    event.refresh_from_db()
    assert (event.state, Purchase.objects.count()) == ("parked", 0)


def test_event_that_nobody_can_read_is_set_aside():
    event = StripeEventFactory(state="dead", error="ValueError", payload={})
    orphans.set_aside(event_id=event.pk)
    event.refresh_from_db()
    assert event.state == "ignored"


def test_without_any_plan_the_way_is_told(sandbox, by):
    gone, event = lost(sandbox)
    gone.plan.delete()
    with pytest.raises(CannotDecide, match="no plan"):
        refund(event, by)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["adopt", "refund"])
def test_row_10_two_who_take_up_one_payment_at_once_make_one_purchase(sandbox, at_once, by, other):
    gone, event = lost(sandbox)
    user = UserFactory()

    def second():
        return refund(event, by) if other == "refund" else adopt(event, gone, user=user)

    results = at_once(lambda: adopt(event, gone), second)
    assert sum(isinstance(one, Purchase) for one in results) == 1
    assert [one for one in results if isinstance(one, TakenUp | NotWaiting)]
    assert Purchase.objects.count() == 1
    assert Membership.objects.count() + Refund.objects.count() == 1
