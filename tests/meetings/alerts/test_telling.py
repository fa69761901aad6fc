"""Each match is told once, in one message for a member and cadence, to those who are members."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail

from meetings.alerts import channels, telling
from meetings.alerts.models import (
    Cadence,
    Channel,
    Digest,
    DigestState,
    Match,
    Schedule,
    Source,
    Stage,
    Told,
)
from meetings.records.models import Meeting, State
from memberships.purchases.models import Membership
from portal.post import rounds, services, tasks
from portal.post.models import Mail
from portal.post.models import State as MailState
from tests.concurrency import at_once
from tests.meetings.alerts.factories import alert
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import MembershipFactory, RefundedMembershipFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _nobody_is_nudged(monkeypatch):
    monkeypatch.setattr(tasks.send_due, "apply_async", lambda **_options: None)


@pytest.fixture
def owner():
    return MembershipFactory().user


def matched(for_alert, at=NOW, **given):
    values = {
        "alert": for_alert,
        "meeting": given.pop("meeting", None) or MeetingFactory(),
        "stage": Stage.AFTER,
        "source": Source.TRANSCRIPT,
        "text_hash": f"{Match.objects.count():064x}",
        "start_ms": 1_000,
        "lines": [{"parts": [["about ", False], ["rent", True]]}],
        "found_at": at,
    }
    return Match.objects.create(**(values | given))


def tell(now=NOW):
    return telling.tell_what_is_due(now=now)


def send(now=NOW):
    return rounds.send_what_is_due(clock=lambda: now, chance=lambda: 0)


def test_what_is_found_is_told_at_once_and_once(owner):
    row = matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))
    assert (tell(), tell(), tell(NOW + DAY)) == (1, 0, 0)
    digest, mail = Digest.objects.get(), Mail.objects.get()
    assert [told.match for told in Told.objects.all()] == [row]
    assert mail.key == digest.key
    assert mail.message_id == services.message_id(digest.key)
    assert send() == 1
    (sent,) = django_mail.outbox
    assert sent.to == [owner.email]
    assert "<strong>rent</strong>" in sent.alternatives[0][0]
    assert "/alerts/unsubscribe/" in sent.extra_headers["List-Unsubscribe"]


def test_all_that_waits_for_a_member_is_one_message(owner):
    for typed in ("rent", "zoning"):
        one = alert(typed, owner=owner, cadence=Cadence.AT_ONCE)
        for _ in range(2):
            matched(one)
    assert tell() == 1
    assert Told.objects.count() == 4


def test_a_flood_makes_a_message_each_ten_minutes(owner):
    one = alert("rent", owner=owner, cadence=Cadence.AT_ONCE)
    for minute in range(30):
        now = NOW + timedelta(minutes=minute)
        matched(one, at=now)
        tell(now)
    assert Digest.objects.count() == 3


def test_a_digest_waits_for_the_members_hour_and_has_what_was_found_before(owner):
    Schedule.objects.create(owner=owner, time_zone="America/Los_Angeles", hour=7)  # 15:00 UTC
    one = alert("rent", owner=owner)
    matched(one)
    assert tell() == 0
    assert tell(NOW.replace(hour=14, minute=59)) == 0
    assert tell(NOW.replace(hour=15, minute=0)) == 1
    matched(one, at=NOW.replace(hour=15, minute=5))
    assert tell(NOW.replace(hour=15, minute=6)) == 0
    assert tell(NOW.replace(hour=14) + DAY) == 0
    assert tell(NOW.replace(hour=15) + DAY) == 1
    assert [digest.day.day for digest in Digest.objects.order_by("day")] == [23, 24]


def test_who_waits_for_an_hour_costs_no_query(django_assert_num_queries):
    for number in range(5):
        matched(alert(f"word{number}", cadence=Cadence.WEEKLY), at=NOW)
    with django_assert_num_queries(4):  # is it quiet, who waits, their schedules, what was told
        assert tell() == 0
    assert not Channel.objects.exists()


def test_what_is_found_after_a_quiet_week_waits_for_the_next_hour(owner):
    one = alert("rent", owner=owner)
    matched(one)
    assert tell(NOW + DAY) == 1
    matched(one, at=NOW + 5 * DAY)
    assert tell(NOW + 5 * DAY) == 0
    assert tell(NOW.replace(hour=7) + 6 * DAY) == 1


def test_a_refunded_member_is_told_nothing():
    matched(alert("rent", owner=RefundedMembershipFactory().user, cadence=Cadence.AT_ONCE))
    assert tell() == 0
    assert not Mail.objects.exists()


def test_who_is_refunded_while_a_mail_waits_does_not_get_it(owner):
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))
    tell()
    Membership.objects.all().delete()
    assert send() == 0
    assert Mail.objects.get().state == MailState.UNWANTED


def test_a_mail_that_waits_is_not_sent_once_its_alert_is_paused(owner):
    one = alert("rent", owner=owner, cadence=Cadence.AT_ONCE)
    matched(one)
    tell()
    type(one).objects.update(paused_at=NOW)
    assert send() == 0


def test_a_meeting_that_was_withdrawn_is_not_told_of(owner):
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))
    Meeting.objects.update(state=State.WITHDRAWN, withdrawn_reason="Recorded twice.")
    assert tell() == 0


@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_withdrawn_while_a_mail_waits_is_not_sent_and_the_rest_is_told_anew(
    owner, is_first
):
    one = alert("rent", owner=owner, cadence=Cadence.AT_ONCE)
    gone, stays = sorted([matched(one), matched(one)], key=lambda row: row.pk, reverse=not is_first)
    tell()
    Meeting.objects.filter(pk=gone.meeting_id).update(
        state=State.WITHDRAWN, withdrawn_reason="Recorded twice."
    )
    assert send() == 0
    assert Mail.objects.get().state == MailState.UNWANTED
    assert Digest.objects.get().state == DigestState.FAILED
    later = NOW + telling.AT_ONCE_APART
    assert tell(later) == 1
    assert send(later) == 1
    (sent,) = django_mail.outbox
    assert gone.meeting.get_absolute_url() not in sent.body
    assert stays.meeting.get_absolute_url() in sent.body


def test_what_was_found_long_ago_is_no_news(owner):
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE), at=NOW - 16 * DAY)
    assert tell() == 0


def test_no_mail_after_it_was_stopped(owner):
    channels.stop_mail(owner=owner.pk, now=NOW)
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))
    assert tell() == 0
    channels.resume(Channel.objects.get())
    assert tell() == 1


def test_a_process_that_dies_between_leaves_nothing_half_told(owner, monkeypatch):
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))

    def dies(**_given):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(services, "queue", dies)
        with pytest.raises(SystemExit):
            tell()
    assert not Digest.objects.exists()
    assert not Told.objects.exists()
    assert tell() == 1


def test_a_message_that_cannot_be_made_holds_up_no_other(owner):
    broken = matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE), lines=[{"words": []}])
    matched(alert("zoning", cadence=Cadence.AT_ONCE))
    assert tell() == 1
    assert not Told.objects.filter(match=broken).exists()


@pytest.mark.parametrize("state", [MailState.REFUSED, MailState.DEAD])
def test_a_hard_bounce_and_days_of_failing_close_the_channel_and_say_why(
    owner, state, django_assert_num_queries
):
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))
    tell()
    Mail.objects.update(state=state, error="550 No such user", ended_at=NOW)
    assert channels.heed_bounces(now=NOW) == 1
    channel = Channel.objects.get()
    assert channel.paused_at == NOW
    assert channel.paused_reason == f"Mail to {owner.email} came back: 550 No such user"
    channels.resume(channel)
    with django_assert_num_queries(1):  # one bounce closes it once, and is not read again
        assert channels.heed_bounces(now=NOW) == 0


def test_a_bounce_of_a_former_address_closes_nothing(owner):
    matched(alert("rent", owner=owner, cadence=Cadence.AT_ONCE))
    tell()
    Mail.objects.update(state=MailState.REFUSED, error="550 No such user", ended_at=NOW)
    type(owner).objects.filter(pk=owner.pk).update(email="new@example.org")
    assert channels.heed_bounces(now=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_tells():
    owner = MembershipFactory().user
    one = alert("rent", owner=owner, cadence=Cadence.AT_ONCE)
    for _ in range(3):
        matched(one)
    at_once(tell, tell, tell, tell)
    assert (Digest.objects.count(), Mail.objects.count(), Told.objects.count()) == (1, 1, 3)
