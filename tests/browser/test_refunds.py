"""Money back in two clicks, as a person does it; and all that its pages can say."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from memberships.models import Purchase, Refund, User
from memberships.refunds import link
from portal.post.models import Mail
from portal.site import demonstration
from tests.browser.watching import PHONE_WIDTH
from tests.memberships.factories import DisputeFactory, MembershipFactory, PaidPurchaseFactory

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASK = "/membership/refund/"


@pytest.fixture
def purchase(site):
    """What a reader of the demonstration has bought a moment ago."""
    user = User.objects.get(email=demonstration.READER.email)
    bought = PaidPurchaseFactory(user=user, receipt_number=123, legal_entity="main")
    MembershipFactory(user=user, purchase=bought, source="purchase")
    return bought


@pytest.fixture
def buyer(purchase, comes):
    return comes(account=demonstration.READER)


def by_link(purchase):
    return reverse("refund_by_link", args=[link.token(purchase.pk)])


def refund_is(**fields):
    Refund.objects.update(**fields)


def test_two_steps_a_question_and_the_timeline(buyer, purchase):
    page = buyer.goes(ASK)
    buyer.looks_everywhere()
    buyer.presses(page.get_by_role("button", name="Confirm the refund of $199.00"))
    assert page.get_by_role("heading", level=1).inner_text() == "We received your request"
    assert page.locator('[aria-current="step"]').inner_text().startswith("Being sent to your bank")
    buyer.looks_everywhere()
    page.get_by_label("Why did you want your money back?").fill("We moved away.")
    buyer.presses(page.get_by_role("button", name="Send"))
    assert page.get_by_text("Thank you for telling us why.").is_visible()
    buyer.goes(ASK)  # leads to the same timeline
    assert page.get_by_role("heading", level=1).inner_text() == "We received your request"


def test_by_link_with_the_keyboard_on_a_phone_without_scripts(comes, purchase):
    reader = comes(width=PHONE_WIDTH, height=844, java_script_enabled=False)
    page = reader.goes(by_link(purchase))
    assert "r•••@example.org" in page.locator("main").inner_text()
    button = page.get_by_role("button", name="Confirm the refund of $199.00")
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(by_link(purchase))
    assert "We received your request" in page.locator("h1").inner_text()
    purchase.refresh_from_db()
    assert purchase.state == Purchase.State.REFUND_PENDING


def test_link_is_in_order_everywhere(visitor, purchase):
    visitor.goes(by_link(purchase))
    visitor.looks_everywhere()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "succeeded", "stripe_refund_id": "re_1", "settled_at": timezone.now()},
        {"state": "failed", "failure_reason": "declined", "settled_at": timezone.now()},
    ],
    ids=lambda fields: fields["state"],
)
def test_end_of_a_refund_is_in_order(buyer, purchase, fields):
    page = buyer.goes(ASK)
    buyer.presses(page.get_by_role("button", name="Confirm"))
    refund_is(**fields)
    buyer.goes(page.url)
    buyer.looks_everywhere()


def test_what_cannot_be_is_in_order(buyer, purchase):
    DisputeFactory(purchase=purchase)
    Purchase.objects.update(state="disputed")
    page = buyer.goes(ASK)
    assert page.locator("main button").count() == 0
    buyer.looks_everywhere()
    Purchase.objects.update(
        state="paid",
        paid_at=timezone.now() - timedelta(days=40),
        refundable_until=timezone.now() - timedelta(days=9),
    )
    purchase.disputes.all().delete()
    buyer.goes(ASK)
    assert "The money-back guarantee ended on" in page.locator("main").inner_text()
    buyer.looks_everywhere()


def test_way_to_the_refund_is_mailed_to_who_has_the_receipt(visitor, purchase):
    page = visitor.goes("/membership/refund/find/")
    visitor.looks_everywhere()
    page.get_by_label("Receipt number").fill("R-000123")
    page.get_by_label("E-mail address").fill(demonstration.READER.email)
    visitor.presses(page.get_by_role("button", name="Mail me the link"))
    assert page.get_by_role("status").is_visible()
    visitor.looks_everywhere()
    [mail] = Mail.objects.filter(template="payments/refund_link")
    assert by_link(purchase) in mail.text
