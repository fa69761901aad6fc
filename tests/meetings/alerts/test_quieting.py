"""Sending is turned off for much that comes at once: nothing goes out, and nothing is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail

from meetings.alerts import quieting, telling, webhooks
from meetings.alerts.matching import match
from meetings.alerts.models import Cadence, Channel, ChannelKind, Digest, DigestState, Match, Quiet
from meetings.transcripts.utterances import Utterance
from portal.post import calling, rounds, services, signatures
from portal.post.models import Mail
from portal.post.models import State as MailState
from tests.concurrency import at_once
from tests.meetings.alerts.factories import alert
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import StaffFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nobody_is_nudged(monkeypatch):
    monkeypatch.setattr(services, "_nudge", lambda: None)


def comes_in(words="water", *, now=NOW):
    meeting = MeetingFactory(held_on=now.date())
    transcribe([Utterance(0, 900, words)], meeting=meeting)
    return match(meeting=meeting.pk, changed_at=now, now=now)


def off(*, now=NOW, **choice):
    return quieting.be_quiet(by=StaffFactory(), reason="The archive of 2026", now=now, **choice)


def tell(now=NOW):
    return telling.tell_what_is_due(now=now)


def send(now=NOW):
    return rounds.send_what_is_due(clock=lambda: now, chance=lambda: 0)


def test_turning_off_takes_a_reason_and_happens_once():
    with pytest.raises(quieting.NoReason):
        quieting.be_quiet(by=StaffFactory(), reason=" ", now=NOW)
    one = off()
    assert off(now=NOW + MINUTE) == one
    assert Quiet.objects.count() == 1
    assert quieting.speak(now=NOW + MINUTE)
    assert not quieting.speak(now=NOW + MINUTE)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_turn_it_off_at_once_one_does():
    staff = StaffFactory()

    def turn():
        return quieting.be_quiet(by=staff, reason="An archive", now=NOW).pk

    first, second = at_once(turn, turn)
    assert first == second


def test_while_it_is_off_nothing_is_told_and_afterwards_what_was_found_before():
    alert("water", cadence=Cadence.AT_ONCE)
    comes_in()
    off()
    assert tell() == tell(NOW + MINUTE) == 0
    assert not Mail.objects.exists()
    quieting.speak(now=NOW + 2 * MINUTE)
    assert tell(NOW + 3 * MINUTE) == 1


def test_what_came_in_meanwhile_is_never_told():
    alert("water", cadence=Cadence.AT_ONCE)
    off()
    assert comes_in() == 0
    quieting.speak(now=NOW + MINUTE)
    assert tell(NOW + 2 * MINUTE) == 0
    assert not Match.objects.exists()


def test_what_staff_chose_to_keep_is_told_afterwards_and_not_before():
    alert("water", cadence=Cadence.AT_ONCE)
    off(is_kept=True)
    assert comes_in() == 1
    assert tell() == 0
    assert quieting.ahead(now=NOW) == quieting.Ahead(moments=1, members=1, mails=0)
    quieting.speak(now=NOW + MINUTE)
    assert tell(NOW + 2 * MINUTE) == 1


def test_mail_that_waits_in_the_outbox_is_held_back_without_a_try():
    alert("water", cadence=Cadence.AT_ONCE)
    comes_in()
    tell()
    off()
    assert send() == 0
    later = NOW + rounds.ASKED_AGAIN
    assert send(later) == 0
    (mail,) = Mail.objects.all()
    assert (mail.state, mail.tries, mail.error) == (MailState.WAITING, 0, "")
    assert quieting.ahead(now=later).mails == 1
    quieting.speak(now=later + MINUTE)
    assert send(later + rounds.ASKED_AGAIN) == 1
    assert len(django_mail.outbox) == 1


def test_other_mail_goes_on():
    off()
    facts = {"subject": "x", "template": "alerts/digest", "context": {}, "to": "ana@example.org"}
    services.queue(key="a-receipt", now=NOW, **facts)
    assert send() == 1


def test_while_it_is_off_no_webhook_is_called(monkeypatch):
    called = []
    monkeypatch.setattr(calling, "call", lambda address, **_given: called.append(address))
    one = alert("water", by_webhook=True)
    Channel.objects.create(
        owner=one.owner,
        kind=ChannelKind.WEBHOOK,
        address="https://example.org/hook",
        secret=signatures.new_secret(),
    )
    comes_in()
    assert webhooks.queue_calls(now=NOW) == 1
    off()
    comes_in("more water", now=NOW - MINUTE)
    assert webhooks.queue_calls(now=NOW) == 0

    def call(now):
        return webhooks.call_what_is_due(clock=lambda: now, chance=lambda: 0)

    assert call(NOW) == 0
    assert not called
    quieting.speak(now=NOW + MINUTE)
    assert call(NOW + MINUTE) == 1
    assert called == ["https://example.org/hook"]
    assert Digest.objects.get().state == DigestState.SENT
