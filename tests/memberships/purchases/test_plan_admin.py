"""Staff make plans, put them on offer, and succeed those that are sold."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from memberships.models import Plan, PlanStock
from memberships.purchases import plans
from tests.memberships.factories import PlanFactory, PlanStockFactory, PurchaseFactory, UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db
LIST = "/admin/memberships/plan/"
FOUNDER = {
    "name": "Founder Membership",
    "amount": "19900",
    "currency": "usd",
    "stripe_price_id": "",
    "guarantee_days": "30",
    "capacity": "500",
    "active": "on",
}
DEARER = {**FOUNDER, "amount": "24900", "capacity": ""}


def page(plan, verb="change"):
    return f"{LIST}{plan.pk}/{verb}/"


def sold_plan(**fields):
    return PurchaseFactory(**{f"plan__{name}": value for name, value in fields.items()}).plan


def test_plan_is_made_with_its_places_and_logged(staff):
    assert staff.post(f"{LIST}add/", FOUNDER).status_code == 302
    plan = Plan.objects.on_offer().get()
    assert (plan.amount, plan.currency, plan.stock.capacity) == (19_900, "usd", 500)
    assert LogEntry.objects.get().object_id == str(plan.pk)
    assert "$199.00" in staff.get(LIST).text
    assert "500 / 500" in staff.get(LIST).text


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"amount": "0"}, "A plan costs something."),
        ({"currency": "USD"}, "A currency is three letters in lower case"),
        ({"stripe_price_id": "prod_1"}, "begin with price_"),
        ({"guarantee_days": "0"}, "from 1 to 365 days"),
        ({"capacity": "0"}, "greater than or equal to 1"),
        ({}, "Another plan is on offer"),
    ],
)
def test_impossible_plan_is_refused_in_a_sentence(staff, wrong, complaint):
    PlanFactory(active=True)
    response = staff.post(f"{LIST}add/", {**FOUNDER, **wrong})
    assert response.status_code == 200
    assert complaint in response.text
    assert Plan.objects.count() == 1


def test_plan_that_nobody_has_bought_can_be_edited(staff):
    plan = PlanStockFactory(plan__active=True).plan
    assert 'value="10"' in staff.get(page(plan)).text
    assert staff.post(page(plan), DEARER).status_code == 302
    plan.refresh_from_db()
    assert plan.amount == 24_900
    assert not PlanStock.objects.exists()


def test_sold_plan_is_not_edited(staff):
    plan = sold_plan()
    before = Plan.objects.values().get()
    assert 'name="_save"' not in staff.get(page(plan)).text
    assert staff.post(page(plan), DEARER).status_code == 403
    assert Plan.objects.values().get() == before


def test_plan_that_is_bought_while_the_form_is_open_stays_as_it_was(staff, monkeypatch):
    plan = PlanFactory()
    save = Plan.save

    def slower(self, *args, **fields):
        PurchaseFactory(plan=plan)
        save(self, *args, **fields)

    monkeypatch.setattr(Plan, "save", slower)
    response = staff.post(page(plan), DEARER, follow=True)
    assert "Nothing was stored" in response.text
    assert Plan.objects.get().amount == 19_900
    assert not LogEntry.objects.exists()


def test_sold_plan_is_succeeded(staff):
    plan = sold_plan(active=True)
    asked = staff.get(page(plan, "succeed")).text
    assert "Who bought before keeps what was sold" in asked
    assert 'value="19900"' in asked
    assert staff.post(page(plan, "succeed"), {**DEARER, "amount": "-1"}).status_code == 200
    assert Plan.objects.count() == 1
    assert staff.post(page(plan, "succeed"), DEARER).status_code == 302
    heir = Plan.objects.on_offer().get()
    assert (heir.succeeds, heir.amount) == (plan, 24_900)
    assert LogEntry.objects.count() == 2


def test_plan_is_succeeded_once(staff):
    plan = PlanFactory()
    plans.succeed(plan=plan, terms=plans.Terms(name="Heir", amount=1, currency="usd"))
    response = staff.post(page(plan, "succeed"), DEARER, follow=True)
    assert "was succeeded before" in response.text
    assert Plan.objects.count() == 2


def test_offer_is_switched_and_logged(staff):
    old, sold = PlanFactory(active=True), sold_plan()
    assert "in place of any other plan" in staff.get(page(sold, "offer")).text
    assert Plan.objects.on_offer().get() == old
    staff.post(page(sold, "offer"))
    assert Plan.objects.on_offer().get() == sold
    assert "Nothing is on offer then" in staff.get(page(sold, "offer")).text
    staff.post(page(sold, "offer"))
    assert not Plan.objects.on_offer().exists()
    assert LogEntry.objects.count() == 2


def test_plans_are_never_deleted_and_terms_need_their_permission(staff):
    plan = PlanFactory()
    assert staff.post(page(plan, "delete"), {"post": "yes"}).status_code == 403
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_plan"))
    viewer = Persona(user)
    assert viewer.get(LIST).status_code == 200
    for verb in ("succeed", "offer"):
        assert viewer.post(page(plan, verb), DEARER).status_code == 403
    assert viewer.post(f"{LIST}add/", FOUNDER).status_code == 403
    assert Plan.objects.get().active is False
