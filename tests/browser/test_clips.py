"""A clip's page: it plays its spans alone, obeys the keyboard, and reads without scripts."""

import pytest
from django.utils import timezone

from meetings.clips import services
from meetings.clips.models import Visibility
from meetings.clips.tasks import make_waiting
from meetings.records.models import Meeting
from memberships.models import User
from portal.site import demonstration
from tests.browser.film import filmed
from tests.browser.test_player import folder  # noqa: F401 - the fixture of that name
from tests.browser.watching import PHONE_WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SPANS = [(4_000, 5_500), (31_000, 32_500)]
# What the media element shows, told by every picture that is painted while it plays.
WATCH = """() => {
  const media = document.querySelector(".clip-player :is(video, audio)");
  window.shown = [];
  const look = () => {
    const { paused, seeking, readyState, currentTime } = media;
    if (!paused && !seeking && readyState > 2) window.shown.push(currentTime);
    requestAnimationFrame(look);
  };
  look();
}"""
PLACED = """async () => {
  const answer = await fetch(document.querySelector(".clip-player").dataset.playlist);
  const text = await answer.text();
  const found = [...text.matchAll(/CLIP-SPAN:START=([\\d.]+),END=([\\d.]+)/g)];
  return found.map(([, begin, end]) => [Number(begin), Number(end)]);
  return found.map(([, begin, end]) => [Number(begin), Number(end)]);
}"""
FRAME = 0.1  # the film has ten pictures a second
# A script that stops the player does so as soon as a busy machine lets it. End pieces just end.
BUSY = 0.5
MEDIA = "document.querySelector('.clip-player :is(video, audio)')"


@pytest.fixture
def clip(site, settings, folder):  # noqa: F811 - the fixture of that name
    settings.MEDIA_ROOT = folder
    settings.FFMPEG_THREADS = 1
    meeting = Meeting.objects.published().first()
    filmed(meeting, folder)
    return services.cut(
        owner=User.objects.get(email=demonstration.MEMBER.email),
        meeting=meeting,
        spans=SPANS,
        title="Two sentences of the film, one after the other",
        note="Between them lies half a minute.",
        visibility=Visibility.PUBLIC,
        maker_name="A reader",
        now=timezone.now(),
    )


def plays_its_spans_alone(page, *, late):
    page.evaluate(WATCH)
    page.locator(".controls [name=play]").click()
    page.get_by_role("button", name="Play again").first.wait_for()
    placed, shown = page.evaluate(PLACED), page.evaluate("window.shown")
    assert shown
    for second in shown:
        assert any(begin - 0.01 <= second <= end + late for begin, end in placed), second
    for begin, _end in placed:
        assert any(begin - 0.01 <= second < begin + 1 for second in shown), begin
    assert abs(page.evaluate(f"{MEDIA}.currentTime") - placed[-1][1]) <= late


def test_clip_plays_its_spans_alone_and_obeys_the_keyboard(clip, comes):
    visitor = comes()
    page = visitor.goes(clip.get_absolute_url())
    plays_its_spans_alone(page, late=BUSY)
    # Playing was told once, by the player and not by a cookie.
    page.wait_for_timeout(1_500)
    assert page.context.cookies() == []
    clip.refresh_from_db()
    assert clip.plays == 1

    make_waiting()  # the end pieces: from now on nothing outside of the spans is sent at all
    page.reload()
    assert page.evaluate(PLACED) == [[0, 1.5], [1.5, 3]]
    plays_its_spans_alone(page, late=FRAME)

    page.locator(".controls [name=play]").focus()
    page.keyboard.press("Home")
    assert page.locator(".so-far").inner_text() == "0:00"
    page.keyboard.press("End")
    assert page.locator("[name=seek]").get_attribute("aria-valuetext") == "0:03 of 0:03"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("m")
    page.locator("[name=mute][aria-pressed=true]").wait_for()  # the browser tells it a moment later
    page.keyboard.press("c")
    shown = "[...document.querySelector('.clip-player video').textTracks].map((one) => one.mode)"
    assert page.evaluate(shown) == ["showing"]
    page.locator(".clip-words [data-t]").last.click()
    page.locator(".clip-words [data-t]").last.locator("xpath=self::*[@class='now']").wait_for()
    visitor.looks_everywhere()

    visitor.page.set_viewport_size({"width": 320, "height": 180})
    visitor.goes(f"{clip.get_absolute_url()}embed/")
    controls = page.locator(".controls").bounding_box()
    assert controls["y"] + controls["height"] <= 181, "a small frame holds all of the player"


def test_pages_around_a_clip_are_in_order(clip, comes):
    reader = comes(java_script_enabled=False)
    page = reader.goes(clip.get_absolute_url())
    assert "The player needs JavaScript." in page.locator(".clip-player").inner_text()
    assert not page.locator(".controls").is_visible()
    assert not page.get_by_role("button", name="Copy link").is_visible()
    assert "1 of the film." in page.locator(".clip-words").inner_text()

    owner = comes(account=demonstration.MEMBER, width=PHONE_WIDTH, height=844)
    page = owner.goes("/clips/?q=film")
    owner.looks_everywhere()
    owner.presses(page.get_by_role("link", name="Change"))
    owner.looks_everywhere()
    page.get_by_role("textbox", name="Title").fill("Other words")
    page.get_by_role("radio", name="Only you").check()
    owner.presses(page.get_by_role("button", name="Save"))
    assert page.get_by_role("heading", level=1).inner_text() == "Other words"
    owner.goes(f"{clip.get_absolute_url()}report/")
    owner.looks_everywhere()
    owner.goes(f"{clip.get_absolute_url()}delete/")
    owner.presses(page.get_by_role("button", name="Delete the clip"))
    owner.goes(clip.get_absolute_url(), status=410)
    owner.looks_everywhere()
