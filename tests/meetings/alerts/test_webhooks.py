"""A member's server gets each match in a signed call, tried for a day, and never after refusals."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from meetings.alerts import channels, webhooks
from meetings.alerts.models import Channel, ChannelKind, Digest, DigestState, Match, Source, Stage
from memberships.purchases.models import Membership
from portal.post import addresses, calling, signatures
from tests.concurrency import at_once
from tests.meetings.alerts.factories import alert
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Server:
    """In the place of the door: keeps what it is given, and fails as it is told."""

    def __init__(self):
        self.taken, self.bodies, self.error = [], [], None

    @property
    def tries(self):
        return len(self.bodies)

    def call(self, url, *, body, headers):
        self.bodies.append(body)
        if self.error:
            raise self.error
        self.taken.append((url, json.loads(body), headers, body))


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(calling, "call", server.call)
    return server


def subscribed():
    owner = MembershipFactory().user
    channels.open_webhook(owner=owner, address="https://hooks.example/a", secret=SECRET)
    return alert("rent", owner=owner, by_webhook=True)


def matched(for_alert):
    return Match.objects.create(
        alert=for_alert,
        meeting=MeetingFactory(),
        stage=Stage.AFTER,
        source=Source.TRANSCRIPT,
        text_hash=f"{Match.objects.count():064x}",
        start_ms=1_000,
        lines=[{"parts": [["about ", False], ["rent", True]]}],
        found_at=NOW,
    )


def go(now=NOW):
    webhooks.queue_calls(now=now)
    return webhooks.call_what_is_due(clock=lambda: now, chance=lambda: 0)


def test_what_was_found_is_sent_once_and_signed(server):
    row = matched(subscribed())
    assert (go(), go()) == (1, 0)
    ((url, said, headers, body),) = server.taken
    assert url == "https://hooks.example/a"
    (moment,) = said["data"]["moments"]
    assert moment["words"] == [
        {"text": "about ", "matched": False},
        {"text": "rent", "matched": True},
    ]
    assert moment["meeting"]["id"] == row.meeting_id
    digest = Digest.objects.get()
    assert digest.state == DigestState.SENT
    assert headers == signatures.headers(key=digest.key, body=body, secret=SECRET, now=NOW)


@pytest.mark.slow
def test_it_is_tried_again_for_a_day_then_paused_with_a_notice(server):
    matched(subscribed())
    server.error = calling.TryLater("It answered 500.")
    now = NOW
    while Digest.objects.filter(state=DigestState.WAITING).exists() or now == NOW:
        go(now)
        now += timedelta(minutes=1)
    assert timedelta(days=1) <= now - NOW <= timedelta(hours=27)
    assert 15 <= server.tries <= 25
    channel = Channel.objects.get(kind=ChannelKind.WEBHOOK)
    assert channel.paused_reason == "Your server did not take what we sent: It answered 500."
    server.error = None
    matched(channel.owner.alerts.get())
    assert go(now) == 0


def test_each_try_has_the_same_key_and_body(server):
    matched(subscribed())
    server.error = calling.TryLater("It answered 500.")
    go()
    key = Digest.objects.get().key
    server.error = None
    assert go(NOW + timedelta(minutes=1)) == 1
    assert server.taken[0][2]["webhook-id"] == key
    first, second = server.bodies
    assert first == second


def test_what_waits_behind_a_failing_server_waits_with_it(server):
    one = subscribed()
    server.error = calling.TryLater("It answered 500.")
    matched(one)
    webhooks.queue_calls(now=NOW)
    matched(one)
    webhooks.queue_calls(now=NOW)
    assert Digest.objects.count() == 2
    webhooks.call_what_is_due(clock=lambda: NOW, chance=lambda: 0)
    assert server.tries == 1


def test_what_waited_while_a_webhook_was_closed_is_told_when_it_is_open_again(server):
    one = subscribed()
    server.error = calling.TryLater("It answered 500.")
    matched(one)
    go()
    behind = matched(one)
    go(NOW + timedelta(hours=23))
    go(NOW + timedelta(hours=25))
    channel = Channel.objects.get(kind=ChannelKind.WEBHOOK)
    assert channel.paused_at is not None
    go(NOW + timedelta(hours=30))
    server.error = None
    channels.resume(channel)
    assert go(NOW + timedelta(hours=31)) == 1
    ((_url, said, *_rest),) = server.taken
    assert [moment["meeting"]["id"] for moment in said["data"]["moments"]] == [behind.meeting_id]
    assert go(NOW + timedelta(hours=32)) == 0


def test_a_refusal_pauses_at_once(server):
    matched(subscribed())
    server.error = calling.Refused("It answered 410: it wants no more of these.")
    go()
    assert Digest.objects.get().state == DigestState.FAILED
    assert Channel.objects.get(kind=ChannelKind.WEBHOOK).paused_at == NOW


def test_who_is_no_member_any_more_is_sent_nothing(server):
    matched(subscribed())
    webhooks.queue_calls(now=NOW)
    Membership.objects.all().delete()
    assert go() == 0
    assert server.tries == 0


def test_a_call_whose_worker_died_is_made_again_after_two_minutes(server):
    matched(subscribed())
    webhooks.queue_calls(now=NOW)
    webhooks._claim(now=NOW)  # and dies
    assert go(NOW + timedelta(minutes=1)) == 0
    assert go(NOW + timedelta(minutes=2)) == 1


def test_a_call_that_cannot_be_made_holds_up_no_other_and_ends(server):
    broken, other = matched(subscribed()), matched(subscribed())
    Match.objects.filter(pk=broken.pk).update(lines=[{"words": []}])
    assert go() == 1
    assert [said["data"]["moments"][0]["meeting"]["id"] for _url, said, *_rest in server.taken] == [
        other.meeting_id
    ]
    for hour in range(27):
        go(NOW + timedelta(hours=hour))
    left = Digest.objects.get(matches=broken)
    assert (left.state, left.error) == (DigestState.FAILED, "Something went wrong on our side.")
    assert left.channel.paused_at is None
    assert server.tries == 1


def test_an_address_that_is_none_is_not_kept():
    owner = MembershipFactory().user
    with pytest.raises(addresses.NotAllowed):
        channels.open_webhook(owner=owner, address="http://hooks.example/", secret=SECRET)
    assert not Channel.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_calls(server):
    matched(subscribed())
    at_once(go, go, go)
    assert server.tries == 1
