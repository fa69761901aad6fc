"""Watching: play, seek, follow, remember, and tokens that end in the middle."""

import time

import pytest

from meetings.media import storage
from meetings.records.models import Meeting
from portal.site import demonstration
from tests.browser.film import EVERY_MS, Wire, filmed
from tests.browser.test_reading import IN_VIEW

pytestmark = pytest.mark.browser

MEDIA = "document.querySelector('.player video')"
NOW = "[...document.querySelectorAll('.transcript .now')].map((one) => one.textContent)"
NO_MEDIA_SOURCE = "for (const name of ['MediaSource', 'ManagedMediaSource']) delete window[name];"
NO_STORAGE = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('forbidden', 'SecurityError'); }
});"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def meeting(site, settings, tmp_path, made):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    assert storage.root() == settings.MEDIA_ROOT
    meeting = Meeting.objects.published().first()
    filmed(meeting, made)
    return meeting


@pytest.fixture
def watching(comes, meeting, settings):
    """A member before the film: the reader, and the wire."""

    def come(*, lifetime=900, said=None, script=None, address="", **options):
        settings.PLAYBACK_SECONDS = said or lifetime
        member = comes(account=demonstration.MEMBER, **options)
        wire = Wire(member, meeting.recordings.get(), lifetime=lifetime)
        if script:
            member.context.add_init_script(script)
        member.goes(meeting.get_absolute_url() + address)
        member.page.locator(".player.is-ready").wait_for()
        return member, wire

    return come


def plays(page, after=0.0):
    page.wait_for_function(f"(after) => {MEDIA}.currentTime > after && !{MEDIA}.paused", arg=after)


def at(page):
    return page.evaluate(f"{MEDIA}.currentTime")


def press_play(page):
    page.locator(".plyr__controls [data-plyr=play]").click()


def test_nothing_is_fetched_until_one_plays_and_then_what_is_said_is_marked(watching):
    member, wire = watching()
    page = member.page
    assert wire.playlists == 0
    assert not wire.asked
    press_play(page)
    plays(page, 0.3)
    assert page.evaluate(NOW) == ["Sentence 0 of the film."]
    page.wait_for_function(f"() => {NOW}[0] === 'Sentence 1 of the film.'")
    assert at(page) * 1000 == pytest.approx(EVERY_MS, abs=600)
    assert page.evaluate(f"{NOW}.length") == 1
    page.keyboard.press("k")
    assert page.evaluate(f"{MEDIA}.paused")
    member.looks_everywhere()


@pytest.mark.parametrize("how", ["click", "Enter", "words"])
def test_press_on_a_time_brings_the_film_there(watching, how):
    member, _wire = watching()
    page = member.page
    turn = page.locator(".turn").nth(9)
    start = int(turn.locator("[data-t]").first.get_attribute("data-t").split(",")[0]) / 1000
    if how == "click":
        turn.locator(".at").click()
        plays(page)
    elif how == "Enter":
        turn.locator(".at").focus()
        page.keyboard.press("Enter")
        plays(page)
    else:
        turn.locator("[data-t]").first.click()
        page.wait_for_function(f"() => {MEDIA}.readyState >= 2 && {MEDIA}.currentTime > 0")
        assert page.evaluate(f"{MEDIA}.paused")
    assert start - 0.05 <= at(page) <= start + 1.5
    page.evaluate(f"{MEDIA}.pause()")
    page.locator(".turn").nth(3).locator("[data-t]").first.click()
    start = int(
        page.locator(".turn").nth(3).locator("[data-t]").first.get_attribute("data-t").split(",")[0]
    )
    page.wait_for_function(f"() => !{MEDIA}.seeking")
    assert at(page) == pytest.approx(start / 1000, abs=0.3)


def test_selecting_words_does_not_seek(watching):
    member, wire = watching()
    member.page.locator(".find").scroll_into_view_if_needed()
    member.page.locator("[data-t]").nth(4).evaluate(
        "(one) => one.scrollIntoView({block: 'center'})"
    )
    box = member.page.locator("[data-t]").nth(4).bounding_box()
    mouse = member.page.mouse
    mouse.move(box["x"] + 2, box["y"] + 10)
    mouse.down()
    mouse.move(box["x"] + 90, box["y"] + 10, steps=4)
    mouse.up()
    member.page.get_by_role("toolbar").wait_for()
    mouse.click(box["x"] + 40, box["y"] + 10)  # takes the selection back
    member.page.get_by_role("toolbar").wait_for(state="hidden")
    assert wire.playlists == 0


def test_token_that_ends_in_the_middle_is_replaced_before(watching):
    member, wire = watching(lifetime=3)
    page = member.page
    press_play(page)
    plays(page, 0.2)
    first = wire.playlists
    page.evaluate(f"{MEDIA}.pause()")
    time.sleep(3.1)  # the old token is dead now: nothing but time kills it
    page.evaluate(f"{MEDIA}.currentTime = 80")
    press_play(page)
    plays(page, 80.2)
    assert wire.playlists > first
    assert wire.refused == []
    assert len({token for token, _name in wire.asked}) > 1


def test_token_that_ended_unawares_is_replaced_after(watching):
    """A clock that was set, a computer that slept: the player believes that it has time."""
    member, wire = watching(lifetime=3, said=900)
    page = member.page
    press_play(page)
    plays(page, 0.2)
    page.evaluate(f"{MEDIA}.pause()")
    member.expects(403)
    time.sleep(3.1)
    page.evaluate(f"{MEDIA}.currentTime = 80")
    press_play(page)
    plays(page, 80.2)
    assert wire.refused
    assert wire.playlists == 2


def test_membership_that_ends_in_the_middle_is_said(watching):
    member, wire = watching(lifetime=3)
    page = member.page
    press_play(page)
    plays(page, 0.2)
    page.evaluate(f"{MEDIA}.pause()")
    wire.status = 402
    member.expects(402)
    time.sleep(3.1)
    page.evaluate(f"{MEDIA}.currentTime = 80")
    page.locator(".player-note", has_text="cannot be played for you now").wait_for()
    assert not [name for token, name in wire.asked if token != "token-1"]


def test_browser_that_speaks_hls_itself_plays_and_loads_again_at_the_same_second(watching):
    member, wire = watching(lifetime=3, script=NO_MEDIA_SOURCE)
    page = member.page
    press_play(page)
    plays(page, 0.2)
    assert page.evaluate(f"{MEDIA}.currentSrc").startswith(f"{member.site}/meetings/")
    first = wire.playlists
    page.wait_for_function(f"() => {MEDIA}.currentTime > 3")
    plays(page, 3)
    assert at(page) < 10
    assert wire.playlists > first


def test_captions_thumbnails_and_chapters_are_there(watching):
    member, wire = watching()
    page = member.page
    labels = page.locator(".plyr__progress__marker")
    assert labels.count() == 2  # where it begins needs no mark
    press_play(page)
    plays(page, 0.1)
    page.locator(".player").hover()
    page.locator("[data-plyr=captions]").click()
    page.locator(".plyr__caption", has_text="Sentence 0 of the film.").wait_for()
    box = page.locator(".plyr__progress").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] * 0.62, box["y"] + box["height"] / 2)
    page.locator(".plyr__preview-thumb--is-shown img").wait_for()
    assert ("token-1", "sprite-1.jpg") in wire.asked
    assert page.locator(".chapter-now").inner_text() == "Opening & <b>roll</b>"
    page.locator(".agenda a", has_text="Budget").click()
    plays(page, 29.9)
    assert page.locator(".agenda [aria-current]").inner_text().startswith("Budget")
    assert page.locator(".chapter-now").inner_text() == "Budget"


def test_volume_speed_and_place_are_remembered(watching, meeting):
    member, _wire = watching()
    page = member.page
    page.keyboard.press(">")
    page.wait_for_function(f"() => {MEDIA}.playbackRate === 1.25")
    page.evaluate(f"{MEDIA}.volume = 0.4")
    page.locator(".turn .at").nth(14).click()
    plays(page)
    page.keyboard.press("k")
    place = at(page)
    member.goes(meeting.get_absolute_url())
    page.locator(".player.is-ready").wait_for()
    press_play(page)
    plays(page)
    assert place - 0.5 <= at(page) <= place + 3
    assert page.evaluate(f"{MEDIA}.volume") == pytest.approx(0.4)
    assert page.evaluate(f"{MEDIA}.playbackRate") == pytest.approx(1.25)


def test_where_storage_is_forbidden_it_plays_all_the_same(watching):
    member, _wire = watching(script=NO_STORAGE)
    press_play(member.page)
    plays(member.page, 0.3)
    member.page.keyboard.press("k")


def test_following_keeps_what_is_said_in_view_until_one_scrolls(watching):
    member, _wire = watching(height=500)
    page = member.page
    page.locator(".turn .at").nth(12).click()
    plays(page)
    now = page.locator(".transcript .now")
    page.wait_for_function(IN_VIEW, arg=now.element_handle())
    back = page.get_by_role("button", name="Back to now")
    assert back.is_hidden()
    page.mouse.move(900, 300)
    page.mouse.wheel(0, -6000)
    back.wait_for()
    page.evaluate(f"{MEDIA}.currentTime = 60")
    page.wait_for_function(f"() => {NOW}[0] === 'Sentence 20 of the film.'")
    assert page.evaluate("scrollY") < 300
    page.keyboard.press("k")
    back.click()
    page.wait_for_function(IN_VIEW, arg=now.element_handle())
    assert back.is_hidden()


def test_link_sets_the_film_to_its_time_and_does_not_play(watching):
    member, wire = watching(address="#t=60,63")
    page = member.page
    assert wire.playlists == 0
    press_play(page)
    plays(page, 59.9)
    assert at(page) < 64


def test_site_itself_carries_the_film_and_a_token_that_ends_is_replaced(comes, meeting, settings):
    """No wire between: playlist, segments and pictures are the site's own."""
    settings.PLAYBACK_SECONDS = 4
    member = comes(account=demonstration.MEMBER)
    page = member.page
    answers = []
    page.on("response", lambda answer: answers.append((answer.url, answer.status)))
    member.goes(meeting.get_absolute_url())
    page.locator(".player.is-ready").wait_for()
    page.locator(".player").hover()
    press_play(page)
    plays(page, 0.3)
    first = next(url for url, _status in answers if url.endswith("/0.m4s"))
    page.keyboard.press("k")
    time.sleep(5)
    page.evaluate(f"{MEDIA}.currentTime = 85")
    page.keyboard.press("k")
    page.wait_for_function(f"() => {MEDIA}.ended")
    assert {status for url, status in answers if "/playback/" in url} <= {200, 206, 304}
    assert len({url.split("/")[-2] for url, _status in answers if url.endswith(".m4s")}) > 1

    member.expects(403)
    assert member.context.request.get(first).status == 403


def test_visitor_sees_the_poster_and_how_long_it_is_and_no_more(visitor, meeting):
    page = visitor.goes(meeting.get_absolute_url())
    poster = page.locator(".poster")
    assert "Watch the full video" in poster.inner_text()
    assert "for members" in poster.inner_text()
    assert poster.locator("img").evaluate("(one) => one.complete && one.naturalWidth > 0")
    assert page.locator(".player, video, canvas.map").count() == 0
    assert "playlist.m3u8" not in page.content()
    assert "/playback/" not in page.content()
    assert visitor.context.request.get(f"/meetings/{meeting.pk}/playlist.m3u8").status == 402
    visitor.looks_everywhere()
    poster.click()
    page.wait_for_function(IN_VIEW, arg=page.locator("#offer").element_handle())
