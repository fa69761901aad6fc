"""Clips: from words in the reader to a clip that others play, and the ways to make one."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from meetings.clips.models import Clip
from meetings.clips.tasks import make_waiting
from meetings.records.models import Meeting
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from portal.site import demonstration
from tests.browser.film import EVERY_MS, filmed
from tests.browser.test_links import SELECT
from tests.browser.test_player import (  # noqa: F401 - the fixture of that name
    FOCUSED,
    MEDIA,
    folder,
    opens,
    press_play,
)
from tests.browser.test_searching import MARKED
from tests.browser.watching import PHONE_WIDTH
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = [
    ("Ann", "The session is open again."),
    ("Ann", "We shall raise the fare of the ferry."),
    ("Ann", "But nobody pays it this year."),
    ("Bob", "I move that the pier"),
    ("Bob", "be painted green."),
    ("Bob", "So be it."),
]
PLAYED = "document.querySelector('.clip-player :is(video, audio)')"


@pytest.fixture
def meeting(site, settings, folder):  # noqa: F811 - the fixture of that name
    settings.MEDIA_ROOT = folder
    settings.FFMPEG_THREADS = 1
    meeting = Meeting.objects.published().first()
    filmed(meeting, folder)
    said = [
        Utterance(n * EVERY_MS, (n + 1) * EVERY_MS - 200, text, name)
        for n, (name, text) in enumerate(SAID)
    ]
    transcribe(said, meeting=meeting, version=3)
    return meeting


@pytest.fixture
def reading(comes, meeting):
    def come(**options):
        member = comes(account=demonstration.MEMBER, **options)
        if options.get("java_script_enabled", True):
            member.context.grant_permissions(["clipboard-read", "clipboard-write"])
            opens(member, meeting)
        return member

    return come


@pytest.fixture
def index(meeting, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    rebuild(Folder(settings.INDEX_ROOT))


def dialog_of(page):
    return page.get_by_role("dialog", name="Make a clip")


def times(place):
    return [
        (part.locator("[name=from]").input_value(), part.locator("[name=to]").input_value())
        for part in place.locator(".part").all()
    ]


def goes_past(page, second, media=MEDIA):
    page.wait_for_function(f"(second) => {media}.currentTime > second", arg=second)


def test_member_clips_a_sentence_and_others_see_it(reading, comes, index):
    """Search, open the hit, select, clip, play, embed elsewhere, download; open it as a visitor."""
    member = reading()
    page = member.goes("/search/")
    page.get_by_role("searchbox").press_sequentially('"raise the fare"')
    page.locator("#told", has_text="1 moment").wait_for()
    member.follows(page.locator(".moment .words a"))
    page.locator(".player.is-ready").wait_for()
    page.wait_for_function(f"() => ({MARKED})() === 'raise the fare'")
    page.evaluate(SELECT, ["We shall", "ferry."])
    page.get_by_role("toolbar").get_by_role("button", name="Clip this").click()
    dialog = dialog_of(page)
    warning = dialog.locator(".guard", has_text="It stops before something is taken back")
    warning.wait_for()
    assert times(dialog) == [("0:03", "0:05.8")]
    assert dialog.get_by_role("textbox", name="Title").input_value() == (
        "Ann: We shall raise the fare of the ferry."
    )
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    dialog.get_by_role("button", name="End at 0:08").click()
    warning.wait_for(state="hidden")
    assert times(dialog) == [("0:03", "0:08.8")]

    dialog.get_by_role("button", name="Play it in a loop").click()
    goes_past(page, 8)
    page.wait_for_function(f"() => {MEDIA}.currentTime < 5 && !{MEDIA}.paused")
    page.keyboard.press("k")
    dialog.locator(".loop[aria-pressed=false]").wait_for()

    dialog.get_by_role("textbox", name="Title").fill("The fare & <b>the ferry</b>")
    dialog.get_by_role("radio", name="Whoever has the link").check()
    dialog.get_by_role("textbox", name="Clipped by").fill("A reader")
    member.presses(dialog.get_by_role("button", name="Save the clip"))
    clip = Clip.objects.get()
    assert page.url == f"{member.site}{clip.get_absolute_url()}"
    assert page.get_by_role("heading", level=1).inner_text() == "The fare & <b>the ferry</b>"
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    plays_to_its_end(page)

    page.get_by_role("button", name="Copy the code").click()
    page.locator(".copied", has_text="Copied").first.wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    plays_elsewhere(member, code)

    member.goes(clip.get_absolute_url())
    make_waiting()  # what the worker does next
    page.reload()
    with page.expect_download() as arriving:
        page.locator(".clip-files a[download]").first.click()
    assert arriving.value.path().read_bytes()[4:8] == b"ftyp"

    visitor = comes()
    visitor.goes(clip.get_absolute_url())
    visitor.looks_everywhere()
    assert "We shall raise the fare" in visitor.page.locator("main").inner_text()
    assert "Clipped by A reader" in visitor.page.locator("main").inner_text()
    plays_to_its_end(visitor.page)
    visitor.goes(f"{clip.get_absolute_url()}embed/")
    visitor.looks_everywhere()
    visitor.goes("/verify/")
    visitor.page.get_by_role("textbox").first.fill(f"{member.site}{clip.get_absolute_url()}")
    visitor.presses(visitor.page.get_by_role("button", name="Check"))
    visitor.looks_everywhere()


def plays_to_its_end(page):
    page.locator(".controls [name=play]").click()
    page.wait_for_function(f"() => !{PLAYED}.paused")
    page.get_by_role("button", name="Play again").first.wait_for()


def plays_elsewhere(member, code):
    """The code in a page of another site."""
    with newspaper(f"<!doctype html><html lang=en><title>News</title>{code}</html>") as address:
        member.may_go_to(address)
        member.page.goto(address)
        frame = member.page.frame_locator("iframe")
        frame.locator(".controls [name=play]").click()
        frame.get_by_role("button", name="Play again").first.wait_for()
        member.page.goto("about:blank")


@contextmanager
def newspaper(html):
    """Another site, with one page. To a browser, localhost is another site than 127.0.0.1."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode() if self.path == "/" else b"")

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_in_and_out_by_keys_several_parts_and_never_a_mouse(reading):
    member = reading()
    page = member.page
    page.keyboard.press("o")
    page.get_by_text("Press i where the clip begins").wait_for()
    page.keyboard.press("n")  # 0:03
    page.wait_for_function(f"() => {MEDIA}.currentTime >= 3 && !{MEDIA}.seeking")
    page.keyboard.press("i")
    page.get_by_text("The clip begins at 0:03. Press o where it ends.").wait_for()
    for key in ("n", "n"):  # 0:09
        page.keyboard.press(key)
    page.wait_for_function(f"() => {MEDIA}.currentTime >= 9 && !{MEDIA}.seeking")
    page.keyboard.press("o")
    dialog = dialog_of(page)
    dialog.get_by_text("We shall raise the fare").first.wait_for()
    assert times(dialog) == [("0:03", "0:09")]
    assert dialog.get_by_role("heading").evaluate(FOCUSED)

    # another part: its times are those that play when the keys are pressed
    tab_to(page, dialog.get_by_role("button", name="Add a part"))
    page.keyboard.press("Enter")
    dialog.get_by_role("group", name="Part 2").wait_for()
    assert dialog.locator("[name=from]").nth(1).evaluate(FOCUSED)
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("15")
    dialog.locator(".guard", has_text="It begins inside a sentence").wait_for()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowUp")
    assert times(dialog)[1] == ("12", "0:16.1")
    dialog.locator(".guard", has_text="It ends inside a sentence").wait_for()
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    tab_to(page, dialog.get_by_role("button", name="Begin at 0:09"))
    page.keyboard.press("Enter")
    # the parts touch now, so nothing is cut off between them
    page.wait_for_function("() => document.querySelectorAll('.clip-dialog .guard').length === 1")
    tab_to(page, dialog.get_by_role("button", name="Save the clip").last)
    page.keyboard.press("Enter")
    page.wait_for_url("**/clips/**")
    spans = Clip.objects.get().spans.order_by("position").values_list("start_ms", "end_ms")
    assert list(spans) == [(3_000, 16_100)]


def tab_to(page, target):
    for _press in range(40):
        if target.evaluate(FOCUSED):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def test_escape_leads_back_and_more_words_are_more_parts(reading):
    member = reading(width=PHONE_WIDTH, height=844)
    page = member.page
    turn = page.locator(".turn").first
    turn.locator(".at").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("x")
    dialog = dialog_of(page)
    dialog.get_by_text("The session is open").first.wait_for()
    assert times(dialog) == [("0:00", "0:02.8")]
    words = page.locator(".transcript [data-t]", has_text="So be it.")
    page.mouse.move(200, 350)
    page.mouse.wheel(0, words.bounding_box()["y"] - 290)  # out from below the dialog
    page.wait_for_function(
        "(one) => one.getBoundingClientRect().top < 330", arg=words.element_handle()
    )
    page.evaluate(SELECT, ["So be", "it."])
    page.get_by_role("toolbar").get_by_role("button", name="Clip this").click()
    dialog.get_by_role("group", name="Part 2").get_by_text("So be it.").wait_for()
    assert times(dialog) == [("0:00", "0:02.8"), ("0:15", "0:17.8")]
    member.looks()
    dialog.get_by_role("button", name="Remove part 1").click()
    page.wait_for_function("() => document.querySelectorAll('.clip-dialog .part').length === 1")
    assert times(dialog) == [("0:15", "0:17.8")]
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert turn.locator("[data-t]").first.evaluate(FOCUSED)
    assert Clip.objects.count() == 0


def test_without_scripts_the_same_form_is_a_page(reading, meeting):
    member = reading(java_script_enabled=False)
    page = member.goes(f"/clips/new/?meeting={meeting.pk}&from=3&to=5.8")
    assert "It stops before something is taken back" in page.locator("main").inner_text()
    member.presses(page.get_by_role("button", name="End at 0:08"))
    member.presses(page.get_by_role("button", name="Add a part"))
    member.expects(422)
    page.get_by_role("textbox", name="Begins").nth(1).fill("15")
    member.presses(page.get_by_role("button", name="Save the clip").last)
    assert "Say when part 2 ends" in page.locator("main").inner_text()
    page.get_by_role("textbox", name="Ends").nth(1).fill("17.8")
    member.presses(page.get_by_role("button", name="Look at the words"))
    page.get_by_role("textbox", name="Title").fill("The fare")
    member.presses(page.get_by_role("button", name="Save the clip").last)
    spans = Clip.objects.get().spans.order_by("position").values_list("start_ms", "end_ms")
    assert list(spans) == [(3_000, 8_800), (15_000, 17_800)]


def test_the_page_of_a_new_clip_is_in_order_and_plays(reading, meeting):
    member = reading()
    page = member.goes(f"/clips/new/?meeting={meeting.pk}&from=3&to=5.8")
    page.locator(".player.is-ready").wait_for()
    member.looks_everywhere()
    page.get_by_role("button", name="Play it in a loop").click()
    goes_past(page, 5)
    page.wait_for_function(f"() => {MEDIA}.currentTime < 5")
