"""Buying and giving back, from an article to the refund, on a phone and at a desk.

The sandbox is a process of its own, and its webhooks reach the site that Chromium reads. What
workers do is done when a test says so: there is none beside the site.
"""

import random
import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import timezone

from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import taking_up
from portal.post import rounds
from portal.site import demonstration
from tests.browser.test_account import enter_code
from tests.browser.watching import CRITICAL, PHONE_WIDTH
from tests.memberships.sandboxed import Sandbox, connected

pytestmark = pytest.mark.browser
ADDRESS = "neighbour@example.org"


@pytest.fixture
def shop(site, settings, monkeypatch, tmp_path):
    """The sandbox, telling the site that Chromium reads of whatever happens in it."""
    sandbox = Sandbox(tmp_path / "sandbox", f"{site}/stripe/webhook/")
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": policy | {"form-action": [policy["form-action"][0], sandbox.url]}
    }
    settings.STRIPE_SANDBOX = True
    yield from connected(sandbox, settings, monkeypatch)


@pytest.fixture
def buyer(comes, shop):
    """Makes readers who may go to the sandbox's page and come back."""

    def come(**how):
        reader = comes(**how)
        reader.may_go_to(shop.url)
        return reader

    return come


def at_work():
    """What workers do once they come round."""
    taking_up.take_up(clock=timezone.now)
    rounds.send_what_is_due(clock=timezone.now, chance=random.random)


def subjects():
    return [letter.subject for letter in mail.outbox]


def to_the_offer(reader):
    """From the front page over an article to what is closed, and to the offer."""
    page = reader.goes("/")
    reader.presses(page.locator(".entries h2 a").first)
    reader.presses(page.get_by_role("button", name="Access full meeting"))
    wanted = page.url
    reader.presses(page.locator(".offer").get_by_role("button", name="Become a member"))
    return wanted


def becomes_known(reader, address=ADDRESS):
    page = reader.page
    reader.presses(page.get_by_role("button", name="Become a member"))
    page.get_by_label("E-mail address").fill(address)
    reader.presses(page.get_by_role("button", name="Send me a code"))
    enter_code(reader, address)


def to_checkout(reader):
    reader.presses(reader.page.get_by_role("button", name=re.compile(r"^Pay \$")), CRITICAL)


@pytest.mark.parametrize("width", [PHONE_WIDTH, pytest.param(1280, marks=pytest.mark.slow)])
def test_visitor_buys_reads_and_gets_the_money_back(buyer, shop, width):
    reader = buyer(width=width, height=844)
    page = reader.page
    wanted = to_the_offer(reader)
    assert "$199.00" in page.locator("main").inner_text()
    becomes_known(reader)
    assert urlsplit(page.url).path == "/membership/"

    to_checkout(reader)
    assert page.url.startswith(shop.url)
    reader.presses(page.get_by_role("button", name="Pay by card", exact=True), CRITICAL)
    assert page.url == wanted
    assert page.locator(".offer").count() == 0
    assert page.get_by_role("status").filter(has_text="You are a member now").is_visible()

    at_work()
    assert "Your membership has begun" in subjects()
    reader.presses(page.get_by_role("link", name="Account"))
    reader.looks_everywhere()
    page.set_viewport_size({"width": width, "height": 844})
    reader.presses(page.get_by_role("link", name=re.compile(r"^Receipt R-")))
    assert "$199.00" in page.locator("main").inner_text()
    reader.looks_everywhere()
    page.set_viewport_size({"width": width, "height": 844})
    receipt = page.request.get(page.locator("a[href$='.pdf']").get_attribute("href"))
    assert receipt.body().startswith(b"%PDF")

    reader.goes("/membership/account/")
    reader.presses(page.get_by_role("button", name="Ask for your money back"))  # one
    reader.presses(page.get_by_role("button", name="Confirm the refund of $199.00"))  # two
    assert Membership.objects.get(purchase__isnull=False).status == "suspended"
    reader.looks_everywhere()
    page.set_viewport_size({"width": width, "height": 844})
    reader.goes(wanted)
    assert page.locator(".offer").count() == 1

    at_work()
    assert Refund.objects.get().state == "succeeded"
    assert Membership.objects.get(purchase__isnull=False).end_reason == "refunded"
    assert len([one for one in subjects() if "refund" in one.lower()]) == 2
    reader.goes("/membership/account/")
    assert page.get_by_role("link", name=re.compile(r"^Credit note C-")).is_visible()
    assert not StripeEvent.objects.waiting_for_staff().exists()


@pytest.mark.slow
def test_declined_card_then_back_then_paid(buyer, shop):
    reader = buyer(account=demonstration.READER)
    page = reader.goes("/membership/?next=/bodies/")
    to_checkout(reader)
    reader.expects(402)
    page.get_by_role("button", name="Pay by a card that is declined").click()
    page.get_by_role("alert").wait_for()
    assert "declined" in page.get_by_role("alert").inner_text()
    reader.presses(page.get_by_role("link", name="Back"), CRITICAL)
    assert urlsplit(page.url).path == "/membership/"
    reader.presses(page.get_by_role("button", name="Go on with your payment"), CRITICAL)
    reader.presses(page.get_by_role("button", name="Pay by card", exact=True), CRITICAL)
    assert urlsplit(page.url).path == "/bodies/"
    assert Purchase.objects.get().state == "paid"


@pytest.mark.slow
def test_second_tab_leads_to_the_same_checkout_and_a_late_press_pays_once(buyer, shop):
    reader = buyer(account=demonstration.READER)
    page = reader.goes("/membership/")
    other = reader.context.new_page()
    other.goto("/membership/")
    to_checkout(reader)
    other.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    other.wait_for_url(f"{shop.url}/**")
    assert other.url == page.url
    reader.presses(page.get_by_role("button", name="Pay by card", exact=True), CRITICAL)
    other.get_by_role("button", name="Pay by card", exact=True).click()
    other.wait_for_url("**/membership/return/**")
    assert "Welcome" in other.get_by_role("heading", level=1).inner_text()
    assert Purchase.objects.get().state == "paid"
    assert Membership.objects.filter(purchase__isnull=False).count() == 1


@pytest.mark.slow
def test_money_that_comes_later_opens_when_it_is_there(buyer, shop):
    reader = buyer(account=demonstration.READER)
    page = reader.goes("/membership/")
    to_checkout(reader)
    later = page.get_by_role("button", name="Pay by bank: the money comes later")
    reader.presses(later, CRITICAL)
    assert "on its way" in page.get_by_role("heading", level=1).inner_text()
    assert not Membership.objects.filter(purchase__isnull=False).exists()
    reader.looks_everywhere()


@pytest.mark.slow
def test_member_in_a_stale_tab_is_not_asked_to_pay_again(buyer, shop):
    reader = buyer(account=demonstration.READER)
    page = reader.goes("/membership/")
    stale = reader.context.new_page()
    stale.goto("/membership/")
    to_checkout(reader)
    reader.presses(page.get_by_role("button", name="Pay by card", exact=True), CRITICAL)
    stale.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    stale.wait_for_url("**/membership/**")
    assert stale.get_by_role("heading", name="You are a member").is_visible()
    assert Purchase.objects.count() == 1
