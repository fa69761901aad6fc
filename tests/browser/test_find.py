"""Find in transcript: count, next and back, over borders, by speaker, and nothing for visitors."""

import pytest

from meetings.records.models import Meeting, State
from meetings.transcripts.utterances import Utterance
from portal.site import demonstration
from tests.browser.test_reading import IN_VIEW
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = [
    ("Chair Ruiz", "Welcome. We begin with the budget of"),
    ("Chair Ruiz", "the north pier, and then the Café."),
    ("Clerk Quandt", "The budget of the “north” pier is $480,000."),
    ("Clerk Quandt", "We don’t know more about the ferry."),
    ("Chair Ruiz", "The ferry is late."),
]
BORING = 400
PAINTED = """(name) => [...(CSS.highlights.get(name) ?? [])].map(String)"""
PAINTS = """(said) => {
  const painted = [...(CSS.highlights.get("found-now") ?? [])].map(String);
  return painted.join("|") === said.join("|");
}"""


def published(said):
    utterances = [
        Utterance(number * 4_000, number * 4_000 + 3_500, words, name)
        for number, (name, words) in enumerate(said)
    ]
    meeting = Meeting.objects.published().first()
    assert meeting is not None
    assert meeting.state == State.PUBLISHED
    transcribe(utterances, meeting=meeting, version=2)
    return meeting


@pytest.fixture
def reading(comes):
    """A member before a meeting in which `SAID` is said at both ends of a long afternoon."""
    member = comes(account=demonstration.MEMBER)
    between = [
        ("Member Okafor", f"Item number {n} is heard and laid aside.") for n in range(BORING)
    ]
    member.goes(published([*SAID, *between, *SAID]).get_absolute_url())
    return member


def find(page, text):
    page.get_by_role("searchbox", name="Find in this transcript").fill(text)


def paints(page, said):
    page.wait_for_function(PAINTS, arg=said)


def told(page, text):
    page.locator("form.find output", has_text=text).wait_for()


def test_phrase_is_found_across_a_border_and_whatever_its_signs(reading):
    page = reading.page
    find(page, "BUDGET of the “North Pier”")
    told(page, "1 of 4")
    paints(page, ["budget of", "the north pier"])
    page.keyboard.press("Enter")
    told(page, "2 of 4")
    paints(page, ["budget of the “north” pier"])
    for typed, said in [("cafe", "Café"), ("dont know", "don’t know"), ("480 000", "480,000")]:
        find(page, typed)
        told(page, "of 2")
        paints(page, [said])
    reading.looks()


def test_next_and_back_go_round_and_bring_the_match_into_view(reading):
    page = reading.page
    find(page, "ferry")
    told(page, "1 of 4")
    box = page.get_by_role("searchbox")
    for key, place, segment in [
        ("Shift+Enter", "4 of 4", -1),
        ("Shift+Enter", "3 of 4", -2),
        ("Enter", "4 of 4", -1),
        ("Enter", "1 of 4", 3),
    ]:
        box.press(key)
        told(page, place)
        page.wait_for_function(IN_VIEW, arg=page.locator("[data-t]").nth(segment).element_handle())
        assert box.evaluate(IN_VIEW)
    page.get_by_role("button", name="Next match").click()
    told(page, "2 of 4")
    page.get_by_role("button", name="Previous match").click()
    told(page, "1 of 4")


def test_escape_ends_it_at_the_place_that_was_found(reading):
    page = reading.page
    find(page, "ferry is late")
    told(page, "1 of 2")
    page.keyboard.press("Enter")
    told(page, "2 of 2")
    page.keyboard.press("Escape")
    assert page.get_by_role("searchbox").input_value() == ""
    assert page.evaluate(PAINTED, "found") == []
    turn = page.locator(".turn", has_text="The ferry is late.").last
    assert turn.locator(".at").evaluate("(link) => link === document.activeElement")
    page.wait_for_function(IN_VIEW, arg=turn.element_handle())


def test_what_is_not_said_is_told_and_signs_alone_are_nothing(reading):
    page = reading.page
    find(page, "flamingo")
    told(page, "Not said here")
    assert page.get_by_role("button", name="Next match").is_disabled()
    find(page, "?!")
    page.wait_for_function("() => !document.querySelector('form.find output').textContent")


def test_speakers_are_a_filter_for_reading_and_finding(reading):
    page = reading.page
    page.get_by_text("3 speakers").click()
    assert page.get_by_role("button", name="Member Okafor 23 min").is_visible()
    find(page, "ferry")
    told(page, "of 4")
    page.get_by_role("button", name="Clerk Quandt").click()
    told(page, "2")
    assert page.locator("form.find output").inner_text() in {"1 of 2", "0 of 2"}
    assert set(page.locator(".turn:visible .who").all_text_contents()) == {"Clerk Quandt"}
    reading.looks()
    page.get_by_role("button", name="Show everybody").click()
    told(page, "of 4")
    assert page.locator(".turn[hidden]").count() == 0


def test_matches_are_ticks_on_the_map_and_a_press_goes_there(reading):
    page = reading.page
    ink = """() => {
      const map = document.querySelector("canvas.map");
      const line = map.getContext("2d").getImageData(0, 0, map.width, 1).data;
      const xs = [];
      for (let x = 0; x < map.width; x += 1) if (line[x * 4 + 3]) xs.push(x / map.width);
      return xs;
    }"""
    assert page.evaluate(ink) == []
    find(page, "ferry")
    told(page, "of 4")
    ticks = page.evaluate(ink)
    assert ticks
    assert all(x < 0.03 or x > 0.97 for x in ticks)
    page.locator("canvas.map").click()  # in its middle
    # A pixel is some seconds.
    middle = [BORING // 2 + len(SAID) + n for n in (-2, -1, 0, 1, 2)]
    page.wait_for_function(
        """(middle) => {
          const all = document.querySelectorAll("[data-t]");
          return middle.some((n) => {
            const box = all[n].getBoundingClientRect();
            return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
          });
        }""",
        arg=middle,
    )


def test_visitor_gets_no_box_and_no_names(visitor):
    meeting = published([*SAID * 7, *[("Secret Speaker", "Later.")] * 60])
    page = visitor.goes(meeting.get_absolute_url())
    assert page.locator("form.find, .speakers, canvas.map").count() == 0
    assert "Clerk Quandt" in page.content()
    assert "Secret Speaker" not in page.content()


def test_without_javascript_the_page_asks_nothing_it_cannot_do(comes):
    member = comes(account=demonstration.MEMBER, java_script_enabled=False)
    page = member.goes(published(SAID).get_absolute_url())
    assert page.locator("form.find").is_hidden()
    assert page.locator(".speakers button:visible").count() == 0
    page.get_by_text("2 speakers").click()
    assert page.get_by_text("Clerk Quandt").first.is_visible()
