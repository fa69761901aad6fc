"""Places of a plan with a cap: never more sold than there are, none lost, none counted twice."""

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from memberships.models import PlanStock, Purchase
from memberships.purchases import stock
from tests.concurrency import at_once
from tests.memberships.factories import PlanFactory, PlanStockFactory, PurchaseFactory

HELD = Purchase.Place.HELD
SOLD = Purchase.Place.SOLD
NONE = Purchase.Place.NONE


def counts():
    return PlanStock.objects.values_list("held", "sold").get()


@pytest.mark.django_db
def test_place_is_held_then_sold():
    purchase = PurchaseFactory(plan=PlanStockFactory().plan)
    stock.hold(purchase)
    stock.hold(purchase)
    assert (purchase.place, counts()) == (HELD, (1, 0))
    stock.sell(purchase)
    stock.sell(purchase)
    assert (purchase.place, counts()) == (SOLD, (0, 1))
    assert PlanStock.objects.get().left == 9


@pytest.mark.django_db
def test_place_that_nothing_came_of_is_let_go_once():
    purchase = PurchaseFactory(plan=PlanStockFactory().plan)
    stock.hold(purchase)
    stock.let_go(purchase)
    stock.let_go(purchase)
    assert (purchase.place, counts()) == (NONE, (0, 0))


@pytest.mark.django_db
def test_sold_place_stays_sold():
    purchase = PurchaseFactory(plan=PlanStockFactory().plan)
    stock.sell(purchase)
    stock.let_go(purchase)
    stock.hold(purchase)
    assert (purchase.place, counts()) == (SOLD, (0, 1))


@pytest.mark.django_db
def test_row_45_money_without_a_place_is_told_so_and_counts_nothing():
    last = PlanStockFactory(capacity=1)
    stock.hold(PurchaseFactory(plan=last.plan))
    late = PurchaseFactory(plan=last.plan)
    for verb in (stock.hold, stock.sell):
        with pytest.raises(stock.SoldOut):
            verb(late)
    assert (late.place, counts()) == (NONE, (1, 0))


@pytest.mark.django_db
def test_plan_without_a_cap_counts_nothing():
    purchase = PurchaseFactory(plan=PlanFactory())
    stock.hold(purchase)
    stock.sell(purchase)
    assert purchase.place == NONE


@pytest.mark.django_db(transaction=True)
def test_row_45_sixty_buyers_share_ten_places():
    plan = PlanStockFactory(capacity=10).plan
    buyers = [PurchaseFactory(plan=plan) for _ in range(60)]

    def buy(purchase):
        with transaction.atomic():
            locked = Purchase.objects.select_for_update().get(pk=purchase.pk)
            stock.hold(locked)
            locked.save(update_fields=["place"])

    outcomes = at_once(*(lambda one=one: buy(one) for one in buyers))
    assert outcomes.count(None) == 10
    assert sum(isinstance(one, stock.SoldOut) for one in outcomes) == 50
    assert counts() == (10, 0)
    assert Purchase.objects.filter(place=HELD).count() == 10


class AnyOrderOfVerbs(TestCase):
    """Whatever is called, and however often, the counts are those of the purchases."""

    @given(
        capacity=st.integers(0, 3),
        calls=st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from([stock.hold, stock.sell, stock.let_go])),
            max_size=20,
        ),
    )
    def test_counts_are_those_of_the_purchases(self, capacity, calls):
        plan = PlanStockFactory(capacity=capacity).plan
        purchases = [PurchaseFactory.build(plan=plan, user=None) for _ in range(4)]
        for who, verb in calls:
            before = purchases[who].place
            try:
                verb(purchases[who])
            except stock.SoldOut:
                assert purchases[who].place == before
        places = [one.place for one in purchases]
        assert counts() == (places.count(HELD), places.count(SOLD))
        assert PlanStock.objects.aggregate(all=Sum("held") + Sum("sold"))["all"] <= capacity
