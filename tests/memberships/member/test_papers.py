"""Receipts and credit notes: what they say, as a page and as a PDF, and to whom."""

import re
import subprocess
from datetime import UTC, datetime
from shutil import which

import pytest
import typst

from memberships.member import pdf, receipts
from memberships.models import Purchase, Refund
from tests.memberships.factories import (
    CreditNoteFactory,
    PaidPurchaseFactory,
    PlanFactory,
    StaffFactory,
    UserFactory,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db
PAID_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER = {
    "name": "Osier Press & Sons",
    "address": "1 Ferry Street\nOsier Ferry 00000",
    "country": "United States",
    "vat_id": "EU123456789",
    "registered": "Register of companies, number 12345",
}
VAT = {
    "name": "VAT",
    "amount": 3177,
    "percentage": "19",
    "country": "DE",
    "jurisdiction": "Germany",
    "taxable_amount": 16_723,
    "reason": "standard_rated",
}
NASTY = '#[*Robert*] <script>alert(1)</script> $x$ `raw` \\n @ref "quoted" // {{ }}'


def sold(**fields):
    """A purchase with its receipt, number 123 unless told."""
    return PaidPurchaseFactory(
        **{
            "receipt_number": 123,
            "legal_entity": "main",
            "seller": SELLER,
            "paid_at": PAID_AT,
            "receipt_url": "https://pay.stripe.com/receipts/1",
            "billing_country": "DE",
            **fields,
        }
    )


def refunded(purchase, **fields):
    """A refund of it with its credit note, number 45 unless told."""
    return CreditNoteFactory(
        **{
            "purchase": purchase,
            "credit_note_number": 45,
            "credited_at": datetime(2026, 11, 30, 9, tzinfo=UTC),
            **fields,
        }
    )


def page(person, kind, row):
    return Persona(person).get(f"/membership/{kind}/{row.pk}/")


def words(html):
    """What a reader of the page reads, without the frame around it."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def read_back(made):
    """The text of a PDF, where this machine has a reader."""
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True
    )
    return done.stdout.decode().replace("\N{ZERO WIDTH SPACE}", "")


def test_receipt_says_who_sold_what_when_and_for_how_much():
    purchase = sold(tax_breakdown=[VAT], amount_tax=3177, livemode=True)
    said = words(page(purchase.user, "receipts", purchase).text)
    for text in (
        "Receipt R-000123",
        "Osier Press &amp; Sons",
        "1 Ferry Street",
        "Tax number: EU123456789",
        "Register of companies, number 12345",
        "Paid on November 23, 2026",
        purchase.user.email,
        "Founder Membership $199.00",
        "Without tax $167.23",
        "VAT 19%, Germany $31.77",
        "Total paid $199.00",
        "Visa ending in 4242",
        "Country of the buyer DE",
        "until December 23, 2026, any time zone",
    ):
        assert text in said
    assert "No tax was reported" not in said
    assert "exempt" not in said
    assert "test" not in said
    html = page(purchase.user, "receipts", purchase).text
    assert 'href="https://pay.stripe.com/receipts/1"' in html
    assert f"/membership/receipts/{purchase.pk}/receipt.pdf" in html


def test_no_tax_reported_is_said_and_no_exemption_claimed():
    purchase = sold()
    said = words(page(purchase.user, "receipts", purchase).text)
    assert "No tax was reported for this payment." in said
    assert "exempt" not in said
    assert "Without tax" not in said


def test_test_money_is_called_so():
    purchase = sold(livemode=False)
    assert "no money has moved" in page(purchase.user, "receipts", purchase).text


def test_payment_without_a_card_names_none():
    purchase = sold(card_brand="", card_last4="")
    assert "Paid by" not in page(purchase.user, "receipts", purchase).text


@pytest.mark.parametrize(
    ("currency", "amount", "says"),
    [("jpy", 19_900, "¥19,900"), ("krw", 250_000, "250,000 KRW"), ("kwd", 61_250, "61.250 KWD")],
)
def test_amounts_of_other_currencies(currency, amount, says):
    purchase = sold(plan=PlanFactory(currency=currency, amount=amount))
    assert f"Total paid {says}" in words(page(purchase.user, "receipts", purchase).text)
    assert says in read_back(pdf.typeset(receipts.receipt(purchase)))


def test_receipt_keeps_the_seller_of_its_day(settings):
    settings.SELLER = {**settings.SELLER, "name": "Somebody Else"}
    purchase = sold()
    said = page(purchase.user, "receipts", purchase).text
    assert "Osier Press" in said
    assert "Somebody Else" not in said


def test_receipt_of_a_closed_account_names_nobody():
    purchase = sold()
    purchase.user.delete()
    purchase.refresh_from_db()
    assert receipts.receipt(purchase).buyer == ()
    said = words(page(StaffFactory(), "receipts", purchase).text)
    assert "Bought by" not in said
    assert "Receipt R-000123" in said


def test_credit_note_names_its_receipt_and_what_was_given_back():
    purchase = sold(tax_breakdown=[VAT], amount_tax=3177)
    refund = refunded(purchase, amount=5_000)
    said = words(page(purchase.user, "credit-notes", refund).text)
    for text in (
        "Credit note C-000045",
        "Osier Press &amp; Sons",
        "Refunded on November 30, 2026",
        "For receipt R-000123 of November 23, 2026, $199.00",
        "Without tax $42.02",
        "VAT 19%, Germany $7.98",
        "Total refunded $50.00",
        "Sent back to Visa ending in 4242",
    ):
        assert text in said
    assert "Void" not in said


def test_credit_notes_together_give_back_the_tax_to_the_cent():
    purchase = sold(tax_breakdown=[VAT | {"amount": 50}], amount_tax=50)
    refunds = [
        refunded(purchase, amount=amount, credit_note_number=number, origin="dashboard")
        for number, amount in enumerate([6_633, 6_633, 6_634], start=7)
    ]
    papers = [receipts.credit_note(refund) for refund in refunds]
    taxed = [float(paper.sums[1].fact.removeprefix("$")) for paper in papers]
    assert taxed == [0.17, 0.16, 0.17]


def test_row_20_credit_note_whose_refund_failed_is_void_and_keeps_its_number():
    purchase = sold()
    failed_at = datetime(2026, 12, 4, 8, tzinfo=UTC)
    refund = refunded(
        purchase, state=Refund.State.FAILED, failure_reason="lost_card", settled_at=failed_at
    )
    said = words(page(purchase.user, "credit-notes", refund).text)
    assert "Credit note C-000045" in said
    assert "Void since December 4, 2026" in said
    assert "Refunded on November 30, 2026" in said
    assert "Void since December 4, 2026" in read_back(pdf.typeset(receipts.credit_note(refund)))


@pytest.mark.parametrize("suffix", ["", "receipt.pdf"])
def test_receipt_is_its_buyer_s_alone(suffix, visitor, member, refunded_member, staff):
    purchase = sold()
    address = f"/membership/receipts/{purchase.pk}/{suffix}"
    assert visitor.get(address).url.startswith("/accounts/login/")
    assert member.get(address).status_code == 404
    assert refunded_member.get(address).status_code == 404
    for person in (Persona(purchase.user), staff):
        answer = person.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert person.post(address).status_code == 405


@pytest.mark.parametrize("suffix", ["", "credit-note.pdf"])
def test_credit_note_is_its_buyer_s_alone(suffix, visitor, member, refunded_member, staff):
    refund = refunded(sold())
    address = f"/membership/credit-notes/{refund.pk}/{suffix}"
    assert visitor.get(address).url.startswith("/accounts/login/")
    assert member.get(address).status_code == 404
    assert refunded_member.get(address).status_code == 404
    for person in (Persona(refund.purchase.user), staff):
        answer = person.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_staff_without_a_second_factor_read_their_own_alone(staff, settings):
    settings.STAFF_SECOND_FACTOR = True
    purchase, own = sold(), sold(user=staff.user, receipt_number=124)
    assert staff.get(f"/membership/receipts/{purchase.pk}/").status_code == 404
    assert staff.get(f"/membership/receipts/{own.pk}/").status_code == 200


def test_what_has_no_number_has_no_paper(staff):
    purchase, refund = PaidPurchaseFactory(), CreditNoteFactory()
    Refund.objects.update(credit_note_number=None, credited_at=None)
    for address in (f"receipts/{purchase.pk}", f"credit-notes/{refund.pk}"):
        assert staff.get(f"/membership/{address}/").status_code == 404


def test_paper_costs_few_queries(django_assert_num_queries):
    purchase = sold()
    reader = Persona(purchase.user)
    with django_assert_num_queries(5):  # session, user, receipt, is a member, announcement
        reader.get(f"/membership/receipts/{purchase.pk}/")
    with django_assert_num_queries(3):
        reader.get(f"/membership/receipts/{purchase.pk}/receipt.pdf")


def test_pdf_says_what_the_page_says():
    purchase = sold(tax_breakdown=[VAT], amount_tax=3177)
    answer = Persona(purchase.user).get(f"/membership/receipts/{purchase.pk}/receipt.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="R-000123.pdf"'
    said = " ".join(read_back(answer.content).split())
    for text in (
        "Osier Press & Sons 1 Ferry Street Osier Ferry 00000 United States",
        "Receipt R-000123",
        "Paid on November 23, 2026",
        purchase.user.email,
        "Founder Membership $199.00",
        "VAT 19%, Germany $31.77",
        "Total paid $199.00",
        "Visa ending in 4242",
        "December 23, 2026, any time zone",
    ):
        assert text in said


def test_pdf_has_its_title_is_for_all_and_the_same_whenever_it_is_made():
    purchase = sold()
    made = pdf.typeset(receipts.receipt(purchase))
    assert made.startswith(b"%PDF-1.7")
    assert b"<dc:title>" in made
    assert b"Receipt R-000123" in made
    assert is_for_all(made)
    assert pdf.typeset(receipts.receipt(Purchase.objects.get(pk=purchase.pk))) == made


def is_for_all(made):
    """PDF/UA-1 says so in its metadata."""
    return b"<pdfuaid:part>1</pdfuaid:part>" in made


@pytest.mark.parametrize("where", ["buyer", "seller", "item"])
def test_text_is_never_taken_for_markup(where):
    purchase = sold(
        user=UserFactory(display_name=NASTY if where == "buyer" else ""),
        seller={**SELLER, "name": NASTY if where == "seller" else "Osier Press"},
        plan=PlanFactory(name=NASTY if where == "item" else "Founder Membership"),
    )
    html = page(purchase.user, "receipts", purchase).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    made = pdf.typeset(receipts.receipt(purchase))
    assert is_for_all(made)
    whole = "".join(read_back(made).split())
    assert "".join(NASTY.split()) in whole


NAMES = ["José Núñez Łukasz", "Ελένη Привет", "שלום", "مرحبا", "अमिता", "王小明", "😀", "ไทย"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_script_are_set(name):
    purchase = sold(user=UserFactory(display_name=name))
    assert is_for_all(pdf.typeset(receipts.receipt(purchase)))
    assert name in page(purchase.user, "receipts", purchase).text


def test_letters_that_no_font_has_are_marked_and_explained():
    nobodys = "\u0378"  # stands for nothing in Unicode, so no font has it
    purchase = sold(user=UserFactory(display_name=f"Ada {nobodys}"), seller={"name": nobodys})
    made = pdf.typeset(receipts.receipt(purchase))
    assert is_for_all(made)
    assert pdf.typeset(receipts.receipt(purchase)) == made
    said = " ".join(read_back(made).split())
    assert "Ada \N{REPLACEMENT CHARACTER}" in said
    assert "stands for a letter that this file cannot show" in said


def test_control_characters_do_no_harm():
    purchase = sold(user=UserFactory(display_name="Ada\x07\tLovelace\x1b[31m"))
    made = pdf.typeset(receipts.receipt(purchase))
    assert is_for_all(made)
    assert "Ada Lovelace [31m" in " ".join(read_back(made).split())


def test_long_lines_stay_on_the_paper():
    purchase = sold(
        seller={"name": "N" * 300, "address": "\n".join(["L" * 300, "word " * 60] * 4)},
        user=UserFactory(display_name="D" * 80),
        plan=PlanFactory(name="P" * 120),
    )
    made = pdf.typeset(receipts.receipt(purchase))
    assert is_for_all(made)
    whole = "".join(read_back(made).split())
    for text in ("N" * 300, "L" * 300, "D" * 80):
        assert text in whole
    assert whole.count("P") >= 120  # the amount stands beside its lines
    assert "1/2" in whole  # more than a page, and it says so


def test_no_words_of_typst_show_when_it_cannot_set_for_all(monkeypatch):
    """Where the standard cannot be kept for a reason that nobody thought of, there is a PDF yet."""
    compiled = pdf._compiled

    def strict(said, fonts, standard):
        if standard:
            raise typst.TypstError("no")
        return compiled(said, fonts, standard)

    monkeypatch.setattr(pdf, "_compiled", strict)
    made = pdf.typeset(receipts.receipt(sold()))
    assert made.startswith(b"%PDF")
    assert not is_for_all(made)
    assert "stands for a letter" not in read_back(made)
