"""The mail that says that the money came is the receipt; one about a refund has its credit note."""

import re

import pytest
from django.utils.formats import date_format

from memberships.purchases import guarantee
from memberships.refunds import link
from portal.post.models import Mail
from tests.memberships.payments.buying import at_checkout, bought, pay, refund_of, sent, settled

pytestmark = pytest.mark.django_db


def mail(template):
    return Mail.objects.get(template=f"payments/{template}")


def test_row_53_receipt_mail_has_the_number_the_amount_the_tax_and_the_guarantee(sandbox, settings):
    settings.SELLER = {**settings.SELLER, "name": "Osier Press & Sons"}
    sandbox.control("tax", rates=[{"name": "VAT", "percentage": 19, "jurisdiction": "Germany"}])
    purchase = bought(sandbox, reckons_tax=True)
    day = date_format(guarantee.last_day(purchase.refundable_until), "DATE_FORMAT")
    written = mail("membership_active")
    for said in (
        "Receipt: R-000001",
        "Paid: $199.00",
        "VAT 19%, Germany: $31.77",
        "Sold by: Osier Press & Sons",
        f"Guarantee: until {day}, any time zone",
        f"{settings.SITE_URL}/membership/receipts/{purchase.pk}/",
        f"{settings.SITE_URL}/membership/receipts/{purchase.pk}/receipt.pdf",
    ):
        assert said in written.text
    assert "Osier Press &amp; Sons" in written.html
    assert "R-000001" in written.html
    assert f"/membership/receipts/{purchase.pk}/receipt.pdf" in written.html


def test_mail_claims_no_exemption_where_no_tax_was_reported(sandbox):
    bought(sandbox)
    assert "Tax: none was reported" in mail("membership_active").text


def test_link_in_the_mail_opens_the_refund_of_this_purchase_without_signing_in(sandbox, visitor):
    purchase = bought(sandbox)
    written = mail("membership_active")
    address = f"/membership/refund/by-link/{link.token(purchase.pk)}/"
    assert address in written.text
    assert address in written.html
    page = visitor.get(address)
    assert page.status_code == 200
    assert "$199.00" in page.text


def test_refund_mail_leads_to_the_credit_note(sandbox, settings):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    sent()
    written = mail("refund_succeeded")
    assert "Credit note: C-000001" in written.text
    assert f"{settings.SITE_URL}/membership/credit-notes/{refund.pk}/" in written.text
    assert f"{settings.SITE_URL}/membership/credit-notes/{refund.pk}/" in written.html


def test_mail_of_a_refund_without_papers_names_none(sandbox):
    """Money that came with a doubt was no sale: it has no receipt, and so nothing to credit."""
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    purchase = settled(purchase)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    settled(purchase)
    written = mail("refund_succeeded")
    assert "credit note" not in written.text.lower()
    assert not re.search(r"credit.note", written.html, re.IGNORECASE)
