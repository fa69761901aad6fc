"""A plan that is sold is succeeded, never edited."""

import threading

import pytest
from django.db import IntegrityError, transaction

from memberships.models import Plan, PlanStock
from memberships.purchases import plans
from memberships.purchases.plans import Terms
from tests.concurrency import at_once, until_somebody_waits
from tests.memberships.factories import PlanFactory, PurchaseFactory

TERMS = Terms(name="Founder Membership", amount=24_900, currency="usd", capacity=500)


@pytest.mark.django_db
def test_plan_is_made_with_its_places():
    plan = plans.make(terms=TERMS, active=True)
    assert (plan.amount, plan.guarantee_days, plan.stock.left) == (24_900, 30, 500)
    assert Plan.objects.on_offer().get() == plan


@pytest.mark.django_db
def test_plan_without_a_cap_has_no_places():
    plans.make(terms=Terms(name="Open", amount=1, currency="usd"), active=False)
    assert not PlanStock.objects.exists()


@pytest.mark.django_db
def test_impossible_terms_store_nothing():
    with pytest.raises(IntegrityError, match="plan_costs_something"), transaction.atomic():
        plans.make(terms=Terms(name="Free", amount=0, currency="usd"), active=True)
    assert not Plan.objects.exists()


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.django_db
def test_successor_takes_the_place_and_the_sold_plan_stays_as_it_was(active):
    sold = PurchaseFactory(plan__active=active).plan
    heir = plans.succeed(plan=sold, terms=TERMS)
    sold.refresh_from_db()
    assert (heir.succeeds, heir.active, heir.amount) == (sold, active, 24_900)
    assert (sold.active, sold.amount) == (False, 19_900)


@pytest.mark.django_db(transaction=True)
def test_plan_has_one_successor_whoever_is_faster():
    plan = PlanFactory(active=True)
    outcomes = at_once(*[lambda: plans.succeed(plan=plan, terms=TERMS)] * 4)
    assert sum(isinstance(one, plans.SucceededAlready) for one in outcomes) == 3
    assert "was succeeded before" in str(
        next(one for one in outcomes if isinstance(one, Exception))
    )
    assert Plan.objects.on_offer().get().succeeds == plan


@pytest.mark.django_db
def test_one_plan_is_offered_in_place_of_the_other():
    old, new = PlanFactory(active=True), PlanFactory()
    plans.offer(plan=new, active=True)
    assert Plan.objects.on_offer().get() == new
    old.refresh_from_db()
    assert not old.active
    plans.offer(plan=new, active=False)
    assert not Plan.objects.on_offer().exists()


@pytest.mark.django_db(transaction=True)
def test_terms_wait_for_a_purchase_that_is_being_made_and_then_stay():
    """The purchase is not committed when the edit begins, and still stands in its way."""
    plan = PlanFactory()
    begun, editing = threading.Event(), threading.Event()

    def buy():
        with transaction.atomic():
            PurchaseFactory(plan=plan)
            begun.set()
            assert editing.wait(10)
            until_somebody_waits()

    def edit():
        assert begun.wait(10)
        editing.set()
        Plan.objects.filter(pk=plan.pk).update(amount=1)

    outcomes = at_once(buy, edit)
    assert any("plan_sold_keeps_its_terms" in str(one) for one in outcomes)
    assert Plan.objects.get().amount == 19_900
