"""Money back, on the pages: two steps and a timeline, by account and by signed link.

Numbers in names are rows of the matrix.
"""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from memberships.models import Membership, Purchase, Refund
from memberships.payments.requesting import request_refund
from memberships.purchases import guarantee
from memberships.refunds import link
from portal.post.models import Mail
from tests.memberships.factories import (
    DisputeFactory,
    MembershipFactory,
    OpenPurchaseFactory,
    PaidPurchaseFactory,
    RefundFactory,
    SucceededRefundFactory,
    UserFactory,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db

ASK = "/membership/refund/"
LONG_AGO = datetime(2026, 1, 5, 12, tzinfo=UTC)


def having(**purchase):
    """Paid, and a member by it. The purchase, and a browser before which its buyer sits."""
    bought = PaidPurchaseFactory(receipt_number=123, legal_entity="main", **purchase)
    MembershipFactory(user=bought.user, purchase=bought, source="purchase")
    return bought, Persona(bought.user)


@pytest.fixture
def purchase():
    return having()[0]


@pytest.fixture
def buyer(purchase):
    return Persona(purchase.user)


@pytest.fixture
def by_link(purchase):
    return reverse("refund_by_link", args=[link.token(purchase.pk)])


def confirm(buyer, purchase):
    return buyer.post(ASK, {"purchase": purchase.pk})


def money():
    """All that a confirmation could have changed."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Purchase, Membership, Refund, Mail)
    ]


def words(page):
    """What a page's main part says, on one line."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def over(purchase):
    """Let the guarantee end long ago; the last day is February 4."""
    Purchase.objects.filter(pk=purchase.pk).update(
        paid_at=LONG_AGO, refundable_until=guarantee.ends_at(LONG_AGO, days=30)
    )


# With the account


def test_first_step_says_what_comes_back_where_and_what_ends(purchase, buyer):
    page = words(buyer.get(ASK))
    day = guarantee.last_day(purchase.refundable_until)
    for said in (
        "Get $199.00 back",
        f"until {day:%B} {day.day}, {day.year}, any time zone",
        "You need give no reason",
        "Founder Membership",
        "R-000123",
        "Visa ending in 4242",
        "pauses at once, and ends when the money is sent",
        "5 to 10 business days",
        "fee is ours to bear",
        "Confirm the refund of $199.00",
    ):
        assert said in page
    assert "!" not in page


def test_first_step_has_one_button_and_no_offer_to_stay(buyer, purchase):
    main = buyer.get(ASK).text.partition("<main")[2].partition("</main>")[0]
    assert main.count("<button") == 1
    assert not re.search(r"stay a member|keep your membership|are you sure|instead", main, re.I)


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_page_confirms_nothing(method, buyer, by_link, purchase):
    before = money()
    for address in (ASK, by_link, f"{ASK}?purchase={purchase.pk}"):
        assert getattr(buyer, method)(address).status_code == 200
    assert money() == before


def test_second_step_leads_to_the_timeline_and_closes_the_pages(buyer, purchase):
    answer = confirm(buyer, purchase)
    refund = Refund.objects.get()
    assert answer.url == f"/membership/refunds/{refund.pk}/"
    assert (refund.origin, refund.requested_by) == ("self_service", purchase.user)
    page = words(buyer.get(answer.url))
    for said in (
        "We received your request",
        f"{refund.requested_at:%B} {refund.requested_at.day}, {refund.requested_at:%Y, %H:%M} UTC",
        "Being sent to your bank",
        "Your membership is paused meanwhile",
        f"We confirmed your request by e-mail to {purchase.user.email}",
    ):
        assert said in page
    assert not Membership.objects.running(at=timezone.now()).exists()


def test_row_12_second_press_of_the_button_leads_to_the_same_timeline(buyer, purchase):
    first, second = confirm(buyer, purchase), confirm(buyer, purchase)
    assert first.url == second.url == buyer.get(ASK).url
    assert Refund.objects.count() == Mail.objects.count() == 1


def test_confirmation_names_the_purchase_that_was_shown(buyer, purchase):
    before = money()
    other = PaidPurchaseFactory()
    for named in (other.pk, uuid.uuid4(), "nonsense", "\x00", ""):
        assert buyer.post(ASK, {"purchase": named}).status_code == 404
    assert buyer.post(ASK).status_code == 404
    other.delete()
    assert money() == before


def test_purchase_that_stands_is_meant_and_not_one_that_went_back(purchase, buyer):
    PaidPurchaseFactory(
        user=purchase.user,
        state="refunded",
        amount_refunded=19_900,
        paid_at=timezone.now() + timedelta(minutes=1),
    )
    assert f'value="{purchase.pk}"' in buyer.get(ASK).text


def test_nothing_bought(member, staff):
    for who in (member, staff, Persona(UserFactory())):
        page = who.get(ASK)
        assert (page.status_code, "Nothing was paid with this account" in page.text) == (200, True)


def test_checkout_that_was_never_paid_is_nothing_bought():
    open_one = OpenPurchaseFactory()
    assert "Nothing was paid" in Persona(open_one.user).get(ASK).text
    answer = Persona(open_one.user).post(ASK, {"purchase": open_one.pk})
    assert answer.status_code == 409
    assert "nothing left to refund" in answer.text
    assert not Refund.objects.exists()


def test_row_22_guarantee_that_is_over_is_named_with_its_date(buyer, purchase, by_link):
    over(purchase)
    before = money()
    for address in (ASK, by_link):
        page = buyer.get(address)
        assert "The money-back guarantee ended on February 4, 2026." in words(page)
        assert "<button" not in page.text.partition("<main")[2].partition("</main>")[0]
        answer = buyer.post(address, {"purchase": purchase.pk})
        assert (answer.status_code, "ended on February 4, 2026" in answer.text) == (409, True)
    assert money() == before


def test_row_27_bank_decides(buyer, purchase, by_link):
    DisputeFactory(purchase=purchase)
    Purchase.objects.update(state="disputed")
    before = money()
    for address in (ASK, by_link):
        page = buyer.get(address)
        assert "The bank decides about it now." in words(page)
        assert "Until it has, we cannot send anything" in words(page)
        assert "<button" not in page.text.partition("<main")[2].partition("</main>")[0]
        assert buyer.post(address, {"purchase": purchase.pk}).status_code == 409
    assert money() == before


def test_row_29_bank_has_decided_for_the_buyer(buyer, purchase):
    DisputeFactory(purchase=purchase, status="lost", closed_at=timezone.now())
    Purchase.objects.update(state="charged_back")
    assert "Your bank has given you the money back" in words(buyer.get(ASK))
    assert confirm(buyer, purchase).status_code == 409
    assert not Refund.objects.exists()


def test_row_26_inquiry_leaves_the_button(buyer, purchase):
    DisputeFactory(purchase=purchase, status="warning_needs_response")
    assert "Confirm the refund of $199.00" in buyer.get(ASK).text


def test_row_24_only_the_remainder(buyer, purchase):
    SucceededRefundFactory(purchase=purchase, origin="dashboard", amount=4_900)
    Purchase.objects.update(amount_refunded=4_900)
    page = words(buyer.get(ASK))
    assert "Get $150.00 back" in page
    assert "Returned before $49.00" in page
    confirm(buyer, purchase)
    assert Refund.objects.in_flight().get().amount == 15_000


def test_refund_by_staff_is_followed_and_not_asked_for_again(buyer, purchase):
    refund = request_refund(
        purchase_id=purchase.pk, origin="staff", by=None, now=timezone.now(), amount=500
    )
    page = buyer.get(ASK, follow=True)
    assert page.redirect_chain == [(f"/membership/refunds/{refund.pk}/", 302)]
    assert "Your refund is on its way" in words(page)
    assert "Why did you want" not in page.text


def test_refund_that_failed_can_be_asked_for_again(buyer, purchase):
    RefundFactory(
        purchase=purchase, state="failed", failure_reason="declined", settled_at=timezone.now()
    )
    page = words(buyer.get(ASK))
    assert "did not go through. We are looking into it. You can also ask again here." in page
    assert confirm(buyer, purchase).status_code == 302


def test_what_came_back_of_anothers_refund_is_with_staff(buyer, purchase, by_link):
    SucceededRefundFactory(purchase=purchase, amount=15_000)
    Purchase.objects.update(amount_refunded=15_000)
    for address in (ASK, by_link):
        assert "Our staff send it another way, and write to you." in words(buyer.get(address))
        assert buyer.post(address, {"purchase": purchase.pk}).status_code == 409
    assert not Refund.objects.in_flight().exists()


def test_all_that_has_gone_back_leads_to_its_timeline(buyer, purchase):
    refund = SucceededRefundFactory(purchase=purchase)
    Purchase.objects.update(state="refunded", amount_refunded=19_900)
    assert buyer.get(ASK).url == f"/membership/refunds/{refund.pk}/"


# The timeline


def status_of(buyer, refund):
    return words(buyer.get(f"/membership/refunds/{refund.pk}/"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": "requested"}, "takes a few minutes"),
        ({"state": "requested", "error": "503"}, "Our payment service does not answer just now"),
        ({"state": "pending", "stripe_refund_id": "re_a"}, "sends it as soon as it can"),
        ({"state": "requires_action", "stripe_refund_id": "re_a"}, "answered its mail"),
        (
            {"state": "succeeded", "stripe_refund_id": "re_a", "settled_at": LONG_AGO},
            "look for it by January 19, 2026",
        ),
        (
            {
                "state": "failed",
                "stripe_refund_id": "re_a",
                "settled_at": LONG_AGO,
                "failure_reason": "expired_or_canceled_card",
            },
            "Did not go through January 5, 2026, 12:00 UTC The money is with us, not lost",
        ),
        (
            {"state": "failed", "settled_at": LONG_AGO, "failure_reason": "charge_disputed"},
            "The bank decides about the money now",
        ),
        (
            {"state": "canceled", "stripe_refund_id": "re_a", "settled_at": LONG_AGO},
            "Did not go through",
        ),
        ({"state": "canceled", "settled_at": LONG_AGO}, "The money had gone back already"),
    ],
)
def test_timeline_says_how_far_it_is(buyer, purchase, fields, said):
    assert said in status_of(buyer, RefundFactory(purchase=purchase, **fields))


def test_papers_are_linked_for_those_who_may_open_them(buyer, visitor, purchase, by_link):
    refund = SucceededRefundFactory(
        purchase=purchase, legal_entity="main", credit_note_number=45, credited_at=LONG_AGO
    )
    Purchase.objects.update(state="refunded", amount_refunded=19_900)
    page = buyer.get(f"/membership/refunds/{refund.pk}/").text
    for paper in (f"credit-notes/{refund.pk}/", f"receipts/{purchase.pk}/"):
        assert f'href="/membership/{paper}"' in page
    page = visitor.get(by_link).text
    assert "C-000045" in page
    assert "/membership/credit-notes/" not in page
    assert "/membership/receipts/" not in page


def test_refund_that_was_sent_anew_is_followed_under_its_new_name(buyer, purchase):
    old = RefundFactory(purchase=purchase, state="canceled", settled_at=timezone.now())
    for times in (2, 10):
        new = RefundFactory(
            purchase=purchase,
            idempotency_key=f"{old.idempotency_key}-{times}",
            state="canceled" if times == 2 else "requested",
            settled_at=timezone.now() if times == 2 else None,
        )
    answer = buyer.get(f"/membership/refunds/{old.pk}/")
    assert answer.url == f"/membership/refunds/{new.pk}/"
    assert buyer.get(answer.url).status_code == 200


def test_refund_that_another_made_unnecessary_names_it(buyer, purchase):
    own = RefundFactory(purchase=purchase, state="canceled", settled_at=timezone.now())
    SucceededRefundFactory(purchase=purchase, origin="dashboard")
    assert "by another refund, of $199.00" in status_of(buyer, own)


def test_timeline_is_its_owners_alone(personas, purchase):
    refund = RefundFactory(purchase=purchase)
    address = f"/membership/refunds/{refund.pk}/"
    assert personas.pop("visitor").get(address).url.startswith("/accounts/login/")
    for persona in personas.values():
        assert persona.get(address).status_code == 404
        assert persona.post(address, {"why": "curious"}).status_code == 404
    refund.refresh_from_db()
    assert refund.reason == ""


def test_one_question_is_asked_afterwards_once_and_may_be_left_out(buyer, purchase):
    address = confirm(buyer, purchase).url
    assert "Why did you want your money back? (optional)" in buyer.get(address).text
    assert buyer.post(address, {"why": " "}).url == address
    assert Refund.objects.get().reason == ""
    buyer.post(address, {"why": "We moved <b>away</b>."})
    buyer.post(address, {"why": "Something else."})
    assert Refund.objects.get().reason == "We moved <b>away</b>."
    page = buyer.get(address).text
    assert "Thank you for telling us why." in page
    assert "Why did you want" not in page
    assert "<b>away" not in page


def test_reason_that_is_too_long_is_refused_whole(buyer, purchase):
    address = confirm(buyer, purchase).url
    answer = buyer.post(address, {"why": "x" * 1_001})
    assert (answer.status_code, "longer than 1000 characters" in answer.text) == (422, True)
    assert Refund.objects.get().reason == ""


def test_pages_cost_few_queries(buyer, purchase, by_link, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        buyer.get(ASK)
    with django_assert_max_num_queries(9):
        Persona().get(by_link)
    address = confirm(buyer, purchase).url
    with django_assert_max_num_queries(11):
        buyer.get(address)


# By signed link


def test_link_shows_the_purchase_and_hides_the_address(visitor, purchase, by_link):
    page = words(visitor.get(by_link))
    first = purchase.user.email[0]
    for said in ("Founder Membership", "R-000123", f"{first}•••@example.org", "Get $199.00 back"):
        assert said in page
    assert purchase.user.email not in visitor.get(by_link).text


def test_two_steps_and_the_timeline_without_signing_in(visitor, purchase, by_link):
    answer = visitor.post(by_link)
    assert answer.url == by_link
    page = words(visitor.get(by_link))
    assert "We received your request" in page
    assert f"by e-mail to {purchase.user.email[0]}•••@example.org" in page
    assert purchase.user.email not in visitor.get(by_link).text
    assert Refund.objects.get().requested_by is None
    purchase.refresh_from_db()
    assert purchase.state == "refund_pending"
    visitor.post(by_link, {"why": "No time to read."})
    assert Refund.objects.get().reason == "No time to read."
    assert visitor.post(by_link).url == by_link
    assert Refund.objects.count() == Mail.objects.count() == 1


def test_link_works_for_everybody_who_holds_it_and_as_long_as_it_lies_about(personas, by_link):
    for persona in personas.values():
        assert persona.get(by_link).status_code == 200


def test_status_stays_under_the_link_when_all_has_gone_back(visitor, purchase, by_link):
    SucceededRefundFactory(purchase=purchase)
    Purchase.objects.update(state="refunded", amount_refunded=19_900)
    assert "Your refund was sent to your bank" in words(visitor.get(by_link))


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "0" * 32 + t[32:], str.upper])
def test_link_that_was_tampered_with_opens_nothing(visitor, purchase, spoil):
    address = reverse("refund_by_link", args=[spoil(link.token(purchase.pk))])
    before = money()
    assert visitor.get(address).status_code == 404
    assert visitor.post(address).status_code == 404
    assert money() == before


def test_link_of_what_was_never_paid_or_never_there_opens_nothing(visitor):
    for pk in (OpenPurchaseFactory().pk, uuid.uuid4()):
        assert visitor.get(reverse("refund_by_link", args=[link.token(pk)])).status_code == 404


def test_link_of_a_closed_account_works_and_its_page_is_the_confirmation(purchase, by_link):
    purchase.user.delete()
    visitor = Persona()
    page = words(visitor.get(by_link))
    assert "The account was closed, so we cannot write to you." in page
    assert "Account closed" in page
    visitor.post(by_link)
    assert Refund.objects.get().amount == 19_900
    assert not Mail.objects.exists()
    assert "This page is your confirmation" in words(visitor.get(by_link))


def test_form_of_the_link_is_guarded_against_other_sites(purchase, by_link):
    browser = Client(HTTP_HOST=Persona().defaults["HTTP_HOST"], enforce_csrf_checks=True)
    before = money()
    assert browser.post(by_link).status_code == 403
    assert money() == before
    page = browser.get(by_link).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert browser.post(by_link, {"csrfmiddlewaretoken": token}).status_code == 302
    assert Refund.objects.count() == 1


def test_pages_are_kept_by_nobody_and_their_addresses_told_to_no_other_site(buyer, by_link):
    for address in (ASK, by_link):
        answer = buyer.get(address)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert 'name="robots" content="noindex"' in answer.text
        assert 'rel="canonical"' not in answer.text
