"""A reader says what is wrong with a sentence; staff find it on the desk and close it."""

from datetime import timedelta

import pytest

from meetings.articles import forms
from meetings.articles.models import ErrorReport
from portal.site import demonstration
from tests.browser.watching import NOTHING

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _quick_hands(monkeypatch):
    """A browser that is driven fills in forms sooner than a person."""
    monkeypatch.setattr(forms, "FASTEST", timedelta(0))


@pytest.mark.parametrize("has_scripts", [True, False], ids=["javascript", "none"])
def test_error_in_a_sentence_is_reported_and_closed(comes, has_scripts):
    reader = comes(java_script_enabled=has_scripts)
    page = reader.goes("/")
    reader.presses(page.locator(".entries h2 a").first)
    sentence = page.locator(".article-text .sentence").nth(2)
    words = sentence.inner_text().split("”")[0]
    sentence.hover()
    reader.presses(sentence.get_by_role("link", name="Report an error"))
    assert words in page.locator("blockquote").inner_text()
    page.get_by_label("What is wrong?").fill("The sum is 36 million, not 36 thousand.")
    page.get_by_label("Your e-mail address").fill("neighbour@example.org")
    reader.presses(page.get_by_role("button", name="Send the report"))
    assert page.get_by_role("heading", name="Your report is here").is_visible()

    staff = comes(account=demonstration.STAFF)
    desk = staff.goes("/admin/", impacts=NOTHING)
    waiting = desk.get_by_role("link", name="reports of errors")
    assert waiting.inner_text().split()[0] == "1"
    staff.presses(waiting, impacts=NOTHING)
    staff.presses(desk.get_by_role("link", name="The sum is 36 million"), impacts=NOTHING)
    told = desk.locator("main, #content").first.inner_text()
    assert words in told
    assert "neighbour@example.org" in told

    desk.get_by_label("State").select_option("closed")
    staff.presses(desk.get_by_role("button", name="Save", exact=True), impacts=NOTHING)
    assert desk.get_by_text("Write what was found before the report is closed.").is_visible()
    desk.get_by_label("Note").fill("Heard it again: the sentence is right.")
    staff.presses(desk.get_by_role("button", name="Save", exact=True), impacts=NOTHING)
    staff.goes("/admin/", impacts=NOTHING)
    assert desk.get_by_role("link", name="reports of errors").inner_text().split()[0] == "0"
    report = ErrorReport.objects.get()
    assert (report.state, report.note) == ("closed", "Heard it again: the sentence is right.")


def test_report_without_words_keeps_what_was_filled_in(visitor):
    visitor.expects(422)
    page = visitor.goes("/")
    visitor.presses(page.locator(".entries h2 a").first)
    visitor.presses(page.locator(".made-by").get_by_role("link", name="Report an error"))
    page.get_by_label("What is wrong?").fill("   ")
    page.get_by_label("Your e-mail address").fill("neighbour@example.org")
    visitor.presses(page.get_by_role("button", name="Send the report"))
    assert page.get_by_text("Write what is wrong. A few words are enough.").is_visible()
    assert page.get_by_label("Your e-mail address").input_value() == "neighbour@example.org"
    assert not ErrorReport.objects.exists()
