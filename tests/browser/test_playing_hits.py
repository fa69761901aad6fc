"""A moment that was found plays where it stands."""

import pytest

from meetings.media import storage
from meetings.records.models import Meeting
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from portal.site import demonstration
from tests.browser.film import Wire, filmed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLAYERS = "[...document.querySelectorAll('.plays :is(video, audio)')]"


@pytest.fixture
def meeting(site, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    settings.INDEX_ROOT = tmp_path / "index"
    assert storage.root() == settings.MEDIA_ROOT
    meeting = Meeting.objects.published().first()
    filmed(meeting, settings.MEDIA_ROOT)
    rebuild(Folder(settings.INDEX_ROOT))
    return meeting


def test_member_plays_one_moment_after_another_and_each_ends_with_its_words(comes, meeting):
    member = comes(account=demonstration.MEMBER)
    wire = Wire(member, meeting.recordings.get())
    said = "%22sentence+3+of%22+OR+%22sentence+15+of%22+OR+%22sentence+28+of%22"
    page = member.goes(f"/search/?q={said}&meeting={meeting.pk}")
    assert wire.playlists == 0
    first, second, third = page.locator(".plays > button").element_handles()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {PLAYERS}[0]?.currentTime > 9.2")
    assert page.evaluate(f"document.activeElement === {PLAYERS}[0]")
    member.looks()

    second.click()
    page.wait_for_function(f"() => {PLAYERS}[1]?.currentTime > 45.2")
    assert page.evaluate(f"{PLAYERS}[0].paused")
    page.wait_for_function(f"() => {PLAYERS}[1].paused")
    assert page.evaluate(f"{PLAYERS}[1].currentTime") == pytest.approx(47.8, abs=0.6)

    wire.status = 402
    member.expects(402)
    third.click()
    page.locator(".player-note p:visible", has_text="no longer signed in as a member").wait_for()


def test_moment_that_is_swapped_away_stops(comes, meeting):
    member = comes(account=demonstration.MEMBER)
    wire = Wire(member, meeting.recordings.get())
    page = member.goes("/search/?q=%22of+the+film%22")
    page.locator(".plays > button").first.click()
    page.wait_for_function(f"() => {PLAYERS}[0]?.currentTime > 0")
    page.evaluate(f"window.kept = {PLAYERS}[0]")
    box = page.get_by_role("searchbox")
    box.fill("nothing at all is called so")
    page.wait_for_function("() => !kept.isConnected && kept.paused")
    asked = len(wire.asked)
    box.fill("film")
    page.locator(".plays > button").first.wait_for()
    assert len(wire.asked) == asked


def test_nobody_else_is_told_where_it_plays(visitor, meeting):
    page = visitor.goes("/search/?q=film")
    assert page.locator(".plays").count() == 0
    assert "playlist" not in page.content()
