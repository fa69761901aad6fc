"""Numbers of receipts and credit notes have no gap, whoever draws them at once."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from memberships.models import NumberSeries
from memberships.purchases import numbers
from tests.concurrency import at_once

RECEIPT = NumberSeries.Kind.RECEIPT
CREDIT_NOTE = NumberSeries.Kind.CREDIT_NOTE


class ChangedMyMind(Exception):
    pass


@pytest.mark.django_db
def test_each_seller_and_kind_counts_from_one():
    drawn = [
        numbers.draw(legal_entity=seller, kind=kind)
        for seller, kind in [
            ("portal-inc", RECEIPT),
            ("portal-inc", RECEIPT),
            ("portal-inc", CREDIT_NOTE),
            ("portal-gmbh", RECEIPT),
        ]
    ]
    assert drawn == [1, 2, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_number_is_not_drawn_outside_a_transaction():
    with pytest.raises(TransactionManagementError):
        numbers.draw(legal_entity="portal-inc", kind=RECEIPT)
    assert not NumberSeries.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_leave_no_gap_though_every_third_fails():
    drawn = []

    def draw(fails):
        with transaction.atomic():
            number = numbers.draw(legal_entity="portal-inc", kind=RECEIPT)
            if fails:
                raise ChangedMyMind
            drawn.append(number)  # still under the lock

    outcomes = at_once(*(lambda turn=turn: draw(turn % 3 == 0) for turn in range(20)))
    assert sum(isinstance(one, ChangedMyMind) for one in outcomes) == 7
    assert sorted(drawn) == list(range(1, 14))
    assert NumberSeries.objects.get().last == 13
