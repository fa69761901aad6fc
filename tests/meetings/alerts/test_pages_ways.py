"""How a member is told, as a page: digests, mail, a feed of their own, and a webhook."""

import json
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from meetings.alerts.models import Channel, ChannelKind, Digest, DigestState, Schedule
from portal.post import calling, signatures
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db

WAYS = "/alerts/ways/"
HOOK = "https://hooks.example/a"


def text(answer):
    return unescape(answer.content.decode())


def webhook(user, **given):
    secret = signatures.new_secret()
    return Channel.objects.create(
        owner=user, kind=ChannelKind.WEBHOOK, address=HOOK, secret=secret, **given
    )


@pytest.fixture
def called(monkeypatch):
    """What was sent to servers of members, and the trouble that each call is to end in."""
    calls = []

    def call(url, *, body, headers, within_s):
        assert within_s <= 5, "the member waits for it"
        calls.append((url, body, headers))
        if call.trouble:
            raise call.trouble

    call.trouble = None
    monkeypatch.setattr(calling, "call", call)
    call.calls = calls
    return call


def test_when_digests_come_is_kept(member):
    answer = member.post(
        f"{WAYS}schedule/", {"hour": "18", "weekday": "6", "time_zone": "Pacific/Chatham"}
    )
    assert answer.url == WAYS
    when = Schedule.objects.get(owner=member.user)
    assert (when.hour, when.weekday, when.time_zone) == (18, 6, "Pacific/Chatham")
    member.post(f"{WAYS}schedule/", {"hour": "7", "weekday": "0", "time_zone": "UTC"})
    assert Schedule.objects.get().time_zone == "UTC"
    page = text(member.get(WAYS))
    assert 'value="UTC" selected' in page


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../UTC", "utc", "localtime", "America/"])
def test_a_zone_that_is_none_is_refused(member, zone):
    answer = member.post(f"{WAYS}schedule/", {"hour": "7", "weekday": "0", "time_zone": zone})
    assert answer.status_code == 422
    assert not Schedule.objects.exists()


def test_a_browser_may_guess_the_zone_until_the_member_has_said_it(member):
    assert "data-guesses" in text(member.get(WAYS))
    assert "data-guesses" in text(member.get("/alerts/new/"))
    Schedule.objects.create(owner=member.user, time_zone="Europe/Berlin")
    assert "data-guesses" not in text(member.get(WAYS))
    assert "data-guesses" not in text(member.get("/alerts/new/"))


def test_a_feed_is_made_and_given_a_new_address(member, visitor):
    assert "Make me a feed" in text(member.get(WAYS))
    member.post(f"{WAYS}feed/")
    first = Channel.objects.get().secret
    assert f"/alerts/feed/{first}.atom" in text(member.get(WAYS))
    assert visitor.get(f"/alerts/feed/{first}.atom").status_code == 200
    member.post(f"{WAYS}feed/")
    second = Channel.objects.get().secret
    assert second != first
    assert visitor.get(f"/alerts/feed/{first}.atom").status_code == 404
    assert visitor.get(f"/alerts/feed/{second}.atom").status_code == 200


def test_the_secret_of_a_webhook_is_shown_once(member):
    answer = member.post(f"{WAYS}webhook/", {"address": HOOK})
    channel = Channel.objects.get()
    assert (channel.owner, channel.address) == (member.user, HOOK)
    assert channel.secret in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert channel.secret not in text(member.get(WAYS))
    member.post(f"{WAYS}webhook/", {"address": "https://hooks.example/b"})
    assert Channel.objects.get().secret != channel.secret


@pytest.mark.parametrize(
    "address",
    ["", "http://hooks.example/", "https://u:p@hooks.example/", "https://hooks.example/#x", "ftp:",
     "https://hooks.example:22/", "javascript:alert(1)", "https://" + "a" * 500, "https://a b/"],
)  # fmt: skip
def test_an_address_that_is_never_called_is_refused(member, address):
    channel = webhook(member.user)
    answer = member.post(f"{WAYS}webhook/", {"address": address})
    assert answer.status_code == 422
    assert "errorlist" in text(answer)
    channel_now = Channel.objects.get()
    assert (channel_now.address, channel_now.secret) == (HOOK, channel.secret)


def test_a_test_is_signed_and_says_what_came_of_it(member, called):
    channel = webhook(member.user)
    assert member.post(f"{WAYS}webhook/test/").url == f"{WAYS}#webhook"
    ((url, body, headers),) = called.calls
    assert url == HOOK
    said = json.loads(body)
    assert (said["type"], said["data"]) == ("alert.test", {"moments": []})
    stamp = int(headers["webhook-timestamp"])
    assert headers == signatures.headers(
        key=headers["webhook-id"],
        body=body,
        secret=channel.secret,
        now=timezone.now().fromtimestamp(stamp, timezone.get_default_timezone()),
    )
    assert "Your server took the test." in text(member.get(WAYS))
    assert not Digest.objects.exists()


def test_tests_are_not_sent_one_after_the_other(member, called):
    webhook(member.user)
    member.post(f"{WAYS}webhook/test/")
    answer = member.post(f"{WAYS}webhook/test/")
    assert answer.status_code == 429
    assert "A test was sent just now" in text(answer)
    assert len(called.calls) == 1


@pytest.mark.parametrize("trouble", [calling.Refused("It answered 410."), calling.TryLater("Gone")])
def test_a_server_that_does_not_take_it_is_told_and_stays_open(member, called, trouble):
    webhook(member.user)
    called.trouble = trouble
    answer = member.post(f"{WAYS}webhook/test/")
    assert f"Your server did not take the test: {trouble}" in text(answer)
    assert Channel.objects.get().paused_at is None


def test_the_last_deliveries_are_shown(member):
    channel = webhook(member.user)
    for number in range(12):
        Digest.objects.create(
            channel=channel,
            cadence="at_once",
            key=f"call-{number}",
            state=DigestState.FAILED,
            made_at=timezone.now() - timedelta(hours=number),
            due_at=timezone.now(),
            ended_at=timezone.now(),
            tries=3,
            error=f"It answered {500 + number}.",
        )
    page = text(member.get(WAYS))
    assert "It answered 500." in page
    assert "It answered 509." in page
    assert "It answered 510." not in page


def test_a_way_is_turned_off_and_on_again(member, visitor):
    member.post(f"{WAYS}feed/")
    feed = Channel.objects.get()
    member.post(f"{WAYS}feed/close/")
    assert Channel.objects.get().paused_reason == "You turned it off."
    assert "Your feed is off." in text(member.get(WAYS))
    member.post(f"{WAYS}feed/reopen/")
    assert Channel.objects.get().paused_at is None
    assert visitor.get(f"/alerts/feed/{feed.secret}.atom").status_code == 200


def test_mail_is_stopped_without_having_had_any(member):
    member.post(f"{WAYS}email/close/")
    assert Channel.objects.get(kind="email").paused_at is not None
    member.post(f"{WAYS}email/reopen/")
    assert Channel.objects.get(kind="email").paused_at is None


def test_nobody_changes_anybody_elses(member, personas, called):
    channel = webhook(MembershipFactory().user)
    for who in personas.values():
        for address in ("webhook/test/", "webhook/close/", "webhook/reopen/"):
            who.post(f"{WAYS}{address}")
        assert who.get(WAYS).status_code in {200, 402}
        assert HOOK not in text(who.get(WAYS))
    assert called.calls == []
    channel.refresh_from_db()
    assert channel.paused_at is None
    for who in ("visitor", "refunded"):
        for address in ("schedule/", "feed/", "webhook/", "email/close/"):
            assert personas[who].post(f"{WAYS}{address}", {"address": HOOK}).status_code == 402
    assert Channel.objects.count() == 1


def test_the_page_takes_few_queries(member, django_assert_num_queries):
    webhook(member.user)
    with django_assert_num_queries(7):  # those of each page; channels, schedule, deliveries
        member.get(WAYS)
