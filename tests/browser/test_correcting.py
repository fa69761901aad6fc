"""A clerk corrects a transcript: in place, by keyboard, beside another, and with nothing lost."""

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.templatetags.static import static
from django.test import Client
from hypothesis import given, settings

from meetings.intake import editing
from meetings.records.models import Meeting
from meetings.transcripts import queries
from meetings.transcripts.edits import Assign, Join, Remove, Reword, Split, applied
from meetings.transcripts.lines import EditRefused, Line
from meetings.transcripts.models import Segment
from memberships.models import User
from portal.site import demonstration
from tests.browser.film import Wire, filmed
from tests.browser.test_find import BORING, SAID, published
from tests.browser.test_links import MARKED, SELECT, copied
from tests.browser.watching import CRITICAL
from tests.meetings.transcripts.editing import edited

pytestmark = [pytest.mark.browser, pytest.mark.slow]

IN_BROWSER = """async ([address, rows, edits]) => {
  const { Sheet } = await import(address);
  const lines = rows.map(([id, start, end, text, speaker, confidence]) => ({
    id, start, end, text, speaker, confidence,
  }));
  const { sheet, failed } = Sheet.after(lines, edits);
  const told = sheet.lines.map((one) => [
    one.id, one.start, one.end, one.text, one.speaker, one.confidence,
  ]);
  return { failed, lines: told };
}"""
HOSTILE = "<img src=x onerror=alert(1)> \u202bשלום\u202c"


@pytest.fixture
def meeting(site) -> Meeting:
    between = [("Member Okafor", f"Item number {n} is heard.") for n in range(BORING)]
    return published([*SAID, *between, ("<b>Nobody</b>", HOSTILE)])


@pytest.fixture
def clerk(comes, meeting):
    staff = comes(account=demonstration.STAFF)
    opens(staff, meeting)
    return staff


def opens(staff, meeting):
    staff.goes(f"/admin/meetings/transcript/{queries.current(meeting).pk}/edit/", impacts=CRITICAL)
    staff.page.locator(".editor.is-ready li.line").first.wait_for()
    return staff.page


def row(page, words):
    """The row whose words are these now."""
    rows = page.locator("li.line")
    texts = rows.locator("textarea").evaluate_all("all => all.map(one => one.value)")
    return rows.nth(texts.index(words))


def box(page, words):
    return row(page, words).locator("textarea")


def saves(page, says):
    page.keyboard.press("Control+s")
    page.locator(".told", has_text=says).wait_for()


def words_of(meeting):
    rows = Segment.objects.filter(transcript=queries.current(meeting)).in_order()
    return list(rows.values_list("text", flat=True))


def test_word_inside_a_linked_quote_is_corrected_and_the_old_link_says_so(clerk, comes, meeting):
    """Shows 3."""
    member = comes(account=demonstration.MEMBER)
    member.context.grant_permissions(["clipboard-read", "clipboard-write"])
    member.goes(meeting.get_absolute_url())
    member.page.evaluate(SELECT, ["We don", "about the ferry"])
    address = copied(member.page, "Copy link to this")

    page = clerk.page
    box(page, "We don’t know more about the ferry.").fill("We don’t know anything about the ferry.")
    assert page.locator(".count").inner_text() == "1 edit, not saved"
    saves(page, "Saved as version 3.")

    visitor = comes(account=demonstration.MEMBER)
    visitor.goes(address)
    visitor.page.wait_for_function(f"({MARKED})().length === 1")
    assert visitor.page.evaluate(MARKED) == ["We don’t know anything about the ferry"]
    note = visitor.page.locator(".link-note")
    assert "The wording has changed since this link was made." in note.inner_text()


def test_clerk_edits_by_keyboard_undoes_and_saves(clerk, meeting):
    page = clerk.page
    box(page, "Welcome. We begin with the budget of").click()
    page.keyboard.press("Home")
    for _ in "Welcome.":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("document.activeElement.value") == "We begin with the budget of"
    page.keyboard.press("Control+Shift+Enter")
    joined = "We begin with the budget of the north pier, and then the Café."
    assert page.evaluate("document.activeElement.value") == joined
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert row(page, "Welcome. We begin with the budget of").is_visible()
    assert page.locator(".count").inner_text() == "No edits"
    page.keyboard.press("Control+Shift+z")
    assert row(page, "Welcome.").locator(".at").inner_text() == "0:00"

    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Chair Ana Ruiz")
    dialog.get_by_label("All 4 segments of Chair Ruiz").check()
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    assert row(page, "Welcome.").locator(".who").inner_text() == "Chair Ana Ruiz"

    page.get_by_label("Search within").fill("onerror")
    assert page.locator(".found").inner_text() == "1 segments"
    assert page.locator("li.line textarea").input_value() == HOSTILE
    assert page.locator("li.line .who").inner_text() == "<b>Nobody</b>"
    page.locator("li.line textarea").fill("")
    page.keyboard.press("Tab")
    page.get_by_label("Note").fill("By ear")
    saves(page, "Saved as version 3.")

    made = queries.current(meeting)
    assert (made.note, made.made_by_name) == ("By ear", "Ines Calloway")
    words = words_of(meeting)
    assert words[:2] == ["Welcome.", "We begin with the budget of"]
    assert HOSTILE not in words
    assert made.segments.filter(speaker__name="Chair Ana Ruiz").count() == 4
    assert not made.segments.filter(speaker__name="Chair Ruiz").exists()


def test_edits_survive_a_reload_and_the_end_of_the_session(clerk, meeting):
    page = clerk.page
    box(page, "The ferry is late.").fill("The ferry is early.")
    page.reload()
    page.locator(".editor.is-ready li.line").first.wait_for()
    assert box(page, "The ferry is early.").is_visible()
    assert page.locator(".count").inner_text() == "1 edit, not saved"

    Session.objects.all().delete()
    clerk.expects(302)
    page.keyboard.press("Control+s")
    page.locator(".told", has_text="You are signed out").wait_for()
    assert words_of(meeting)[4] == "The ferry is late."

    sign_in_again(clerk)
    clerk.expects(403)  # the token of the session before; a new one is fetched
    saves(page, "Saved as version 3.")
    assert words_of(meeting)[4] == "The ferry is early."
    page.reload()
    page.locator(".editor.is-ready li.line").first.wait_for()
    assert page.locator(".count").inner_text() == "No edits"


def sign_in_again(staff):
    client = Client()
    client.force_login(User.objects.get(email=demonstration.STAFF.email))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    staff.context.clear_cookies()
    staff.context.add_cookies([{**cookie, "url": staff.site}])


def test_two_clerks_lose_nothing(clerk, meeting):
    page = clerk.page
    base = queries.current(meeting)
    keys = list(base.segments.in_order().values_list("key", flat=True))
    box(page, "Welcome. We begin with the budget of").fill("Mine fits beside.")
    box(page, "The ferry is late.").fill("Mine is early.")
    other = User.objects.get(email=demonstration.STAFF.email)
    save(base, other, [Reword(keys[4], "Theirs is punctual."), Reword(keys[1], "Theirs too.")])

    clerk.expects(409)
    saves(page, "Not saved yet")
    aside = page.locator(".asides li")
    assert aside.count() == 1
    for words in ("The ferry is late.", "Theirs is punctual.", "Mine is early."):
        assert words in aside.inner_text()
    assert box(page, "Mine fits beside.").is_visible()
    assert box(page, "Theirs is punctual.").is_visible()
    page.reload()
    aside.wait_for()
    aside.get_by_role("button", name="Take mine").click()
    assert box(page, "Mine is early.").is_visible()
    assert aside.count() == 0
    saves(page, "Saved as version 4.")
    assert words_of(meeting)[:5] == [
        "Mine fits beside.",
        "Theirs too.",
        SAID[2][1],
        SAID[3][1],
        "Mine is early.",
    ]

    save(queries.current(meeting), other, [Reword(keys[2], "Theirs again.")])
    box(page, "Mine is early.").fill("Mine again.")
    saves(page, "had saved version 5 meanwhile")
    assert words_of(meeting)[2] == "Theirs again."
    assert words_of(meeting)[4] == "Mine again."


def save(base, by, edits):
    editing.save(base=base, submission=editing.Submission(edits, "", uuid.uuid4()), by=by)


def test_second_tab_leaves_the_first_one_s_edits_alone(clerk, meeting):
    box(clerk.page, "The ferry is late.").fill("The ferry is early.")
    second = clerk.context.new_page()
    second.goto(clerk.page.url)
    second.locator(".told", has_text="open for editing in another tab").wait_for()
    assert second.locator("li.line").count() == 0
    second.close()


@pytest.mark.slow
def test_pages_of_segments_and_the_screens_around_are_in_order(clerk, meeting):
    page = clerk.page
    assert page.locator("li.line").count() == 100
    page.get_by_label("Go to time").fill("20:00")
    page.get_by_label("Go to time").press("Enter")
    assert page.evaluate("document.activeElement.value") == "Item number 295 is heard."
    page.get_by_label("Speaker").select_option(label="Clerk Quandt (2)")
    assert page.locator("li.line").count() == 2
    page.locator("li.line textarea").first.fill(SAID[2][1].replace("north", "south"))
    page.get_by_label("Only edited").check()
    assert page.locator("li.line").count() == 1
    saves(page, "Saved as version 3.")

    clerk.presses(page.get_by_role("link", name="Versions"), impacts=CRITICAL)
    with page.expect_navigation():
        page.get_by_role("button", name="Compare", exact=True).first.click()
    assert page.locator("del").first.inner_text() == "“north”"
    clerk.looks(CRITICAL)
    clerk.page.go_back()
    page.get_by_role("button", name="mark as reviewed").click()
    page.get_by_text("Readers see now that the transcript was reviewed.").wait_for()
    page.get_by_role("button", name="Bring this version back").first.click()
    page.get_by_text("is back, as version 4.").wait_for()
    assert words_of(meeting)[2] == SAID[2][1]
    clerk.goes(f"/admin/meetings/transcript/{queries.current(meeting).pk}/read/", impacts=CRITICAL)


def wire(edit):
    """An edit as the editor sends it."""
    return [type(edit).__name__.lower(), *(getattr(edit, name) for name in edit.__slots__)]


@pytest.mark.slow
def test_editor_shows_what_will_be_stored(visitor):
    """The same edits in the browser and on the server, and what both refuse."""
    visitor.goes("/about/")
    address = static("js/correcting/edits.js")

    def in_browser(lines, edits):
        rows = [[x.id, x.start_ms, x.end_ms, x.text, x.speaker, x.confidence] for x in lines]
        return visitor.page.evaluate(IN_BROWSER, [address, rows, [wire(edit) for edit in edits]])

    @settings(max_examples=50, deadline=None, database=None, derandomize=True)
    @given(edited())
    def same(case):
        lines, edits, after = case
        assert in_browser(lines, edits) == {
            "failed": -1,
            "lines": [[x.id, x.start_ms, x.end_ms, x.text, x.speaker, x.confidence] for x in after],
        }

    same()
    line = Line("a", 0, 9, "one two 🙂 three")
    for refused in (
        Reword("a", " \x00\n"),
        Reword("a", "x" * 10_001),
        Reword("b", "x"),
        Assign("a", "x" * 201),
        Split("a", 0, "n"),
        Split("a", 15, "n"),
        Split("a", 3, "a"),
        Join("a", "a"),
        Remove("a"),
    ):
        with pytest.raises(EditRefused):
            applied([line], [refused])
        assert in_browser([line], [refused])["failed"] == 0
    left, right = in_browser([line], [Split("a", 9, "n")])["lines"]
    assert (left[3], right[3]) == ("one two 🙂", "three")


@pytest.mark.slow
def test_recording_plays_beside_the_words(comes, site, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.FFMPEG_THREADS = 1
    meeting = Meeting.objects.published().first()
    filmed(meeting, tmp_path)
    staff = comes(account=demonstration.STAFF, width=1600)
    Wire(staff, meeting.recordings.get())
    page = opens(staff, meeting)
    page.locator(".player.is-ready").wait_for()
    row(page, "Sentence 20 of the film.").locator(".at").click()
    media = "document.querySelector('.player video')"
    page.wait_for_function(f"{media}.currentTime > 60.2 && !{media}.paused")
    page.locator("li.line.is-now", has=page.locator(".at", has_text="1:0")).wait_for()
    page.keyboard.press("Control+Space")
    page.wait_for_function(f"{media}.paused")
    box(page, "Sentence 5 of the film.").click()
    page.keyboard.press("Control+Shift+Space")
    page.wait_for_function(f"{media}.currentTime >= 15 && {media}.currentTime < 20")
    staff.looks(CRITICAL)
