"""Watching: play, seek, follow, remember, and what is said when playing must stop."""

import pytest
from django.utils import timezone

from meetings.media import storage
from meetings.media.models import State
from meetings.records.models import Meeting
from memberships.models import Membership
from memberships.purchases import services as purchases
from portal.site import demonstration
from tests.browser.film import EVERY_MS, Wire, filmed
from tests.browser.test_reading import IN_VIEW

pytestmark = pytest.mark.browser

MEDIA = "document.querySelector('.player :is(video, audio)')"
NOW = "[...document.querySelectorAll('.transcript .now')].map((one) => one.textContent)"
SAID = "[...(CSS.highlights.get('said') ?? [])].map((range) => range.toString())"
NOW_IN_VIEW = f"""() => {{
  const now = document.querySelector('.transcript .now');
  return now && ({IN_VIEW})(now);
}}"""
FOCUSED = "(one) => one === document.activeElement"
NO_MEDIA_SOURCE = "for (const name of ['MediaSource', 'ManagedMediaSource']) delete window[name];"
NO_STORAGE = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('forbidden', 'SecurityError'); }
});"""
# A clock that can be put forward: what a token's age is told by.
CLOCK = "{ const now = Date.now; window.ahead = 0; Date.now = () => now() + window.ahead; }"
LATER = "() => { window.ahead += 3_600_000; }"
# As much is fetched ahead as ever is, so that nothing is on its way.
FETCHED = f"""(second) => [...Array({MEDIA}.buffered.length).keys()].some(
  (number) => {MEDIA}.buffered.end(number) > second - 1)"""
# What changes in the transcript while it is followed, from now on.
COUNT = """() => {
  window.changes = [];
  new MutationObserver((records) => window.changes.push(...records.map((one) => one.type)))
    .observe(document.querySelector('.transcript'),
      {subtree: true, childList: true, attributes: true, characterData: true});
}"""
TELLING = """() => {
  window.told = [];
  document.addEventListener('reader:now', ({detail}) => window.told.push(detail.second));
}"""
# Each word of a segment takes half a second.
WORD_TIMES = """() => document.querySelectorAll('[data-t]').forEach((one) => {
  one.dataset.w = one.textContent.split(' ').map((_word, number) => number * 500).join();
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def meeting(site, settings, folder):
    settings.MEDIA_ROOT = folder
    settings.FFMPEG_THREADS = 1
    assert storage.root() == folder
    meeting = Meeting.objects.published().first()
    filmed(meeting, folder)
    return meeting


@pytest.fixture
def watching(comes, meeting):
    """A member before the film: the reader, and the wire."""

    def come(*, script=CLOCK, address="", **options):
        member = comes(account=demonstration.MEMBER, **options)
        wire = Wire(member, meeting.recordings.get())
        member.context.add_init_script(script)
        opens(member, meeting, address)
        return member, wire

    return come


def opens(member, meeting, address=""):
    member.goes(meeting.get_absolute_url() + address)
    member.page.locator(".player.is-ready").wait_for()


def plays(page, after=0.0):
    page.wait_for_function(f"(after) => {MEDIA}.currentTime > after && !{MEDIA}.paused", arg=after)


def at(page):
    return page.evaluate(f"{MEDIA}.currentTime")


def press_play(page):
    page.locator(".plyr__controls [data-plyr=play]").click()


def pause(page):
    page.evaluate(f"{MEDIA}.pause()")


def go_to(page, second):
    page.evaluate(f"{MEDIA}.currentTime = {second}")


def told(page, words):
    page.locator(".player-note p:visible", has_text=words).wait_for()


def press_time(turn):
    turn.locator(".at").click(position={"x": 8, "y": 10})  # not the button below it


def start_of(turn):
    return int(turn.locator("[data-t]").first.get_attribute("data-t").split(",")[0]) / 1000


@pytest.mark.slow
def test_member_watches_and_what_is_said_is_marked(watching):
    """Play, follow, captions, pictures on the seek bar, chapters; and nothing before play."""
    member, wire = watching()
    page = member.page
    assert (wire.playlists, wire.asked) == (0, [])
    assert page.locator(".plyr__progress__marker").count() == 2  # the start needs no mark
    press_play(page)
    plays(page, 0.3)
    assert page.evaluate(NOW) == ["Sentence 0 of the film."]
    page.evaluate(COUNT)
    page.wait_for_function(f"() => {NOW}[0] === 'Sentence 1 of the film.'")
    assert at(page) * 1000 == pytest.approx(EVERY_MS, abs=600)
    assert page.evaluate(f"{NOW}.length") == 1
    assert page.evaluate("changes") == ["attributes"] * 2  # one loses the class, one gets it

    page.keyboard.press("c")
    page.locator(".plyr__caption", has_text="Sentence 1 of the film.").wait_for()
    page.locator(".player").hover()
    box = page.locator(".plyr__progress").bounding_box()
    for share in (0.6, 0.62):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    page.locator(".plyr__preview-thumb--is-shown img").wait_for()
    assert ("token-1", "sprite-1.jpg") in wire.asked
    assert page.locator(".chapter-now").inner_text() == "Opening & <b>roll</b>"
    page.locator(".agenda a", has_text="Budget").click()
    plays(page, 29.9)
    page.keyboard.press("k")
    assert page.evaluate(f"{MEDIA}.paused")
    assert page.locator(".agenda [aria-current]").inner_text().startswith("Budget")
    assert page.locator(".chapter-now").inner_text() == "Budget"
    assert page.locator(".transcript .now").evaluate(IN_VIEW)
    page.mouse.move(0, 0)
    member.looks_everywhere()


@pytest.mark.slow
def test_press_on_the_transcript_brings_the_film_there(watching):
    member, wire = watching()
    page = member.page
    segment = page.locator("[data-t]").nth(4)
    segment.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    box = segment.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 10, steps=4)
    page.mouse.up()
    page.get_by_role("toolbar").wait_for()
    page.mouse.click(box["x"] + 40, box["y"] + 10)  # takes the selection back
    page.get_by_role("toolbar").wait_for(state="hidden")
    assert page.evaluate(NOW) == []  # selecting is no press
    assert wire.playlists == 0

    turn = page.locator(".turn").nth(9)
    turn.locator("[data-t]").first.click()
    page.wait_for_function(f"() => {MEDIA}.readyState >= 2 && {MEDIA}.currentTime > 0")
    assert page.evaluate(f"{MEDIA}.paused")
    assert at(page) == pytest.approx(start_of(turn), abs=0.3)

    turn = page.locator(".turn").nth(12)
    press_time(turn)
    plays(page, start_of(turn))
    assert at(page) < start_of(turn) + 2
    pause(page)

    turn = page.locator(".turn").nth(14)
    turn.locator(".at").focus()
    words = turn.locator("[data-t]")
    page.keyboard.press("Tab")
    assert words.first.evaluate(FOCUSED)
    page.keyboard.press("Enter")
    plays(page, start_of(turn))
    pause(page)
    assert at(page) < start_of(turn) + 2
    for _stop in range(words.count()):
        page.keyboard.press("Tab")
    assert page.locator(".turn").nth(15).locator(".at").evaluate(FOCUSED)
    assert page.locator("[data-t][tabindex]").count() <= 2  # of one turn alone


@pytest.mark.slow
def test_tokens_that_end_are_replaced_and_what_cannot_be_played_is_said(watching):
    member, wire = watching()
    page = member.page
    press_play(page)
    plays(page, 0.2)
    pause(page)

    # its time is over, and the player knows
    page.wait_for_function(FETCHED, arg=30)
    page.evaluate(LATER)
    wire.ends_tokens()
    go_to(page, 80)
    press_play(page)
    plays(page, 80.2)
    pause(page)
    assert wire.playlists == 2
    assert wire.refused == []

    # a clock that was set, a computer that slept: the player believes that it has time
    page.wait_for_function(FETCHED, arg=90)
    wire.ends_tokens()
    member.expects(403)
    go_to(page, 40)
    press_play(page)
    plays(page, 40.2)
    pause(page)
    assert wire.refused
    assert wire.playlists == 3

    # no network, and then there is one
    wire.is_cut = True
    page.evaluate(LATER)
    go_to(page, 60)
    press_play(page)
    told(page, "The connection is lost")
    wire.is_cut = False
    plays(page, 60.2)
    page.locator(".player-note p:visible").wait_for(state="hidden")
    pause(page)
    member.complaints[:] = [one for one in member.complaints if "ERR_FAILED" not in one]

    # the membership ends, and comes back
    wire.status = 402
    member.expects(402)
    page.evaluate(LATER)
    before = len(wire.asked)
    go_to(page, 10)
    told(page, "no longer signed in as a member")
    assert len(wire.asked) == before
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    wire.status = 200
    press_play(page)
    plays(page, 10.2)
    assert page.locator(".player-note p:visible").count() == 0
    pause(page)

    # no network from the first
    wire.is_cut = True
    page.reload()
    page.locator(".player.is-ready").wait_for()
    press_play(page)
    told(page, "The connection is lost")
    wire.is_cut = False
    plays(page, 0.2)
    member.complaints[:] = [one for one in member.complaints if "ERR_FAILED" not in one]

    # the recording was taken away
    page.reload()
    page.locator(".player.is-ready").wait_for()
    wire.status = 404
    member.expects(404)
    press_play(page)
    told(page, "no longer here")


@pytest.mark.slow
def test_browser_that_speaks_hls_itself_loads_again_at_the_same_second(watching):
    member, wire = watching(script=CLOCK + NO_MEDIA_SOURCE)
    page = member.page
    press_play(page)
    plays(page, 0.2)
    assert page.evaluate(f"{MEDIA}.currentSrc").startswith(f"{member.site}/meetings/")
    go_to(page, 30)
    plays(page, 30)
    first = wire.playlists
    wire.ends_tokens()
    page.evaluate(LATER)
    page.wait_for_function(f"() => {MEDIA}.currentSrc.includes('#t=3')")
    plays(page, 30.5)
    assert at(page) < 36
    assert wire.playlists > first
    wire.status = 402
    member.expects(402)
    page.evaluate(LATER)
    told(page, "no longer signed in as a member")
    assert page.evaluate(f"{MEDIA}.paused")


@pytest.mark.slow
def test_volume_speed_and_place_are_remembered(watching, meeting):
    member, _wire = watching()
    page = member.page
    page.keyboard.press(">")
    page.wait_for_function(f"() => {MEDIA}.playbackRate === 1.25")
    page.evaluate(f"{MEDIA}.volume = 0.4")
    press_time(page.locator(".turn").nth(14))
    plays(page)
    page.keyboard.press("k")
    place = at(page)
    opens(member, meeting)
    assert page.locator(".resumes").inner_text().startswith("Goes on where you stopped, at 1:0")
    press_play(page)
    plays(page)
    assert place - 0.5 <= at(page) <= place + 3
    assert page.locator(".resumes").is_hidden()
    assert page.evaluate(f"{MEDIA}.volume") == pytest.approx(0.4)
    assert page.evaluate(f"{MEDIA}.playbackRate") == pytest.approx(1.25)
    opens(member, meeting)
    page.get_by_role("button", name="From the start").click()
    plays(page)
    assert at(page) < 3
    # a link to a moment comes first
    for address in ("?t=61#moment", "#t=60,63"):
        opens(member, meeting, address)
        assert page.locator(".resumes").is_hidden()
        press_play(page)
        plays(page, 59.9)
        assert at(page) < 64
        page.goto("about:blank")


@pytest.mark.slow
def test_following_keeps_what_is_said_in_view_until_one_scrolls(watching):
    """Where storage is forbidden, too."""
    member, _wire = watching(height=500, script=NO_STORAGE)
    page = member.page
    page.evaluate(WORD_TIMES)
    page.evaluate(TELLING)
    press_time(page.locator(".turn").nth(12))
    plays(page)
    page.wait_for_function(NOW_IN_VIEW)
    page.evaluate(COUNT)
    start = start_of(page.locator(".turn").nth(12))
    for place, word in [(2, "of"), (3, "the"), (4, "film.")]:
        page.wait_for_function(
            f"(word) => {SAID}.join() === word && (window.caught = {MEDIA}.currentTime)", arg=word
        )
        assert -0.05 <= page.evaluate("caught") - start - place * 0.5 <= 0.45
    assert page.evaluate("changes.length") <= 2  # the words themselves never change
    assert page.evaluate("told[0]") == start  # and nothing is marked on the way there
    assert page.evaluate("told.every((second) => second >= told[0])")
    back = page.get_by_role("button", name="Back to now")
    assert back.is_hidden()
    page.mouse.move(900, 300)
    page.mouse.wheel(0, -6000)
    back.wait_for()
    go_to(page, 60)
    page.wait_for_function(f"() => {NOW}[0] === 'Sentence 20 of the film.'")
    assert page.evaluate("scrollY") < 300
    page.keyboard.press("k")
    back.click()
    page.wait_for_function(NOW_IN_VIEW)
    assert back.is_hidden()
    page.keyboard.press("f")
    assert back.is_visible()
    page.keyboard.press("f")
    assert back.is_hidden()


@pytest.mark.slow
def test_site_itself_carries_the_film_to_its_end_and_no_further_than_the_membership(
    comes, meeting, settings
):
    """No wire between: playlist, segments and pictures are the site's own, good for 5 s."""
    settings.PLAYBACK_SECONDS = 5
    member = comes(account=demonstration.MEMBER)
    page = member.page
    answers = []
    page.on("response", lambda answer: answers.append((answer.url, answer.status)))
    opens(member, meeting)
    press_play(page)
    plays(page, 0.3)
    stolen = next(url for url, _status in answers if url.endswith("/0.m4s"))
    pause(page)
    visitor = comes()
    assert visitor.context.request.get(stolen).status == 200
    while visitor.context.request.get(stolen).status != 403:
        page.wait_for_timeout(250)  # it lives for 5 s, and dies by itself
    go_to(page, 85)
    press_play(page)
    page.wait_for_function(f"() => {MEDIA}.ended")
    assert {status for url, status in answers if "/playback/" in url} <= {200, 206}
    assert len({url.split("/")[-2] for url, _status in answers if url.endswith(".m4s")}) > 1

    purchases.end(
        membership=Membership.objects.get(user__email=demonstration.MEMBER.email),
        reason="ran_out",
        now=timezone.now(),
    )
    member.expects(402)
    go_to(page, 40)
    told(page, "no longer signed in as a member")


def test_visitor_sees_the_poster_and_the_offer_and_no_more(visitor, meeting):
    page = visitor.goes(meeting.get_absolute_url())
    poster = page.locator(".poster")
    assert "Watch the full video" in poster.inner_text()
    assert "for members" in poster.inner_text()
    assert poster.locator("img").evaluate("(one) => one.complete && one.naturalWidth > 0")
    assert page.locator(".player, video, canvas.map").count() == 0
    for address in ("playlist.m3u8", "captions.vtt", "/playback/"):
        assert address not in page.content()
    for name in ("playlist.m3u8", "captions.vtt"):
        assert visitor.context.request.get(f"/meetings/{meeting.pk}/{name}").status == 402
    visitor.looks_everywhere()
    poster.click()
    page.wait_for_function(IN_VIEW, arg=page.locator("#offer").element_handle())


@pytest.mark.slow
def test_recording_without_a_picture_and_one_that_is_not_ready(watching, meeting):
    row = meeting.recordings.all()
    row.update(video_codec="", width=None, height=None, has_poster=False)
    member, _wire = watching()
    page = member.page
    assert page.locator(".player video, .player [poster]").count() == 0
    press_play(page)
    plays(page, 0.2)
    assert page.evaluate(NOW) == ["Sentence 0 of the film."]
    pause(page)
    member.looks_everywhere()
    for given, words in [
        ({"state": State.WAITING}, "will soon be made ready"),
        ({"state": State.PACKAGING, "progress": 40}, "40 % is done"),
        ({"state": State.FAILED, "error": "no room"}, "could not be made ready"),
    ]:
        row.update(**given)
        member.goes(meeting.get_absolute_url())
        assert words in page.locator(".unready").inner_text()
        assert page.locator(".player").count() == 0
        assert page.locator(".turn").count() > 10
