"""A member's feed opens by its secret, has what their alerts found, and falls silent with them."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from meetings.alerts import channels
from meetings.alerts.models import Channel, Match, Source, Stage
from memberships.purchases.models import Membership
from tests.meetings.alerts.factories import alert
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "s" * 43


@pytest.fixture
def owner():
    owner = MembershipFactory().user
    channels.open_feed(owner=owner, secret=SECRET)
    one = alert("rent", owner=owner, by_feed=True)
    Match.objects.create(
        alert=one,
        meeting=MeetingFactory(title="Council <b>\x0b"),
        stage=Stage.AFTER,
        source=Source.TRANSCRIPT,
        text_hash="0" * 64,
        start_ms=1_000,
        lines=[{"parts": [["about & <i> ", False], ["rent", True]]}],
        found_at=NOW,
    )
    return owner


def entries(answer):
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml"
    assert "no-store" in answer["Cache-Control"]
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - ours


def test_the_feed_has_what_was_found_and_where(visitor, owner, settings):
    (entry,) = entries(visitor.get(f"/alerts/feed/{SECRET}.atom"))
    assert entry.find(f"{ATOM}title").text == "rent: Council <b> "
    summary = entry.find(f"{ATOM}summary")
    assert (summary.get("type"), summary.text) == ("html", "about &amp; &lt;i&gt; rent")
    assert entry.find(f"{ATOM}link").get("href").startswith(f"{settings.SITE_URL}/meetings/")
    assert entry.find(f"{ATOM}id").text.startswith("tag:")


def test_what_others_alerts_found_is_not_in_it(visitor, owner):
    row = Match.objects.get()
    row.pk, row.alert = None, alert("rent", by_feed=True)
    row.save()
    assert len(entries(visitor.get(f"/alerts/feed/{SECRET}.atom"))) == 1


def test_it_falls_silent_when_the_membership_ends(visitor, owner):
    Membership.objects.all().delete()
    assert entries(visitor.get(f"/alerts/feed/{SECRET}.atom")) == []


def test_a_former_secret_opens_nothing(visitor, owner):
    channels.open_feed(owner=owner, secret="t" * 43)
    assert visitor.get(f"/alerts/feed/{SECRET}.atom").status_code == 404
    assert len(entries(visitor.get(f"/alerts/feed/{'t' * 43}.atom"))) == 1


def test_the_secret_of_a_webhook_opens_no_feed(visitor):
    owner = MembershipFactory().user
    channels.open_webhook(owner=owner, address="https://hooks.example/", secret=SECRET)
    assert visitor.get(f"/alerts/feed/{SECRET}.atom").status_code == 404


@pytest.mark.parametrize("secret", ["%00", f"{SECRET}%00", "x" * 5_000, "%ED%A0%80"])
def test_what_is_no_secret_opens_nothing(visitor, owner, secret):
    assert visitor.get(f"/alerts/feed/{secret}.atom").status_code == 404


def test_a_feed_that_is_turned_off_is_empty(visitor, owner):
    channels.pause(Channel.objects.get(), reason="You turned it off.", now=NOW)
    assert entries(visitor.get(f"/alerts/feed/{SECRET}.atom")) == []
    channels.resume(Channel.objects.get())
    assert len(entries(visitor.get(f"/alerts/feed/{SECRET}.atom"))) == 1
