"""Signing up and in by a code, and what is remembered: the way back, the layout, the closed bar."""

import re

import pytest
from django.core import mail

from portal.site import demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXPERIENCE = "html[data-experience=%s]"


def code_in_the_mail_to(address):
    letter = mail.outbox[-1]
    assert letter.to == [address]
    (code,) = re.findall(r"^\s*(\d{6})\s*$", letter.body, re.MULTILINE)
    return code


def enter_code(reader, address):
    reader.page.get_by_label("Code").fill(code_in_the_mail_to(address))
    reader.presses(reader.page.get_by_role("button", name="Continue"))


def test_code_makes_an_account_and_opens_it_again_and_leads_back(visitor):
    page = visitor.goes("/")
    visitor.presses(page.locator(".entries h2 a").first)
    visitor.presses(page.get_by_role("button", name="Access full meeting"))
    meeting = page.url

    visitor.presses(page.locator(".offer").get_by_role("button", name="Become a member"))
    offer = page.url
    visitor.presses(page.locator(".offer").get_by_role("button", name="Become a member"))
    page.get_by_label("E-mail address").fill("neighbour@example.org")
    visitor.presses(page.get_by_role("button", name="Send me a code"))
    enter_code(visitor, "neighbour@example.org")
    assert page.url == offer
    assert page.get_by_role("button", name="Pay $199.00 once").is_visible()
    visitor.presses(page.get_by_role("link", name="Back to where you were"))
    assert page.url == meeting

    visitor.presses(page.get_by_role("link", name="Account"))
    assert "neighbour@example.org" in page.locator("main").inner_text()
    visitor.presses(page.get_by_role("button", name="Sign out"))
    assert page.get_by_role("link", name="Account").count() == 0

    visitor.goes(meeting)
    visitor.presses(page.get_by_role("link", name="I am a member: sign in"))
    page.get_by_label("E-mail address").fill("neighbour@example.org")
    visitor.presses(page.get_by_role("button", name="Send me a code"))
    enter_code(visitor, "neighbour@example.org")
    assert page.url == meeting
    assert page.get_by_role("link", name="Account").is_visible()


def test_wrong_code_is_answered_in_a_sentence(visitor):
    page = visitor.goes("/accounts/login/")
    page.get_by_label("E-mail address").fill(demonstration.READER.email)
    visitor.presses(page.get_by_role("button", name="Send me a code"))
    right = code_in_the_mail_to(demonstration.READER.email)
    page.get_by_label("Code").fill("000000" if right != "000000" else "111111")
    visitor.presses(page.get_by_role("button", name="Continue"))
    assert page.locator(".errorlist").inner_text()
    assert page.get_by_role("link", name="Account").count() == 0


def test_switch_now_lasts_over_pages_and_sign_in_and_can_be_taken_back(visitor):
    page = visitor.goes("/")
    assert page.locator(EXPERIENCE % "classic").count() == 1
    visitor.presses(page.get_by_role("button", name="Switch now"))
    assert page.locator(EXPERIENCE % "new").count() == 1
    assert page.get_by_role("button", name="Switch now").count() == 0
    visitor.presses(page.locator(".entries h2 a").first)
    assert page.locator(EXPERIENCE % "new").count() == 1

    visitor.goes("/accounts/login/password/")
    page.get_by_label("E-mail address").fill(demonstration.READER.email)
    page.get_by_label("Password").fill(demonstration.READER.password)
    visitor.presses(page.get_by_role("button", name="Sign in", exact=True))
    assert page.locator(EXPERIENCE % "new").count() == 1

    visitor.presses(page.get_by_role("button", name="Switch to the classic layout"))
    assert page.locator(EXPERIENCE % "classic").count() == 1
    visitor.goes("/about/")
    assert page.locator(EXPERIENCE % "classic").count() == 1


def test_layout_follows_the_account_to_another_browser(comes):
    first = comes(account=demonstration.MEMBER)
    first.goes("/")
    first.presses(first.page.get_by_role("button", name="Switch now"))
    second = comes(account=demonstration.MEMBER)
    second.goes("/")
    assert second.page.locator(EXPERIENCE % "new").count() == 1


def test_bar_that_was_closed_stays_closed(visitor):
    page = visitor.goes("/")
    visitor.presses(page.get_by_role("button", name="Close this announcement"))
    assert page.locator(".announcement").count() == 0
    visitor.goes("/about/")
    assert page.locator(".announcement").count() == 0
    assert page.locator(EXPERIENCE % "classic").count() == 1
