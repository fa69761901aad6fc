"""A member opens alert mail: it reads well, its links work, and only a press on a button stops."""

import random
import re

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from meetings.alerts import services as alerts
from meetings.alerts import telling
from meetings.alerts.matching import match
from meetings.alerts.models import Alert, Cadence, Channel
from meetings.records.models import Meeting
from memberships.models import User
from portal.post import rounds, services
from portal.site import demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LETTER = "/letter/"


@pytest.fixture
def letter(site, settings, monkeypatch):
    """Mail about what two alerts of the demonstration's member found, as it was sent."""
    monkeypatch.setattr(services, "_nudge", lambda: None)
    settings.ALERT_MAX_AGE_DAYS = 10_000  # the demonstration's meetings do not get younger
    owner = User.objects.get(email=demonstration.MEMBER.email)
    now = timezone.now()
    for typed in ["council OR board", "budget OR motion"]:
        wanted = alerts.understood(typed)
        telling_of_it = alerts.Telling(cadence=Cadence.AT_ONCE)
        alerts.make(owner=owner, wanted=wanted, telling=telling_of_it, now=now)
    for meeting in Meeting.objects.published():
        match(meeting=meeting.pk, changed_at=now, now=now)
    assert telling.tell_what_is_due(now=now) == 1
    assert rounds.send_what_is_due(clock=lambda: now, chance=random.random) == 1
    (sent,) = django_mail.outbox
    return sent


def opened(reader, letter):
    """The HTML part before a reader, as a mail program shows it: with none of the site's policy."""
    (html, kind) = letter.alternatives[0]
    assert kind == "text/html"
    reader.page.route(
        f"**{LETTER}", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    reader.goes(LETTER)
    return reader.page


def stop_url(letter):
    (url,) = re.fullmatch(r"<(.+)>", letter.extra_headers["List-Unsubscribe"]).groups()
    return url


def nothing_was_stopped():
    return not Alert.objects.filter(paused_at__isnull=False) and not Channel.objects.filter(
        paused_at__isnull=False
    )


def test_mail_reads_well_and_its_links_open_what_they_say(comes, letter):
    member = comes(account=demonstration.MEMBER)
    page = opened(member, letter)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    member.looks_everywhere()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert asked == [], "mail asks nobody for anything: no picture tells that it was read"
    assert [one.inner_text() for one in page.get_by_role("heading").all()] == [
        "budget OR motion",
        "council OR board",
    ]
    assert page.locator("strong").first.evaluate("one => getComputedStyle(one).fontWeight") > "500"
    quoted = page.locator("div.rule p").first.inner_text()
    member.follows(page.get_by_role("link", name=re.compile("Watch at")).first)
    moment = page.locator("#moment")
    moment.wait_for()
    assert " ".join(moment.inner_text().split())[-20:] in " ".join(quoted.split())


def test_a_program_that_opens_every_link_stops_nothing(comes, letter):
    scanner = comes()
    page = opened(scanner, letter)
    links = {one.get_attribute("href") for one in page.get_by_role("link").all()}
    links = {one for one in links if one.startswith("http")} | {stop_url(letter)}
    assert len(links) >= 6
    in_text = {one.rstrip(".") for one in re.findall(r"https?://\S+", letter.body)}
    assert links <= in_text, "who reads the text can do the same"
    asks = scanner.context.request
    for link in links:
        for answer in (asks.get(link), asks.head(link), asks.get(f"{link}?List-Unsubscribe=1")):
            assert answer.status == 200, link
    scanner.goes(stop_url(letter))  # with scripts and all
    assert nothing_was_stopped()


def test_one_click_stops_all_of_it_without_a_session(comes, letter):
    """RFC 8058, 3.2: what a mail program sends."""
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    program = comes().context.request
    assert nothing_was_stopped()
    answer = program.post(stop_url(letter), form={"List-Unsubscribe": "One-Click"})
    assert answer.status == 200
    assert Channel.objects.get().paused_at is not None
    assert telling.tell_what_is_due(now=timezone.now()) == 0


def test_a_reader_pauses_one_alert_and_then_all_mail_without_signing_in(comes, letter):
    reader = comes(width=390, height=844, is_mobile=True)
    page = opened(reader, letter)
    reader.presses(page.get_by_role("link", name="Change, pause or stop this alert").first)
    reader.presses(page.get_by_role("button", name="Pause this alert"))
    assert [one.name for one in Alert.objects.filter(paused_at__isnull=False)] == [
        "budget OR motion"
    ]
    reader.goes(LETTER)
    reader.presses(page.get_by_role("link", name="Stop all alert mail"))
    assert not Channel.objects.filter(paused_at__isnull=False)
    reader.presses(page.get_by_role("button", name="Stop all alert mail"))
    assert page.get_by_role("heading", name="You get no more alert mail").is_visible()
    assert Channel.objects.get().paused_reason == "You stopped alert mail."
