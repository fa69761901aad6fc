"""Selecting words, quoting them, and opening the link again after the transcript was corrected."""

import json
import re

import pytest

from meetings.transcripts.utterances import Utterance
from portal.site import demonstration
from tests.browser.test_find import BORING, SAID, published
from tests.browser.test_quotes import HOSTILE
from tests.browser.test_reading import IN_VIEW
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Selects from the first words to the last, as a hand with a mouse does it.
SELECT = """async ([first, last]) => {
  const nodes = [];
  const root = document.querySelector(".transcript");
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) nodes.push(node);
  const begin = nodes.find((node) => node.data.includes(first));
  const end = nodes.slice(nodes.indexOf(begin)).find((node) => node.data.includes(last));
  for (let frame = 0; frame < 3; frame += 1) {
    begin.parentElement.scrollIntoView({block: "center"});
    await new Promise(requestAnimationFrame);
  }
  const at = end.data.indexOf(last) + last.length;
  getSelection().setBaseAndExtent(begin, begin.data.indexOf(first), end, at);
}"""
MARKED = """() => [...(CSS.highlights.get("linked") ?? [])].map(String)"""
OVERLAP = """() => {
  const bar = document.querySelector(".selection-bar").getBoundingClientRect();
  return [...getSelection().getRangeAt(0).getClientRects()].filter((box) =>
    box.top < bar.bottom && box.bottom > bar.top && box.left < bar.right && box.right > bar.left
  ).length;
}"""


@pytest.fixture
def meeting(site):
    between = [
        ("Member Okafor", f"Item number {n} is heard and laid aside.") for n in range(BORING)
    ]
    return published([*between, *SAID])


@pytest.fixture
def reading(comes, meeting):
    member = comes(account=demonstration.MEMBER)
    member.context.grant_permissions(["clipboard-read", "clipboard-write"])
    member.goes(meeting.get_absolute_url())
    return member


def copied(page, button):
    page.get_by_role("button", name=button).click()
    page.locator(".selection-bar [role=status]", has_text="Copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def correct(meeting, wrong, right):
    """A new version of the transcript in which some words are others."""
    current = meeting.transcripts.get(is_current=True)
    said = [
        Utterance(s.start_ms, s.end_ms, s.text.replace(wrong, right), s.speaker_name)
        for s in current.segments.order_by("position").select_related("speaker")
    ]
    transcribe(said, meeting=meeting, version=current.version + 1)


def marks(page, ranges):
    page.wait_for_function(f"({MARKED})().length === {len(ranges)}")
    assert page.evaluate(MARKED) == ranges
    page.wait_for_function(
        """() => {
          const box = [...CSS.highlights.get("linked")][0].getBoundingClientRect();
          return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
        }"""
    )


def test_quotation_is_copied_with_who_where_and_when(reading, meeting):
    page = reading.page
    page.evaluate(SELECT, ["budget of", "Café"])
    text = copied(page, "Copy quote")
    words, source, address = text.splitlines()
    assert words == "“budget of the north pier, and then the Café.”"
    assert source == (f"— Chair Ruiz, {meeting.title}, {meeting.body}, September 14, 2026, 26:40")
    assert address.startswith(f"{reading.site}{meeting.get_absolute_url()}?t=1600#t=1600,1607.5&q=")
    reading.looks()


def test_words_cut_in_two_are_quoted_whole_and_each_speaker_has_their_own(reading):
    page = reading.page
    page.evaluate(SELECT, ["orth pier", "“nort"])
    text = copied(page, "Copy quote")
    ruiz, quandt, source, _address = text.splitlines()
    assert ruiz == "Chair Ruiz: “north pier, and then the Café.”"
    assert quandt == "Clerk Quandt: “The budget of the “north”"
    assert source.startswith("— City Council regular meeting, ")


def test_link_opens_the_words_for_another_reader(reading, comes):
    page = reading.page
    page.evaluate(SELECT, ["budget of", "north pier"])
    address = copied(page, "Copy link to this")
    other = comes(account=demonstration.MEMBER)
    other.goes(address)
    marks(other.page, ["budget of", "the north pier"])
    assert other.page.locator(".link-note").is_hidden()


def test_old_link_opens_the_moment_and_says_that_the_wording_changed(reading, comes, meeting):
    page = reading.page
    page.evaluate(SELECT, ["We don", "about the ferry"])
    address = copied(page, "Copy link to this")
    correct(meeting, "more about", "anything about")
    other = comes(account=demonstration.MEMBER)
    other.goes(address)
    marks(other.page, ["We don’t know anything about the ferry"])
    note = other.page.locator(".link-note")
    assert "The wording has changed since this link was made." in note.inner_text()
    assert "we dont know more about the ferry" in note.inner_text()
    other.looks_everywhere()


def test_words_that_moved_are_found_at_their_new_place(reading, comes, meeting):
    page = reading.page
    page.evaluate(SELECT, ["We don", "about the ferry"])
    address = copied(page, "Copy link to this")
    correct(meeting, "Item number 7 is", "Item number 7, which nobody had expected, is")
    other = comes(account=demonstration.MEMBER)
    other.goes(address)
    marks(other.page, ["We don’t know more about the ferry"])
    assert other.page.locator(".link-note").is_hidden()


def test_words_that_are_gone_leave_the_moment(reading, comes, meeting):
    page = reading.page
    page.evaluate(SELECT, ["We don", "about the ferry"])
    address = copied(page, "Copy link to this")
    for wrong in [words for _, words in SAID]:
        correct(meeting, wrong, "(inaudible)")
    other = comes(account=demonstration.MEMBER)
    other.goes(address)
    marks(other.page, ["(inaudible)"])
    assert "no longer in the transcript" in other.page.locator(".link-note").inner_text()


def test_made_up_links_open_a_time_at_most(reading):
    page = reading.page
    for fragment in HOSTILE:
        page.evaluate(
            """(fragment) => new Promise((done) => {
              addEventListener("hashchange", () => setTimeout(done), {once: true});
              location.hash = fragment;
            })""",
            fragment,
        )
        assert page.locator("[onerror], img[src=x]").count() == 0
    page.evaluate("location.hash = '#t=9999999,9999999'")
    page.wait_for_function(f"() => ({MARKED})()[0] === {json.dumps(SAID[-1][1])}")
    reading.looks()


def test_visitor_with_a_link_is_told_how_far_it_lies(reading, visitor):
    page = reading.page
    page.evaluate(SELECT, ["We don", "about the ferry"])
    address = copied(page, "Copy link to this")
    for given in (address, re.sub(r"\?t=[^#]*", "", address)):
        # Without another page between, only the fragment would change.
        visitor.page.goto("about:blank")
        visitor.goes(given)
        told = visitor.page.get_by_text("The moment at 26:52 lies beyond the free two minutes")
        assert told.count() == 1
        visitor.page.wait_for_function(IN_VIEW, arg=told.element_handle())
        assert "ferry" not in visitor.page.locator("main").inner_text()


def test_bar_is_at_the_selection_and_never_over_it(reading):
    page = reading.page
    bar = page.get_by_role("toolbar", name="Selected words")
    for first, last in [
        ("heard and", "laid"),
        ("Item number 3", "number 9"),
        ("Item number 1 ", "number 2 "),
    ]:
        page.evaluate(SELECT, [first, last])
        bar.wait_for()
        assert page.evaluate(OVERLAP) == 0
    page.evaluate(SELECT, ["Item number 0 ", "number 300 "])
    page.wait_for_function("() => !document.querySelector('.selection-bar.is-waiting')")
    page.mouse.wheel(0, 3000)
    page.locator(".selection-bar.is-waiting").wait_for(state="attached")
    assert page.locator(".selection-bar").is_hidden()


def test_bar_is_reached_and_left_by_keyboard(reading):
    page = reading.page
    page.evaluate(SELECT, ["Item number 3", "aside"])
    page.get_by_role("toolbar").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "quote"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "link"
    page.keyboard.press("Enter")
    page.locator(".selection-bar [role=status]", has_text="Copied").wait_for()
    assert "&q=item+number+3" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    assert page.get_by_role("toolbar").count() == 0


def test_selection_elsewhere_brings_no_bar(reading):
    page = reading.page
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert page.get_by_role("toolbar").count() == 0


def test_link_works_without_javascript_as_far_as_it_goes(reading, comes):
    page = reading.page
    page.evaluate(SELECT, ["We don", "about the ferry"])
    address = copied(page, "Copy link to this")
    plain = comes(account=demonstration.MEMBER, java_script_enabled=False)
    plain.goes(address)
    assert plain.page.locator("mark#moment").inner_text() == "We don’t know more about the ferry."
