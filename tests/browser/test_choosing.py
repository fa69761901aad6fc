"""Choosing words without a mouse, in any script, and quoting them with care."""

import pytest

from meetings.records.models import Meeting
from meetings.transcripts.utterances import Utterance
from portal.site import demonstration
from tests.browser.test_links import SELECT, copied
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = [
    ("Ann", "We open the", None),
    ("Ann", "meeting at seven.", 0.4),
    ("Bob", "Which meeting is this?", None),
    ("דובר", "שלום לכולם, אנחנו מתחילים.", None),
    ("Ann", "The <b>budget</b> comes first.", None),
]
STANDS_BELOW = """() => {
  const bar = document.querySelector(".selection-bar").getBoundingClientRect();
  const boxes = [...getSelection().getRangeAt(0).getClientRects()];
  return bar.height > 0 && bar.top - Math.max(...boxes.map((box) => box.bottom));
}"""
FOCUSED = "document.activeElement.name || document.activeElement.className"


@pytest.fixture
def address(site):
    """A meeting in which the five are heard, and sixty more of Ann's."""
    meeting = Meeting.objects.published().first()
    meeting.agenda.all().delete()
    said = [*SAID, *[("Ann", f"Then comes item {n}.", None) for n in range(60)]]
    utterances = [
        Utterance(n * 4_000, n * 4_000 + 3_500, words, name, sure)
        for n, (name, words, sure) in enumerate(said)
    ]
    transcribe(utterances, meeting=meeting, version=2)
    return meeting.get_absolute_url()


@pytest.fixture
def reading(comes, address):
    member = comes(account=demonstration.MEMBER)
    member.context.grant_permissions(["clipboard-read", "clipboard-write"])
    member.goes(address)
    return member


def test_words_are_chosen_told_and_quoted_by_keyboard(reading):
    page = reading.page
    bar = page.get_by_role("toolbar", name="Selected words")
    page.locator(".turn .at").first.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowUp")
    bar.wait_for()
    told = page.locator(".selection-told", has_text="6 words are selected. Press Tab to copy them.")
    told.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "quote"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "link"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "alert"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator(".selection-bar [role=status]", has_text="Copied").wait_for()
    words = page.evaluate("navigator.clipboard.readText()").splitlines()[0]
    assert words == "“We open the meeting at seven.”"
    reading.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.keyboard.press("Escape")
    assert bar.count() == 0
    assert "at" in page.evaluate(FOCUSED).split()


def test_button_of_a_turn_selects_it_and_leads_on(reading):
    page = reading.page
    page.locator(".turn").nth(1).hover()
    button = page.get_by_role("button", name="Quote: 8 seconds")
    button.click()
    assert page.evaluate("String(getSelection())") == "Which meeting is this?"
    assert page.evaluate(FOCUSED) == "quote"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "choose"
    button.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    # Behind the selection, not at the end of the page.
    assert (
        page.locator(".turn")
        .nth(2)
        .locator(".at")
        .evaluate("(time) => time === document.activeElement")
    )
    assert page.locator(".choose").count() == 1


def test_finger_has_the_bar_below_where_the_phone_leaves_room(comes, address):
    member = comes(
        account=demonstration.MEMBER, width=390, height=844, has_touch=True, is_mobile=True
    )
    page = member.goes(address)
    page.evaluate(SELECT, ["Which meeting", "this"])
    page.get_by_role("toolbar", name="Selected words").wait_for()
    page.wait_for_function(f"() => ({STANDS_BELOW})() > 30")
    page.locator(".turn p:not(.who)").nth(2).tap()
    page.get_by_role("button", name="Quote: 12 seconds").tap()
    assert "שלום" in page.evaluate("String(getSelection())")
    member.looks()


def test_quote_names_each_speaker_and_leaves_no_gap_unsaid(reading):
    page = reading.page
    page.evaluate(SELECT, ["meeting at", "comes"])
    assert copied(page, "Copy quote").splitlines()[:4] == [
        "Ann: “meeting at seven.”",
        "Bob: “Which meeting is this?”",
        "דובר: “שלום לכולם, אנחנו מתחילים.”",
        "Ann: “The <b>budget</b> comes”",
    ]
    page.locator(".hard-to-hear", has_text="Partly hard to hear").wait_for()
    page.get_by_text("3 speakers").click()
    page.locator(".speakers button", has_text="Ann").click()
    page.evaluate(SELECT, ["meeting at", "comes"])
    lines = copied(page, "Copy quote").splitlines()
    assert lines[0] == "“meeting at seven. […] The <b>budget</b> comes”"
    page.evaluate(SELECT, ["Then comes", "item 0"])
    page.locator(".hard-to-hear").wait_for(state="hidden")


def test_hebrew_reads_from_the_right_and_its_link_finds_it(reading, comes):
    page = reading.page
    page.evaluate(SELECT, ["לכולם", "מתחילים"])
    link = copied(page, "Copy link to this")
    other = comes(account=demonstration.MEMBER)
    other.goes(link)
    other.page.wait_for_function("() => CSS.highlights.get('linked')?.size === 1")
    marked = other.page.evaluate("[...CSS.highlights.get('linked')].map(String)")
    assert marked == ["לכולם, אנחנו מתחילים"]
    right = """() => {
      const words = [...document.querySelectorAll("[data-t]")][3];
      const line = words.closest("p").getBoundingClientRect();
      return line.right - words.getBoundingClientRect().right;
    }"""
    assert other.page.evaluate(right) < 30


def test_where_all_is_selected_the_bar_waits(reading):
    page = reading.page
    page.keyboard.press("Control+a")
    # Neither of its ends leaves room for the bar on the screen.
    page.locator(".selection-bar.is-waiting").wait_for(state="attached")
    page.keyboard.press("Escape")
    assert page.locator(".selection-bar[hidden]").count() == 1
