"""A sale is made to say what Stripe knows. Numbers in names are rows of the matrix."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from memberships.gateway import money
from memberships.gateway.client import Patience
from memberships.gateway.refusals import TryAgainLater
from memberships.models import Dispute, Membership, Purchase, Refund, StripeEvent
from memberships.payments import entries
from memberships.payments.settling import settle
from portal.post.models import Mail
from tests.memberships.factories import (
    MembershipFactory,
    PlanFactory,
    PlanStockFactory,
    PurchaseFactory,
    UserFactory,
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


def charge_of(purchase):
    return money.payment(purchase.payment_intent_id, patience=Patience.WEB).charge.id


def mails():
    return sorted(Mail.objects.values_list("template", flat=True))


def test_row_4_return_alone_opens_everything(sandbox):
    purchase = bought(sandbox)
    assert (purchase.state, purchase.version) == ("paid", 1)
    assert (purchase.card_brand, purchase.card_last4) == ("visa", "4242")
    assert purchase.refundable_until > purchase.paid_at + timedelta(days=30)
    assert status(purchase) == ("active", None)
    [mail] = Mail.objects.all()
    assert (mail.address, mail.template) == (purchase.user.email, "payments/membership_active")
    assert "$199.00" in mail.text
    assert "$199.00" in mail.html


def test_row_54_clock_of_stripe_that_is_ahead_keeps_nobody_out(sandbox):
    purchase = at_checkout()
    sandbox.control("clock", shift_s=600)
    pay(sandbox, purchase)
    purchase = settled(purchase)
    assert purchase.paid_at > timezone.now()
    assert access(purchase)


def test_row_4_open_session_grants_nothing(sandbox):
    purchase = settled(at_checkout())
    assert (purchase.state, status(purchase), mails()) == ("open", None, [])


def test_purchase_before_its_session_is_left_alone():
    purchase = settled(PurchaseFactory())
    assert (purchase.state, purchase.version) == ("created", 0)


def test_row_6_settling_again_changes_nothing_but_the_version(sandbox):
    purchase = bought(sandbox)
    for _again in range(3):
        settled(purchase)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.version) == ("paid", 4)
    assert Membership.objects.count() == Mail.objects.count() == 1


def test_row_48_declined_card_leaves_the_session_open(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase, "declined")
    assert settled(purchase).state == "open"
    pay(sandbox, purchase)
    assert settled(purchase).state == "paid"


def test_row_47_late_payment_gives_access_only_when_it_arrives(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase, "later")
    assert (settled(purchase).state, status(purchase)) == ("processing", None)
    sandbox.control("settle_payment", session=purchase.checkout_session_id, succeeds=True)
    assert (settled(purchase).state, status(purchase)) == ("paid", ("active", None))


def test_rows_46_and_47_failed_late_payment_lets_the_place_go(sandbox):
    plan = PlanStockFactory(capacity=1).plan
    purchase = at_checkout(plan=plan)
    pay(sandbox, purchase, "later")
    settled(purchase)
    plan.stock.refresh_from_db()
    assert plan.stock.held == 1
    sandbox.control("settle_payment", session=purchase.checkout_session_id, succeeds=False)
    assert (settled(purchase).state, status(purchase)) == ("payment_failed", None)
    plan.stock.refresh_from_db()
    assert (plan.stock.held, plan.stock.sold) == (0, 0)


def test_rows_46_and_49_place_is_let_go_when_stripe_says_expired(sandbox):
    plan = PlanStockFactory(capacity=1).plan
    purchase = at_checkout(plan=plan)
    Purchase.objects.update(expires_at=timezone.now() - timedelta(hours=1))  # our clock alone
    assert (settled(purchase).state, purchase.place) == ("open", "held")
    sandbox.control("clock", shift_s=3600)
    purchase = settled(purchase)
    assert (purchase.state, purchase.place) == ("expired", "none")
    plan.stock.refresh_from_db()
    assert plan.stock.held == 0


def test_place_is_sold_with_the_membership(sandbox):
    plan = PlanStockFactory(capacity=1).plan
    assert bought(sandbox, plan=plan).place == "sold"
    plan.stock.refresh_from_db()
    assert (plan.stock.held, plan.stock.sold) == (0, 1)


def test_row_45_payment_without_a_place_goes_back(sandbox):
    plan = PlanStockFactory(capacity=1).plan
    late = at_checkout(plan=plan)
    late.place = "none"  # its hold was lost
    late.save()
    plan.stock.held = 0
    plan.stock.save()
    bought(sandbox, plan=plan)
    pay(sandbox, late)
    late = settled(late)
    assert (late.state, status(late), late.place) == ("refund_pending", None, "none")
    assert late.refunds.get().origin == "oversell"
    sent()
    late.refresh_from_db()
    assert (late.state, late.amount_refunded) == ("refunded", late.amount_total)
    assert Purchase.objects.paid_without_membership().count() == 0


def test_purchase_ends_a_grant(sandbox):
    user = UserFactory()
    grant = MembershipFactory(user=user)
    purchase = bought(sandbox, user=user)
    grant.refresh_from_db()
    assert (grant.status, grant.end_reason) == ("ended", "bought")
    assert status(purchase) == ("active", None)


def test_grant_that_ran_out_unswept_is_not_in_the_way(sandbox):
    user = UserFactory()
    grant = MembershipFactory(
        user=user,
        started_at=timezone.now() - timedelta(days=9),
        lasts_until=timezone.now() - timedelta(days=1),
    )
    purchase = bought(sandbox, user=user)
    grant.refresh_from_db()
    assert grant.end_reason == "ran_out"
    assert status(purchase) == ("active", None)


def test_rows_2_and_44_second_payment_goes_back_and_the_first_stays(sandbox):
    user = UserFactory()
    first = bought(sandbox, user=user)
    second = bought(sandbox, user=user)
    assert second.state == "refund_pending"
    assert second.refunds.get().origin == "duplicate"
    assert (status(first), status(second)) == (("active", None), None)
    sent()
    second.refresh_from_db()
    assert (second.state, at_stripe(second)[0].amount) == ("refunded", second.amount_total)
    assert at_stripe(first) == []
    assert access(first)
    apology = Mail.objects.get(template="payments/refund_succeeded")
    assert "You had paid twice" in apology.text


def test_row_11_payment_of_a_closed_account_goes_back(sandbox):
    purchase = at_checkout()
    purchase.user.delete()
    pay(sandbox, purchase)
    purchase = settled(purchase)
    assert (purchase.state, purchase.user, status(purchase)) == ("refund_pending", None, None)
    assert purchase.refunds.get().origin == "account_deleted"
    sent()
    purchase.refresh_from_db()
    assert purchase.state == "refunded"
    assert mails() == []


def test_row_32_another_amount_is_not_taken(sandbox):
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    outcome = settle(purchase.pk, now=timezone.now(), patience=Patience.WEB)
    assert outcome.doubts == {"other_amount"}
    assert (outcome.purchase.state, status(purchase)) == ("processing", None)
    assert Purchase.objects.waiting_for_staff().get() == purchase


def test_row_50_another_address_at_checkout_changes_nothing(sandbox):
    purchase = at_checkout()
    sandbox.control("pay", session=purchase.checkout_session_id, email="else@example.org")
    assert access(settled(purchase))
    assert Mail.objects.get().address == purchase.user.email


def test_row_33_another_currency_is_not_taken(sandbox):
    purchase = at_checkout(currency="eur")
    pay(sandbox, purchase)
    outcome = settle(purchase.pk, now=timezone.now(), patience=Patience.WEB)
    assert outcome.doubts == {"other_currency"}
    assert not access(purchase)


def test_row_32_money_that_was_not_taken_and_went_back_is_over(sandbox):
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    purchase = settled(purchase)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    purchase = settled(purchase)
    assert (purchase.state, purchase.attention) == ("payment_failed", "")
    assert purchase.refunds.get().origin == "dashboard"
    assert status(purchase) is None


def test_row_24_partial_refund_in_the_dashboard_is_entered_and_nothing_else(sandbox):
    purchase = bought(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id, amount=500)
    purchase = settled(purchase)
    assert (purchase.state, purchase.amount_refunded) == ("paid", 500)
    refund = purchase.refunds.get()
    assert (refund.origin, refund.state, refund.idempotency_key) == ("dashboard", "succeeded", None)
    assert status(purchase) == ("active", None)


def test_row_25_full_refund_in_the_dashboard_ends_the_membership(sandbox):
    purchase = bought(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    assert settled(purchase).state == "refunded"
    assert status(purchase) == ("ended", "refunded")
    assert mails() == ["payments/membership_active", "payments/refund_succeeded"]


def test_row_19_pending_refund_suspends_until_it_arrives(sandbox):
    purchase = bought(sandbox)
    sandbox.control("refund_pending", times=1)
    refund = refund_of(purchase)
    sent()
    purchase.refresh_from_db()
    refund.refresh_from_db()
    assert (purchase.state, refund.state) == ("refund_pending", "pending")
    assert refund.pending_reason == "insufficient_funds"
    assert status(purchase) == ("suspended", None)
    assert not access(purchase)
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=True)
    assert settled(purchase).state == "refunded"
    assert status(purchase) == ("ended", "refunded")


def test_row_20_refund_that_fails_afterwards_gives_back_the_same_membership(sandbox):
    purchase = bought(sandbox)
    membership = Membership.objects.get()
    refund = refund_of(purchase)
    sent()
    assert status(purchase) == ("ended", "refunded")
    refund.refresh_from_db()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    purchase = settled(purchase)
    refund.refresh_from_db()
    assert (refund.state, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (purchase.state, purchase.amount_refunded) == ("paid", 0)
    assert "refund failed" in purchase.attention
    assert Membership.objects.get() == membership
    assert status(purchase) == ("active", None)
    assert "payments/refund_failed" in mails()


def test_row_20_failed_refund_waits_for_staff_where_another_membership_lives(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    sent()
    MembershipFactory(user=purchase.user)
    refund.refresh_from_db()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    purchase = settled(purchase)
    assert status(purchase) == ("ended", "refunded")
    assert "gives no membership" in purchase.attention


def test_what_staff_ended_stays_ended(sandbox):
    purchase = bought(sandbox)
    Membership.objects.update(status="ended", end_reason="staff", ended_at=timezone.now())
    settled(purchase)
    assert status(purchase) == ("ended", "staff")


@pytest.mark.parametrize(
    ("moves", "state", "membership"),
    [
        (["needs_response"], "disputed", ("suspended", None)),
        (["needs_response", "under_review"], "disputed", ("suspended", None)),
        (["needs_response", "won"], "paid", ("active", None)),
        (["needs_response", "prevented"], "paid", ("active", None)),
        (["needs_response", "lost"], "charged_back", ("ended", "charged_back")),
        (["warning_needs_response"], "paid", ("active", None)),
        (["warning_needs_response", "warning_closed"], "paid", ("active", None)),
    ],
)
def test_rows_26_to_29_disputes(sandbox, moves, state, membership):
    """26: an inquiry; 27: open; 28: won, closed, prevented; 29: lost."""
    purchase = bought(sandbox)
    made = sandbox.control("dispute", charge=charge_of(purchase), status=moves[0])
    for move in moves[1:]:
        settled(purchase)
        sandbox.control("move_dispute", dispute=made["id"], status=move)
    purchase = settled(purchase)
    assert (purchase.state, status(purchase)) == (state, membership)
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.purchase) == (moves[-1], purchase)
    is_closed = moves[-1] in {"won", "lost", "prevented", "warning_closed"}
    assert (dispute.closed_at is not None) is is_closed
    assert at_stripe(purchase) == []


def test_row_30_dispute_after_a_refund_is_shown_to_staff(sandbox):
    purchase = bought(sandbox)
    refund_of(purchase)
    sent()
    sandbox.control("dispute", charge=charge_of(purchase))
    purchase = settled(purchase)
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))
    assert "show the bank the refund" in purchase.attention


def test_row_31_fraud_warning_is_shown_to_staff(sandbox):
    purchase = bought(sandbox)
    sandbox.control("fraud_warning", charge=charge_of(purchase))
    for event in told(purchase):
        put_in(event)
    take_up()
    purchase.refresh_from_db()
    assert "suspects fraud" in purchase.attention
    assert status(purchase) == ("active", None)


def test_nothing_is_written_when_stripe_is_silent(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    sandbox.control("fault", kind="503", call="GET /v1/refunds", times=9)
    with pytest.raises(TryAgainLater):
        settled(purchase)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.version, status(purchase)) == ("open", 0, None)


@pytest.mark.parametrize("step", ["enter_refunds", "enter_disputes"])
def test_death_in_the_middle_of_writing_leaves_nothing_half_written(sandbox, monkeypatch, step):
    plan = PlanStockFactory(capacity=1).plan
    purchase = at_checkout(plan=plan)
    pay(sandbox, purchase)

    def die(*args, **kwargs):
        raise MemoryError

    with monkeypatch.context() as dying:
        dying.setattr(entries, step, die)
        with pytest.raises(MemoryError):
            settled(purchase)
    purchase.refresh_from_db()
    plan.stock.refresh_from_db()
    assert (purchase.state, purchase.version, plan.stock.held) == ("open", 0, 1)
    assert (status(purchase), mails()) == (None, [])
    assert settled(purchase).place == "sold"
    assert access(purchase)


def test_rows_3_and_7_events_in_every_order_come_to_the_same(sandbox):
    """Paid, refunded in part by us, in full from the dashboard: five events, in every order."""
    purchase = at_checkout(plan=PlanFactory(amount=1_000))
    pay(sandbox, purchase)
    payment = told(purchase)[0].payment_intent_id
    sandbox.control("dashboard_refund", payment_intent=payment, amount=300)
    sandbox.control("dashboard_refund", payment_intent=payment)
    events = told(purchase)
    assert len(events) == 5
    before = Purchase.objects.filter(pk=purchase.pk).values().get()
    for order in list(permutations(events))[::6]:
        Mail.objects.all().delete()
        StripeEvent.objects.all().delete()
        Refund.objects.all().delete()
        Membership.objects.all().delete()
        Purchase.objects.filter(pk=purchase.pk).update(**before)
        for event in order:
            put_in(event)
            take_up()
        purchase.refresh_from_db()
        assert (purchase.state, purchase.amount_refunded) == ("refunded", 1_000)
        assert sorted(Refund.objects.values_list("amount", flat=True)) == [300, 700]
        assert set(StripeEvent.objects.values_list("state", flat=True)) == {"processed"}
        assert not access(purchase)


def test_taxes_are_kept_as_stripe_reported_them(sandbox):
    sandbox.control("tax", rates=[{"name": "VAT", "percentage": 19, "country": "DE"}])
    purchase = bought(sandbox, reckons_tax=True)
    assert (purchase.amount_total, purchase.amount_tax) == (19_900, 3177)
    [tax] = purchase.tax_breakdown
    assert (tax["name"], tax["percentage"], tax["amount"]) == ("VAT", "19", 3177)


def test_tax_on_top_of_the_price_is_no_reason_for_doubt(sandbox):
    rate = {"name": "City tax", "percentage": 5, "inclusive": False}
    sandbox.control("tax", rates=[rate])
    purchase = bought(sandbox, reckons_tax=True)
    assert (purchase.state, purchase.amount_total, purchase.amount_tax) == ("paid", 20_895, 995)
    assert access(purchase)


def test_sale_without_a_reported_tax_keeps_no_line(sandbox):
    assert bought(sandbox).tax_breakdown == []
