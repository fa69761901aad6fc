"""Searching: from words that are typed to the moment at which they were said."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from meetings.records.models import Body
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from portal.site import demonstration
from tests.browser.test_reading import IN_VIEW, tab, tab_until
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHRASE = "knee surgery went well"
COUNCIL = "Osier Ferry City Council"
MARKED = "() => [...(CSS.highlights.get('linked') ?? [])].join(' ')"


@pytest.fixture(autouse=True)
def index(site, settings, tmp_path):
    """Two bodies say the phrase: the council of the demonstration, and its school board."""
    meeting = MeetingFactory(
        body=Body.objects.get(slug="osier-ferry-school-board"),
        title="Board meeting in spring",
        held_on=date(2026, 4, 20),
    )
    said = [("Chair", "Welcome."), ("Clerk", f"Her {PHRASE}, we hear."), ("Chair", "Good.")]
    transcribe(
        [Utterance(n * 4_000, n * 4_000 + 4_000, text, who) for n, (who, text) in enumerate(said)],
        meeting=meeting,
    )
    settings.INDEX_ROOT = tmp_path / "index"
    rebuild(Folder(settings.INDEX_ROOT))


def types(page, words):
    box = page.get_by_role("searchbox")
    box.fill("")
    box.press_sequentially(words)


def test_typed_phrase_narrowed_to_a_body_opens_at_the_moment_with_its_words_marked(comes):
    member = comes(account=demonstration.MEMBER)
    page = member.goes("/search/")
    types(page, f'"{PHRASE}"')
    page.locator("#told", has_text="2 moments").wait_for()
    assert page.locator(".moment mark").all_inner_texts() == [PHRASE] * 2
    assert parse_qs(urlsplit(page.url).query) == {"q": [f'"{PHRASE}"']}  # fit to be shared
    assert page.title().startswith(f'"{PHRASE}"')
    member.looks()
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})

    page.locator(".facets > summary").click()
    member.presses(page.locator(".facets").get_by_role("link", name=COUNCIL))
    assert "1 moment" in page.locator("#told").inner_text()
    assert "Board meeting in spring" not in page.locator("main").inner_text()

    hit = page.locator(".moment .words a")
    hit.focus()
    with page.expect_navigation(url="**/meetings/**"):
        page.keyboard.press("Enter")
    page.wait_for_function(f"(words) => ({MARKED})() === words", arg=PHRASE)
    assert page.locator("#moment").evaluate(IN_VIEW)
    member.looks()


def test_keyboard_alone_leads_from_the_first_letter_to_the_moment(comes):
    member = comes(account=demonstration.MEMBER)
    page = member.goes("/search/")
    tab_until(page, "skip")
    page.keyboard.press("Enter")
    tab(page)
    page.keyboard.type(PHRASE)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("#told").inner_text() == "2 moments"
    tab_until_hit(page)
    with page.expect_navigation(url="**/meetings/**"):
        page.keyboard.press("Enter")
    page.wait_for_function(f"(words) => ({MARKED})() === words", arg=PHRASE)


def tab_until_hit(page):
    for _stop in range(60):
        tab(page)
        if page.evaluate("document.activeElement.matches('.moment a')"):
            return
    pytest.fail("no hit within 60 stops")


def test_without_javascript_the_same_words_lead_to_the_same_moment(comes):
    member = comes(account=demonstration.MEMBER, java_script_enabled=False)
    page = member.goes("/")
    page.get_by_role("searchbox").fill(f'"{PHRASE}"')
    member.presses(page.get_by_role("search").get_by_role("button", name="Search"))
    assert page.locator("#told").inner_text() == "2 moments"
    page.locator(".facets > summary").click()
    member.presses(page.locator(".facets").get_by_role("link", name=COUNCIL))
    member.follows(page.locator(".moment .words a"))
    assert PHRASE in page.locator("#moment").inner_text()
    assert page.locator("#moment").evaluate(IN_VIEW)


def test_visitor_finds_what_is_free_and_is_offered_the_rest(visitor):
    page = visitor.goes("/search/")
    visitor.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    types(page, "water main")
    page.locator(".step", has_text="In the transcripts").wait_for()
    assert "articles and agendas" in page.locator("#told").inner_text()
    visitor.looks()
    visitor.looks_everywhere()

    types(page, f'"{PHRASE}"')
    page.locator(".step", has_text="Members also search the transcripts").wait_for()
    assert "Nothing was found" in page.locator("#told").inner_text()
    assert PHRASE not in page.locator("#found").inner_text()
    visitor.presses(page.locator(".offer").get_by_role("button", name="Become a member"))
    assert "/membership/" in page.url
