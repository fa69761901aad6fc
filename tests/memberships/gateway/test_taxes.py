"""Taxes come as Stripe reckons them, line by line."""

import pytest
import stripe

from memberships.gateway import checkout, reading
from memberships.gateway.client import Patience
from memberships.gateway.facts import TaxFacts
from memberships.gateway.refusals import TryAgainLater
from tests.memberships.selling import open_session, sold
from tests.memberships.stripe_contract import of_the_wheel

WEB = Patience.WEB
VAT = {"name": "VAT", "percentage": 19, "country": "DE", "jurisdiction": "Germany"}
CITY = {"name": "City tax", "percentage": 6.25, "inclusive": False, "country": "US"}


def paid_with_tax(sandbox, *rates):
    sandbox.control("tax", rates=rates)
    session = open_session(key="taxed", reckons_tax=True)
    sandbox.control("pay", session=session.id)
    return checkout.session(session.id, patience=WEB)


def test_inclusive_tax_is_found_within_the_price(sandbox):
    session = paid_with_tax(sandbox, VAT)
    assert (session.amount_subtotal, session.amount_total, session.amount_tax) == (
        14_900,
        14_900,
        2379,
    )
    assert session.taxes == (
        TaxFacts(
            name="VAT",
            amount=2379,
            percentage="19",
            country="DE",
            jurisdiction="Germany",
            taxable_amount=12_521,
            reason="standard_rated",
        ),
    )


def test_tax_on_top_is_part_of_what_is_paid(sandbox):
    session = paid_with_tax(sandbox, CITY, CITY | {"name": "County tax", "percentage": 1})
    assert [(one.name, one.percentage, one.amount) for one in session.taxes] == [
        ("City tax", "6.25", 931),
        ("County tax", "1", 149),
    ]
    assert (session.amount_subtotal, session.amount_total) == (14_900, 15_980)


def test_sale_that_asks_for_no_tax_has_none(sandbox):
    sandbox.control("tax", rates=[VAT])
    assert sold(sandbox).taxes == ()
    assert sold(sandbox, purchase="p-2").amount_tax == 0


def test_taxes_of_the_sandbox_are_taxes_of_the_specification(sandbox):
    """The named specification is cut short here; the whole one knows what a rate must have."""
    session = paid_with_tax(sandbox, VAT)
    expand = "?expand[]=total_details.breakdown"
    path = f"/v1/checkout/sessions/{session.id}"
    status, body = sandbox.ask(path + expand, key="sk_test_sandbox")
    assert status == 200
    of_the_wheel().check_answer("GET", path, status, body)
    assert "breakdown" not in sandbox.ask(path, key="sk_test_sandbox")[1]


def read(**rate):
    tax = stripe.checkout.Session.TotalDetails.Breakdown.Tax.construct_from(
        {"amount": 5, "rate": {"display_name": "Tax", "percentage": 7.0, **rate}}, "sk_test_1"
    )
    return reading._tax_facts(tax)


def test_percentage_is_the_one_that_was_used():
    assert read().percentage == "7"
    assert read(effective_percentage=8.875).percentage == "8.875"
    assert read(effective_percentage=0.0).percentage == "0"
    assert read(percentage=100.0).percentage == "100"
    assert read(rate_type="flat_amount", percentage=0.0).percentage is None


def test_tax_without_a_name_is_not_guessed_at(sandbox):
    session = stripe.checkout.Session.construct_from(
        {
            "total_details": {
                "amount_tax": 1,
                "amount_discount": 0,
                "breakdown": {"taxes": [{"amount": 1, "rate": {"percentage": 1.0}}]},
            }
        },
        "sk_test_1",
    )
    with pytest.raises(TryAgainLater):
        reading.session_facts(session)
