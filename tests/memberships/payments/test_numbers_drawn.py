"""Receipts and credit notes are numbered by settling, once and without a gap."""

from datetime import timedelta

import pytest
from django.utils import timezone

from memberships.models import NumberSeries, Purchase, Refund
from memberships.payments import notices
from memberships.payments.settling import settle
from memberships.purchases import numbers
from portal.post.models import Mail
from tests.concurrency import at_once
from tests.memberships.factories import PlanFactory, UserFactory
from tests.memberships.payments.buying import (
    at_checkout,
    bought,
    pay,
    refund_of,
    sent,
    settled,
    status,
)


def receipts():
    return sorted(
        Purchase.objects.exclude(receipt_number=None).values_list("receipt_number", flat=True)
    )


def credit_notes():
    return sorted(
        Refund.objects.exclude(credit_note_number=None).values_list("credit_note_number", flat=True)
    )


def last(kind):
    return NumberSeries.objects.filter(kind=kind).values_list("last", flat=True).first()


def test_numbers_are_read_with_their_kind():
    assert numbers.receipt(123) == "R-000123"
    assert numbers.credit_note(45) == "C-000045"
    assert numbers.receipt(1_234_567) == "R-1234567"


@pytest.mark.django_db
def test_receipt_is_numbered_when_the_money_comes_and_keeps_its_number(sandbox, settings):
    settings.SELLER = {**settings.SELLER, "entity": "portal-inc", "name": "Portal Inc."}
    purchase = at_checkout()
    assert settled(purchase).receipt_number is None
    pay(sandbox, purchase)
    purchase = settled(purchase)
    assert (purchase.legal_entity, purchase.receipt_number) == ("portal-inc", 1)
    assert purchase.seller["name"] == "Portal Inc."
    assert "entity" not in purchase.seller
    settings.SELLER = {**settings.SELLER, "entity": "portal-gmbh", "name": "Portal GmbH"}
    purchase = settled(purchase)
    assert (purchase.legal_entity, purchase.receipt_number) == ("portal-inc", 1)
    assert purchase.seller["name"] == "Portal Inc."
    assert bought(sandbox).receipt_number == 1  # the other seller begins its own


@pytest.mark.django_db
def test_credit_note_is_numbered_by_whoever_sold(sandbox, settings):
    settings.SELLER = {**settings.SELLER, "entity": "portal-inc"}
    purchase = bought(sandbox)
    settings.SELLER = {**settings.SELLER, "entity": "portal-gmbh"}
    refund = refund_of(purchase)
    sent()
    refund.refresh_from_db()
    assert (refund.legal_entity, refund.credit_note_number) == ("portal-inc", 1)
    assert refund.credited_at is not None


@pytest.mark.django_db
def test_payment_that_never_comes_draws_nothing(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase, "declined")
    settled(purchase)
    late = at_checkout()
    pay(sandbox, late, "later")
    settled(late)
    sandbox.control("settle_payment", session=late.checkout_session_id, succeeds=False)
    settled(late)
    assert receipts() == []
    assert not NumberSeries.objects.exists()


@pytest.mark.django_db
def test_money_that_came_with_a_doubt_has_no_papers(sandbox):
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    purchase = settled(purchase)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    assert settled(purchase).state == "payment_failed"
    assert (receipts(), credit_notes()) == ([], [])
    assert purchase.refunds.succeeded().count() == 1


@pytest.mark.django_db
def test_payment_that_goes_back_by_itself_has_both_papers(sandbox):
    user = UserFactory()
    bought(sandbox, user=user)
    second = bought(sandbox, user=user)
    assert (second.receipt_number, status(second)) == (2, None)
    sent()
    assert credit_notes() == [1]


@pytest.mark.django_db
def test_each_refund_has_a_credit_note_those_of_the_dashboard_too(sandbox):
    purchase = bought(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id, amount=500)
    settled(purchase)
    assert purchase.refunds.get().credit_note_number == 1
    refund_of(purchase, amount=purchase.amount_total - 500)
    sent()
    settled(purchase)
    assert credit_notes() == [1, 2]
    assert last("credit_note") == 2
    assert purchase.refunds.get(origin="self_service").credit_note_number == 2


@pytest.mark.django_db
def test_refund_on_its_way_has_no_credit_note_yet(sandbox):
    purchase = bought(sandbox)
    sandbox.control("refund_pending", times=1)
    refund = refund_of(purchase)
    sent()
    assert credit_notes() == []
    refund.refresh_from_db()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=True)
    settled(purchase)
    assert credit_notes() == [1]


@pytest.mark.django_db
def test_row_20_credit_note_of_a_refund_that_failed_afterwards_keeps_its_number(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    sent()
    refund.refresh_from_db()
    written = refund.credited_at
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    assert settled(purchase).state == "paid"
    refund.refresh_from_db()
    assert (refund.state, refund.credit_note_number) == ("failed", 1)
    assert refund.credited_at == written
    refund_of(purchase, origin="staff")
    sent()
    assert credit_notes() == [1, 2]


@pytest.mark.django_db
def test_row_without_a_number_from_before_gets_one_when_it_is_settled(sandbox):
    purchase = bought(sandbox)
    refund_of(purchase, amount=100)
    sent()
    long_ago = timezone.now() - timedelta(days=9)
    Refund.objects.update(settled_at=long_ago)
    Purchase.objects.update(receipt_number=None, legal_entity="", seller={})
    Refund.objects.update(credit_note_number=None, credited_at=None, legal_entity="")
    purchase = settled(purchase)
    assert purchase.receipt_number == 2  # the series goes on
    refund = purchase.refunds.get()
    assert (refund.credit_note_number, refund.credited_at) == (2, long_ago)


@pytest.mark.django_db(transaction=True)
def test_settling_that_breaks_afterwards_gives_the_numbers_back(sandbox, monkeypatch):
    purchase = at_checkout()
    pay(sandbox, purchase)
    with monkeypatch.context() as broken:
        broken.setattr(notices, "membership_is_active", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            settled(purchase)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.receipt_number) == ("open", None)
    assert settled(purchase).receipt_number == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_sales_and_refunds_at_once_leave_no_gap(sandbox, monkeypatch):
    """Every fourth breaks after its number was drawn, and is settled again afterwards."""
    plan = PlanFactory()
    purchases = [at_checkout(plan=plan) for _buyer in range(20)]
    for purchase in purchases:
        pay(sandbox, purchase)
    unlucky = {purchase.pk for purchase in purchases[::4]}
    tell = notices.membership_is_active

    def tell_or_break(purchase, *, now):
        if purchase.pk in unlucky:
            unlucky.discard(purchase.pk)
            raise RuntimeError("the plug was pulled")
        tell(purchase, now=now)

    monkeypatch.setattr(notices, "membership_is_active", tell_or_break)
    outcomes = at_once(*(lambda one=one: settled(one) for one in purchases))
    assert sum(isinstance(one, RuntimeError) for one in outcomes) == 5
    assert receipts() == list(range(1, 16))
    for purchase in purchases:
        settled(purchase)
    assert receipts() == list(range(1, 21))
    for purchase in purchases:
        purchase.refresh_from_db()
        sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    outcomes = at_once(*(lambda one=one: settled(one) for one in purchases))
    assert all(isinstance(one, Purchase) for one in outcomes), outcomes
    assert credit_notes() == list(range(1, 21))
    assert (last("receipt"), last("credit_note")) == (20, 20)


@pytest.mark.django_db(transaction=True)
def test_row_53_receipt_mail_is_written_once_though_two_settle_at_once(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    at_once(*[lambda: settle(purchase.pk, now=timezone.now())] * 2)
    settled(purchase)
    [mail] = Mail.objects.filter(template="payments/membership_active")
    assert mail.key == f"purchase-{purchase.pk}-active"
    assert receipts() == [1]
