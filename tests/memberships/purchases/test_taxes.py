"""Taxes on papers: as they were reported, and to the cent however often money goes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberships.purchases import taxes
from memberships.purchases.models import Purchase
from memberships.purchases.taxes import TaxLine


def tax(**said):
    return {
        "name": "VAT",
        "amount": 0,
        "percentage": "19",
        "country": "DE",
        "jurisdiction": None,
        "taxable_amount": None,
        "reason": "standard_rated",
    } | said


def lines(*breakdown, amount_tax=0):
    return taxes.lines(Purchase(tax_breakdown=list(breakdown), amount_tax=amount_tax))


def test_no_tax_reported_is_no_line():
    assert lines() == ()


def test_taxes_are_told_apart():
    assert lines(
        tax(amount=700, name="Sales tax", percentage="6.25", jurisdiction="Osier"),
        tax(amount=100, name="Levy", percentage=None, country=None),
        amount_tax=800,
    ) == (
        TaxLine(label="Sales tax 6.25%, Osier", amount=700),
        TaxLine(label="Levy", amount=100),
    )


def test_tax_of_nothing_says_why_and_what_is_usual_does_not():
    assert lines(tax(reason="reverse_charge", percentage="0"))[0].label == (
        "VAT 0%, DE, reverse charge"
    )
    assert lines(tax(reason="a_rule_of_tomorrow"))[0].label == "VAT 19%, DE"


def test_sum_that_was_kept_without_its_lines_is_a_line():
    assert lines(amount_tax=300) == (TaxLine(label="Tax", amount=300),)
    assert lines(tax(amount=100), amount_tax=300)[1] == TaxLine(label="Other taxes", amount=200)


def test_whole_refund_gives_back_the_whole_tax():
    paid = (TaxLine(label="VAT 19%", amount=3177),)
    assert taxes.within(paid, refunded=19_900, refunded_before=0, total=19_900) == paid


@given(
    parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=8),
    shares=st.lists(st.integers(0, 1_000), max_size=3),
)
def test_parts_give_back_the_taxes_to_the_cent(parts, shares):
    total = sum(parts)
    paid = tuple(
        TaxLine(label=str(n), amount=total * share // 4_000) for n, share in enumerate(shares)
    )
    back, before = [], 0
    for part in parts:
        given_back = taxes.within(paid, refunded=part, refunded_before=before, total=total)
        assert all(0 <= line.amount <= part for line in given_back)
        back.append(given_back)
        before += part
    for number, line in enumerate(paid):
        assert sum(one[number].amount for one in back) == line.amount


@pytest.mark.parametrize(("part", "share"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1), (7, 2)])
def test_shares_are_rounded_to_the_nearest(part, share):
    paid = (TaxLine(label="VAT", amount=1),)
    [line] = taxes.within(paid, refunded=part, refunded_before=0, total=4)
    assert line.amount == share
