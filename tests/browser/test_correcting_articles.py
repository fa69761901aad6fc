"""A visitor reports an error on a phone, staff decide, and everybody reads what came of it."""

from datetime import timedelta

import pytest

from meetings.articles import forms
from meetings.articles.models import Correction, ErrorReport
from portal.post.models import Mail
from portal.site import demonstration
from tests.browser.watching import PHONE_WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REASON = "The sentence left out who had said it."


@pytest.fixture(autouse=True)
def _quick_hands(monkeypatch):
    """A browser that is driven fills in forms sooner than a person."""
    monkeypatch.setattr(forms, "FASTEST", timedelta(0))


@pytest.mark.parametrize("has_scripts", [True, False], ids=["javascript", "none"])
def test_error_is_reported_on_a_phone_and_corrected_in_public(comes, has_scripts):
    reader = comes(
        java_script_enabled=has_scripts,
        width=PHONE_WIDTH,
        height=844,
        is_mobile=True,
        has_touch=True,
    )
    page = reader.goes("/")
    reader.presses(page.locator(".entries h2 a").first)
    article = page.url
    sentence = page.locator(".article-text .sentence").nth(2)
    number = sentence.get_attribute("id").removeprefix("s")
    reader.presses(sentence.get_by_role("link", name="Report an error"))
    page.get_by_label("What is wrong?").fill("Who said that?")
    page.get_by_text("Is it about other sentences, too?").click()
    page.locator(".others label").first.click()
    assert page.get_by_text("We delete the address 30 days after that").is_visible()
    page.get_by_label("Your e-mail address").fill("neighbor@example.org")
    reader.presses(page.get_by_role("button", name="Send the report"))
    assert page.get_by_role("heading", name="Your report is here").is_visible()
    report = ErrorReport.objects.get()
    assert (report.sentence_id, len(report.sentences)) == (int(number), 2)

    staff = comes(account=demonstration.STAFF)
    desk = staff.goes(f"/admin/meetings/errorreport/{report.pk}/change/", impacts=())
    staff.presses(desk.get_by_role("link", name="Decide"))
    assert desk.get_by_text("Who said that?").is_visible()
    words = desk.locator(f"#id_words-{number}")
    words.fill(f"A speaker told the meeting: {words.input_value()}")
    desk.get_by_label("Corrected").check()
    staff.expects(422)
    staff.presses(desk.get_by_role("button", name="Decide in public"))
    assert desk.get_by_text("A decision takes a reason.").is_visible()
    assert words.input_value().startswith("A speaker told")  # nothing typed is lost
    desk.get_by_label("Reason", exact=True).fill(REASON)
    desk.get_by_label("Reason, where a check fails").fill("The words are those of the recording.")
    staff.presses(desk.get_by_role("button", name="Decide in public"), impacts=())
    correction = Correction.objects.get()
    assert Mail.objects.get().address == "neighbor@example.org"

    reader.presses(page.get_by_role("link", name="Corrections").last)
    assert page.get_by_text(REASON).is_visible()
    added = page.locator("ins").first
    assert "A speaker told the meeting:" in added.inner_text()
    assert "underline" in added.evaluate("one => getComputedStyle(one).textDecorationLine")
    if has_scripts:
        reader.looks_everywhere()
    reader.presses(page.get_by_role("link", name="History of the article"))
    assert page.get_by_role("heading", name="Version 3").is_visible()
    reader.presses(page.get_by_role("button", name="Compare"))
    assert page.get_by_role("heading", name="From version 2 to version 3").is_visible()
    reader.presses(page.get_by_role("link", name="Read version 2"))
    assert page.locator(".told .ai").first.is_visible()
    if has_scripts:
        reader.looks_everywhere()
    reader.goes(article)
    note = page.locator(f"#s{number} .corrected")
    assert note.inner_text().startswith("corrected")
    assert page.get_by_role("heading", name="Corrections to this article").is_visible()
    if has_scripts:
        reader.looks_everywhere()
    reader.presses(note)
    assert page.url.endswith(correction.get_absolute_url())
