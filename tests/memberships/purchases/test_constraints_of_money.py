"""What the database does not let stand about plans, places, numbers and purchases, by name."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from memberships.models import NumberSeries, Plan, PlanStock, Purchase
from tests.memberships.factories import (
    NumberSeriesFactory,
    OpenPurchaseFactory,
    PaidPurchaseFactory,
    PlanFactory,
    PlanStockFactory,
    PurchaseFactory,
    RefundedPurchaseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ELSEWHERE = ["//evil.test", "/\\evil.test", "evil.test", "https://evil.test", "/\t/evil", "/a\nb"]


def refused_by(name, make, **fields):
    model = make._meta.model
    before = model.objects.count()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(**fields)
    assert model.objects.count() == before


@pytest.mark.parametrize(
    ("name", "make", "fields"),
    [
        ("purchase_state_is_known", PurchaseFactory, {"state": "lost"}),
        ("purchase_kind_is_known", PurchaseFactory, {"kind": "loan"}),
        ("purchase_place_fits_its_state", PurchaseFactory, {"place": "sold"}),
        ("purchase_place_fits_its_state", PaidPurchaseFactory, {"place": "held"}),
        ("purchase_place_fits_its_state", PurchaseFactory, {"place": "lent"}),
        ("purchase_costs_something", PurchaseFactory, {"amount_total": 0}),
        ("purchase_tax_is_part_of_the_amount", PurchaseFactory, {"amount_tax": 19_901}),
        ("purchase_tax_is_part_of_the_amount", PurchaseFactory, {"amount_tax": -1}),
        ("purchase_refunds_never_exceed", PaidPurchaseFactory, {"amount_refunded": 19_901}),
        ("purchase_refunds_never_exceed", PaidPurchaseFactory, {"amount_refunded": -1}),
        ("purchase_refunded_is_whole", RefundedPurchaseFactory, {"amount_refunded": 19_899}),
        ("purchase_currency_is_lower_case", PurchaseFactory, {"currency": "USD"}),
        ("purchase_currency_is_lower_case", PurchaseFactory, {"currency": "us"}),
        ("purchase_open_has_a_session", OpenPurchaseFactory, {"checkout_session_id": None}),
        ("purchase_open_has_a_session", OpenPurchaseFactory, {"expires_at": None}),
        ("purchase_bought_has_its_payment", PaidPurchaseFactory, {"payment_intent_id": None}),
        ("purchase_bought_has_its_payment", PaidPurchaseFactory, {"refundable_until": None}),
        (
            "purchase_bought_has_its_payment",
            PaidPurchaseFactory,
            {"paid_at": None, "refundable_until": NOW},
        ),
        (
            "purchase_guarantee_outlasts_payment",
            PaidPurchaseFactory,
            {"paid_at": NOW, "refundable_until": NOW},
        ),
        ("purchase_receipt_has_seller_and_payment", PaidPurchaseFactory, {"receipt_number": 1}),
        (
            "purchase_receipt_has_seller_and_payment",
            PurchaseFactory,
            {"receipt_number": 1, "legal_entity": "portal-inc"},
        ),
        *(
            ("purchase_returns_to_this_site", PurchaseFactory, {"return_to": path})
            for path in ELSEWHERE
        ),
        ("plan_costs_something", PlanFactory, {"amount": 0}),
        ("plan_currency_is_lower_case", PlanFactory, {"currency": "USD"}),
        ("plan_stripe_price_is_one", PlanFactory, {"stripe_price_id": "prod_1"}),
        ("plan_guarantee_is_a_year_at_most", PlanFactory, {"guarantee_days": 0}),
        ("plan_guarantee_is_a_year_at_most", PlanFactory, {"guarantee_days": 366}),
        ("plan_does_not_succeed_itself", PlanFactory, {"id": 77, "succeeds_id": 77}),
        ("stock_is_never_negative", PlanStockFactory, {"held": -1}),
        ("stock_is_never_negative", PlanStockFactory, {"sold": -1}),
        ("stock_is_never_oversold", PlanStockFactory, {"held": 6, "sold": 5}),
        ("number_series_kind_is_known", NumberSeriesFactory, {"kind": "invoice"}),
        ("number_series_names_its_legal_entity", NumberSeriesFactory, {"legal_entity": ""}),
    ],
)  # fmt: skip
def test_rows_that_say_nonsense_are_refused(name, make, fields):
    refused_by(name, make, **fields)


def test_row_34_sale_for_nothing_cannot_be_paid():
    """A whole discount leaves no payment and no amount: neither can be stored as bought."""
    refused_by("purchase_costs_something", PaidPurchaseFactory, amount_total=0)
    refused_by("purchase_bought_has_its_payment", PaidPurchaseFactory, payment_intent_id=None)


@pytest.mark.parametrize("path", ["", "/", "/articles/7/a-budget/?t=12"])
def test_way_back_is_a_path_of_this_site(path):
    assert PurchaseFactory(return_to=path).return_to == path


@pytest.mark.parametrize(
    ("name", "make", "field"),
    [
        ("one_purchase_per_checkout_session", OpenPurchaseFactory, "checkout_session_id"),
        ("one_purchase_per_payment_intent", PaidPurchaseFactory, "payment_intent_id"),
        ("one_purchase_per_charge", PaidPurchaseFactory, "charge_id"),
    ],
)
def test_an_id_of_stripes_belongs_to_one_purchase(name, make, field):
    refused_by(name, make, **{field: getattr(make(), field)})
    PurchaseFactory()
    PurchaseFactory()  # without an id there is nothing to share


def test_a_receipt_number_is_given_once_by_each_seller():
    PaidPurchaseFactory(legal_entity="portal-inc", receipt_number=1)
    PaidPurchaseFactory(legal_entity="portal-gmbh", receipt_number=1)
    refused_by(
        "one_purchase_per_receipt_number",
        PaidPurchaseFactory,
        legal_entity="portal-inc",
        receipt_number=1,
    )


@pytest.mark.parametrize("make", [PurchaseFactory, OpenPurchaseFactory])
def test_one_person_has_one_purchase_under_way(make):
    user = make().user
    refused_by("one_open_purchase_per_user", PurchaseFactory, user=user)


def test_gifts_closed_accounts_and_what_is_over_stand_beside_it():
    user = PurchaseFactory().user
    PurchaseFactory(user=user, kind="gift")
    PurchaseFactory(user=user, kind="gift")
    PurchaseFactory(user=user, state="expired")
    RefundedPurchaseFactory(user=user)
    PurchaseFactory(user=None)
    PurchaseFactory(user=None)
    assert Purchase.objects.owned_by(user).under_way().count() == 3


def test_one_plan_is_on_offer():
    PlanFactory(active=True)
    PlanFactory()
    refused_by("one_plan_on_offer", PlanFactory, active=True)


def test_one_series_counts_for_each_seller_and_kind():
    NumberSeriesFactory()
    NumberSeriesFactory(kind="credit_note")
    refused_by("one_series_per_legal_entity_and_kind", NumberSeriesFactory)


@pytest.mark.parametrize(
    "terms",
    [
        {"name": "Founder"},
        {"amount": 100},
        {"currency": "eur"},
        {"stripe_price_id": "price_2"},
        {"guarantee_days": 14},
    ],
)
def test_sold_plan_keeps_its_terms(terms):
    plan = PurchaseFactory().plan
    free = PlanFactory()
    Plan.objects.filter(pk=free.pk).update(**terms)
    with (
        pytest.raises(IntegrityError, match="plan_sold_keeps_its_terms"),
        transaction.atomic(),
    ):
        Plan.objects.filter(pk=plan.pk).update(**terms)
    Plan.objects.filter(pk=plan.pk).update(active=True)
    before = Plan.objects.values().get(pk=plan.pk)
    assert before["active"]
    assert (before["name"], before["amount"]) == (plan.name, plan.amount)


def test_sold_plan_does_not_become_the_heir_of_another():
    with (
        pytest.raises(IntegrityError, match="plan_sold_keeps_its_terms"),
        transaction.atomic(),
    ):
        Plan.objects.filter(pk=PurchaseFactory().plan_id).update(succeeds=PlanFactory())


def test_sold_plan_cannot_be_deleted():
    plan = PurchaseFactory().plan
    with pytest.raises(ProtectedError):
        plan.delete()


def test_every_constraint_is_broken_here_once():
    """A promise that nothing tests is none."""
    text = Path(__file__).read_text()
    names = {
        constraint.name
        for model in (NumberSeries, Plan, PlanStock, Purchase)
        for constraint in model._meta.constraints
    }
    assert {name for name in names if f'"{name}"' not in text} == set()


def test_filters_read_as_sentences():
    waiting = OpenPurchaseFactory(expires_at=NOW - timedelta(minutes=1))
    OpenPurchaseFactory()
    paid = PaidPurchaseFactory(attention="Paid twice.")
    RefundedPurchaseFactory()
    assert Purchase.objects.past_expiry().get() == waiting
    assert Purchase.objects.bought().count() == 2
    assert Purchase.objects.paid_without_membership().get() == paid
    assert Purchase.objects.waiting_for_staff().get() == paid
    assert Plan.objects.sold().count() == 4
    assert not Plan.objects.on_offer().exists()
    assert not Purchase.objects.owned_by(UserFactory()).exists()
