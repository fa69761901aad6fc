"""Rows of money in the administration: staff look at them, and nobody touches them."""

import pytest
from django.contrib.admin.utils import quote

from tests.memberships.factories import (
    DisputeFactory,
    NumberSeriesFactory,
    PaidPurchaseFactory,
    RefundFactory,
    StripeEventFactory,
)

pytestmark = pytest.mark.django_db
LEDGERS = [
    PaidPurchaseFactory,
    RefundFactory,
    DisputeFactory,
    StripeEventFactory,
    NumberSeriesFactory,
]


def list_of(row):
    return f"/admin/memberships/{row._meta.model_name}/"


@pytest.mark.parametrize("make", LEDGERS)
def test_rows_of_money_are_neither_added_nor_edited_nor_deleted(make, staff):
    row = make()
    model = type(row)
    before = list(model.objects.values())
    address, name = list_of(row), quote(str(row.pk))
    page = staff.get(f"{address}{name}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.text
    assert staff.post(f"{address}{name}/change/", {"amount": "1"}).status_code == 403
    assert staff.post(f"{address}{name}/delete/", {"post": "yes"}).status_code == 403
    assert staff.post(f"{address}add/", {}).status_code == 403
    staff.post(address, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("make", LEDGERS[:-1])
def test_list_costs_the_same_for_many_rows(make, staff, django_assert_max_num_queries):
    for _ in range(8):
        row = make()
    with django_assert_max_num_queries(14):
        assert staff.get(list_of(row), {"q": "x"}).status_code == 200
    with django_assert_max_num_queries(14):
        assert staff.get(list_of(row)).status_code == 200


def test_amounts_are_written_as_people_read_them(staff):
    for row in (RefundFactory(), DisputeFactory(), PaidPurchaseFactory()):
        assert "$199.00" in staff.get(list_of(row)).text
