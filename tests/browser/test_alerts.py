"""Alerts: from words that are searched, selected or followed to a match that is read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.alerts.matching import match
from meetings.alerts.models import Alert, Channel, Match, Schedule
from meetings.records.models import Body
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from portal.site import demonstration
from tests.browser.test_links import SELECT
from tests.browser.watching import PHONE_WIDTH
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BODY = "osier-ferry-school-board"
PHRASE = "quarry bridge"
SAVE = "main form.sheet .actions button"


def said(*lines, days, title):
    meeting = MeetingFactory(
        body=Body.objects.get(slug=BODY),
        title=title,
        held_on=timezone.now().date() - timedelta(days=days),
    )
    transcribe(
        [Utterance(n * 4_000, n * 4_000 + 4_000, text, "Chair") for n, text in enumerate(lines)],
        meeting=meeting,
    )
    return meeting


@pytest.fixture(autouse=True)
def spring(site, settings, tmp_path):
    """Two meetings of the last weeks speak of the bridge."""
    settings.INDEX_ROOT = tmp_path / "index"
    said("Welcome.", f"The {PHRASE} is closed again.", days=40, title="Board meeting in autumn")
    meeting = said(
        "Good evening.",
        f"We hear of the {PHRASE} and its long detour.",
        "Thank you all.",
        days=10,
        title="Board meeting with a detour",
    )
    rebuild(Folder(settings.INDEX_ROOT))
    return meeting


def told(page, words):
    page.locator("#told", has_text=words).wait_for()


def test_from_a_search_to_a_match_that_is_read(comes):
    member = comes(account=demonstration.MEMBER, timezone_id="America/Denver")
    page = member.goes(f'/search/?q="{PHRASE}"&body={BODY}')
    member.presses(page.get_by_role("link", name="Alert me about this"))
    told(page, "2 moments in 2 meetings")
    assert page.locator(".samples mark").all_inner_texts() == [PHRASE] * 2
    assert page.get_by_label("What to look for").input_value() == f'"{PHRASE}" body:/{BODY}'
    assert page.get_by_label("Time zone").input_value() == "America/Denver"
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})

    page.get_by_label("What to look for").press_sequentially("detour ")
    told(page, "1 moment in 1 meeting")
    page.get_by_label("Words to leave out").press_sequentially("welcome, evening")
    told(page, "Nothing in the last 90 days")
    page.get_by_label("Words to leave out").fill("welcome")
    told(page, "1 moment in 1 meeting")
    page.get_by_label("Name").fill("The bridge")
    page.get_by_label("At once").check()
    page.get_by_label("In my private feed").check()
    member.presses(page.locator(SAVE))
    alert = Alert.objects.get()
    assert (alert.query, alert.muted, alert.name) == (
        f'detour "{PHRASE}" body:/{BODY}',
        ["welcome"],
        "The bridge",
    )
    assert (alert.cadence, alert.by_email, alert.by_feed) == ("at_once", True, True)
    assert Schedule.objects.get().time_zone == "America/Denver"
    page.get_by_text("The alert is saved").wait_for()
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})

    member.presses(page.get_by_role("button", name="Pause"))
    assert "Paused" in page.locator(".alerts").inner_text()
    member.presses(page.get_by_role("button", name="Resume"))
    assert "Paused" not in page.locator(".alerts").inner_text()

    member.presses(page.locator(".alerts").get_by_role("link", name="Change"))
    told(page, "1 moment in 1 meeting")
    page.get_by_label("Words to leave out").fill("")
    page.get_by_label("What to look for").fill(f'"{PHRASE}"')
    told(page, "2 moments in 2 meetings")
    member.presses(page.locator(SAVE))

    now = timezone.now()
    new = said(f"Again the {PHRASE}. " * 3, "It stays closed.", days=1, title="A new meeting")
    assert match(meeting=new.pk, changed_at=now, now=now) == 1
    member.goes("/alerts/")
    member.presses(page.get_by_role("link", name="Reading list 1 unread"))
    assert page.locator(".match mark").all_inner_texts() == [PHRASE] * 3
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    with page.expect_request("**/read/"):
        member.presses(page.locator(".match h2 a"))
    assert page.locator("#moment").is_visible()
    member.goes("/alerts/matches/")
    page.get_by_role("button", name="Mark as unread").click()
    page.locator(".match.is-unread").wait_for()
    member.goes("/alerts/matches/")
    member.presses(page.get_by_role("button", name="Mark all as read"))
    assert Match.objects.get().read_at is not None

    member.goes("/alerts/")
    member.presses(page.locator(".alerts").get_by_role("link", name="Delete"))
    member.looks_everywhere()
    member.presses(page.get_by_role("button", name="Delete the alert"))
    assert not Alert.objects.exists()


def test_words_of_the_reader_and_a_body_become_alerts(comes, spring):
    member = comes(account=demonstration.MEMBER)
    page = member.goes(spring.get_absolute_url())
    page.evaluate(SELECT, ["hear of", "its long"])
    with page.expect_navigation():
        page.get_by_role("toolbar").get_by_role("button", name="Alert me").click()
    search = page.get_by_label("What to look for")
    assert search.input_value() == '"hear of the quarry bridge and its long"'
    told(page, "1 moment in 1 meeting")
    member.presses(page.locator(SAVE))

    member.goes(Body.objects.get(slug=BODY).get_absolute_url())
    member.presses(page.get_by_role("button", name="Follow"))
    assert "Follow Osier Ferry School Board" in page.get_by_role("heading", level=1).inner_text()
    told(page, "it would have told you of")
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    member.presses(page.locator(SAVE))
    assert Alert.objects.get(query=f"body:/{BODY}").name == "Osier Ferry School Board"

    member.goes(spring.get_absolute_url())
    member.expects(422)
    member.presses(page.get_by_role("link", name="Follow Osier Ferry School Board"))
    member.presses(page.locator(SAVE))
    assert "You have an alert for this already" in page.locator("main").inner_text()


def test_the_ways_of_telling_on_a_phone(comes):
    member = comes(account=demonstration.MEMBER, width=PHONE_WIDTH, height=844)
    member.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = member.goes("/alerts/ways/")
    member.presses(page.get_by_role("button", name="Make me a feed"))
    address = page.get_by_label("Address of the feed").input_value()
    page.locator("#feed").get_by_role("button", name="Copy").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert comes().context.request.get(address).status == 200
    member.presses(page.get_by_role("button", name="Give it a new address"))
    assert comes().context.request.get(address).status == 404
    page.get_by_label("Address", exact=True).fill("https://hooks.example.org/alerts")
    member.presses(page.get_by_role("button", name="Set it up"))
    secret = page.get_by_label("Secret").input_value()
    assert secret == Channel.objects.get(kind="webhook").secret
    member.looks_everywhere()
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    member.goes("/alerts/ways/")
    assert secret not in page.content()
    member.presses(page.get_by_role("button", name="Stop all alert mail"))
    member.looks_everywhere()
    member.presses(page.get_by_role("button", name="Send me mail again"))
    assert Channel.objects.get(kind="email").paused_at is None


def test_without_scripts_nothing_is_saved_that_was_not_told_first(comes):
    member = comes(account=demonstration.MEMBER, java_script_enabled=False)
    page = member.goes(f"/search/?q={PHRASE}")
    member.presses(page.get_by_role("link", name="Alert me about this"))
    page.get_by_label("What to look for").fill("detour")
    member.expects(422)
    member.presses(page.locator(SAVE))
    assert "Not saved yet" in page.locator("main").inner_text()
    assert "1 moment in 1 meeting" in page.locator("#told").inner_text()
    assert not Alert.objects.exists()
    page.get_by_label("What to look for").fill("quarry")
    member.presses(page.get_by_role("button", name="Say it again"))
    assert "2 moments in 2 meetings" in page.locator("#told").inner_text()
    member.presses(page.locator(SAVE))
    assert Alert.objects.get().query == "quarry"


def test_keyboard_alone_makes_one(comes):
    member = comes(account=demonstration.MEMBER)
    page = member.goes("/alerts/new/")
    tab_to(page, page.get_by_label("What to look for"))
    page.keyboard.type("detour")
    told(page, "1 moment in 1 meeting")
    tab_to(page, page.get_by_label("Once a day"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.locator(SAVE))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Alert.objects.get().cadence == "weekly"


def tab_to(page, target):
    for _press in range(60):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def test_others_are_led_to_the_offer_and_back(visitor):
    page = visitor.goes(f"/search/?q={PHRASE}")
    visitor.expects(402)
    visitor.presses(page.get_by_role("link", name="Alert me when it is said"))
    assert "Be told when it is said" in page.get_by_role("heading", level=1).inner_text()
    visitor.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    visitor.presses(page.locator("main").get_by_role("link", name="I am a member: sign in"))
    assert "next=%2Falerts%2Fnew%2F%3Fq" in page.url
