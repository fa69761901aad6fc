"""Amounts as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberships.purchases.amounts import decimals, written


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (19_900, "usd", "$199.00"),
        (5, "usd", "$0.05"),
        (123_456_789, "eur", "€1,234,567.89"),
        (-19_900, "gbp", "−£199.00"),
        (19_900, "jpy", "¥19,900"),
        (19_900, "chf", "199.00 CHF"),
        (19_900, "kwd", "19.900 KWD"),
        (19_900, "isk", "199.00 ISK"),
    ],
)
def test_amount_is_written_as_its_currency_counts(amount, currency, text):
    assert written(amount, currency) == text


@given(amount=st.integers(), currency=st.sampled_from(["usd", "jpy", "kwd", "chf"]))
def test_no_digit_is_lost(amount, currency):
    digits = "".join(one for one in written(amount, currency) if one.isdigit())
    assert int(digits) == abs(amount)
    assert len(digits) > decimals(currency)
