"""Each mail that is due is sent once; what goes wrong is tried again, ended, or given up."""

from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail as django_mail
from hypothesis import given
from hypothesis import strategies as st

from portal.post import rounds, sending, services
from portal.post.models import Mail, State
from portal.post.sending import Refused, ServerTrouble, TryLater
from tests.concurrency import at_once
from tests.portal.post.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def trouble(monkeypatch):
    """Replace the door by one that raises, for all mails or for those whose key is named."""

    def trouble(error, *keys):
        def fail(mail, *, accepted):
            if not keys or mail.key in keys:
                raise error
            accepted()

        monkeypatch.setattr(sending, "send", fail)

    return trouble


def states():
    return dict(Mail.objects.values_list("key", "state"))


def test_a_mail_goes_out_once_in_text_and_html_with_its_names(queue, send):
    mail = queue(name="Ana Ruiz")
    assert (send(), send()) == (1, 0)
    (sent,) = django_mail.outbox
    message = sent.message()
    assert message["To"] == "Ana Ruiz <ana@example.org>"
    assert message["Message-ID"] == mail.message_id
    assert message["Date"] == "Mon, 23 Nov 2026 09:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.ended_at) == (State.SENT, 1, NOW)


def test_the_oldest_goes_first(queue, send):
    queue(key="b", subject="second", now=NOW - timedelta(minutes=1))
    queue(key="a", subject="first", now=NOW - timedelta(minutes=2))
    queue(key="c", subject="not yet", now=NOW + timedelta(minutes=1))
    send()
    assert [sent.subject for sent in django_mail.outbox] == ["first", "second"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_senders_send_two_hundred_mails_once_each(queue, send, sink):
    for number in range(200):
        queue(key=f"receipt-{number}", to=f"reader{number}@example.org")
    outcomes = at_once(*[send] * 8)
    assert sum(outcomes) == 200, outcomes
    assert len(sink.taken) == 200
    assert len({taken.recipient for taken in sink.taken}) == 200
    assert len(set(sink.message_ids())) == 200
    assert set(Mail.objects.values_list("state", "tries")) == {(State.SENT, 1)}


def test_a_mail_whose_sender_died_is_due_again_after_its_lease(queue, send):
    queue()
    assert rounds.claim(now=NOW) is not None
    assert send(NOW + Mail.LEASE - timedelta(seconds=1)) == 0
    assert send(NOW + Mail.LEASE) == 1
    assert Mail.objects.get().tries == 2


def test_a_sender_that_took_too_long_does_not_speak_for_the_one_after_it(queue):
    queue()
    late = rounds.claim(now=NOW)
    rounds.claim(now=NOW + Mail.LEASE)
    rounds.deliver(late, clock=lambda: NOW, chance=lambda: 0)
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == (State.SENDING, 2)


def test_a_mail_that_kills_its_sender_each_time_is_given_up(queue, send):
    queue()
    later = NOW
    for _try in range(Mail.TRIES_MAX):
        assert rounds.claim(now=later) is not None
        later += Mail.LEASE
    assert send(later) == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.ended_at) == (State.DEAD, later)
    assert mail.error == "The worker stopped each time this was tried."


def test_one_that_is_given_up_does_not_hold_up_the_next(queue, send):
    queue(key="worn out", now=NOW - timedelta(hours=1))
    Mail.objects.update(tries=Mail.TRIES_MAX)
    queue(key="fresh")
    assert send() == 1
    assert states() == {"worn out": State.DEAD, "fresh": State.SENT}


def test_what_may_heal_is_tried_again_later_and_holds_up_nobody(queue, send, trouble):
    queue(key="full", now=NOW - timedelta(minutes=1))
    queue(key="fine")
    trouble(TryLater("452 mailbox full"), "full")
    assert send() == 1
    mail = Mail.objects.get(key="full")
    assert (mail.state, mail.tries, mail.error) == (State.WAITING, 1, "452 mailbox full")
    assert mail.due_at == NOW + timedelta(minutes=1)
    trouble(TryLater("452 mailbox full"), "nobody")
    assert send(NOW + timedelta(minutes=1)) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.error) == (State.SENT, "")


def test_what_will_not_heal_is_refused_with_its_reason_and_not_tried_again(queue, send, trouble):
    queue()
    trouble(Refused("550 5.1.1 No such user"))
    send()
    assert send(NOW + timedelta(days=1)) == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.tries, mail.ended_at) == (State.REFUSED, 1, NOW)
    assert mail.error == "550 5.1.1 No such user"


def test_a_server_in_trouble_costs_one_mail_one_try_however_many_wait(queue, send, trouble):
    for number in range(5):
        queue(key=f"receipt-{number}", now=NOW - timedelta(minutes=5 - number))
    trouble(ServerTrouble("Connection refused"))
    send()
    assert list(Mail.objects.order_by("key").values_list("tries", flat=True)) == [1, 0, 0, 0, 0]
    send(NOW + timedelta(seconds=30))
    assert list(Mail.objects.order_by("key").values_list("tries", flat=True)) == [1, 1, 0, 0, 0]


def test_after_about_four_days_of_trouble_a_mail_is_given_up(queue, send, trouble):
    queue()
    trouble(TryLater("451 later"))
    now = NOW
    while (mail := Mail.objects.get()).state == State.WAITING:
        now = mail.due_at
        send(now)
    assert (mail.state, mail.tries, mail.error) == (State.DEAD, Mail.TRIES_MAX, "451 later")
    assert timedelta(days=4) < now - NOW < timedelta(days=5)  # RFC 5321, 4.5.4.1


@pytest.mark.parametrize("error", [KeyError("secret"), SoftTimeLimitExceeded()])
def test_the_unexpected_rises_and_the_mail_is_tried_again(queue, send, trouble, error):
    queue()
    trouble(error)
    with pytest.raises(type(error)):
        send()
    mail = Mail.objects.get()
    assert (mail.state, mail.error) == (State.WAITING, type(error).__name__)


def test_what_goes_wrong_after_the_server_said_yes_does_not_send_again(queue, send, monkeypatch):
    queue()

    def send_and_stumble(mail, *, accepted):
        accepted()
        raise KeyError

    monkeypatch.setattr(sending, "send", send_and_stumble)
    with pytest.raises(KeyError):
        send()
    assert Mail.objects.get().state == State.SENT


def test_a_round_ends_after_half_a_minute_and_the_next_goes_on(queue):
    for number in range(3):
        queue(key=f"receipt-{number}")
    now = [NOW]

    def clock():
        now[0] += timedelta(seconds=8)
        return now[0]

    assert rounds.send_what_is_due(clock=clock, chance=lambda: 0) < 3
    while rounds.send_what_is_due(clock=clock, chance=lambda: 0):
        pass
    assert set(states().values()) == {State.SENT}


def test_nothing_private_is_logged(queue, send, trouble, caplog):
    for error in (Refused("550 ana@example.org"), TryLater("451 ana@example.org")):
        queue(key=repr(error))
        trouble(error)
        Mail.objects.filter(state=State.WAITING).update(tries=Mail.TRIES_MAX - 1)
        send()
    assert "was refused" in caplog.text
    assert "given up" in caplog.text
    assert "ana" not in caplog.text
    assert "receipt/" not in caplog.text


@given(tries=st.integers(1, 1000), chance=st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_stay_within_nine_hours(tries, chance):
    assert rounds.wait(tries, chance) <= rounds.wait(tries, 0) * 1.5
    assert rounds.wait(tries, 0) <= rounds.wait(tries, chance)
    assert rounds.wait(tries, 0) <= rounds.wait(tries + 1, 0) <= timedelta(hours=6)


def test_sending_again_begins_anew_with_the_same_message_id(queue, send, trouble, nudges):
    queue()
    trouble(Refused("550 no"))
    send()
    mail = Mail.objects.get()
    assert services.send_again(mail=mail, now=NOW)
    assert not services.send_again(mail=mail, now=NOW)  # it is on its way
    again = Mail.objects.get()
    assert (again.state, again.tries, again.ended_at) == (State.WAITING, 0, None)
    assert again.message_id == mail.message_id
    trouble(None, "nobody")
    assert send() == 1


def test_what_was_sent_is_not_sent_again_and_not_set_aside(queue, send):
    mail = queue()
    send()
    assert not services.send_again(mail=mail, now=NOW)
    assert not services.set_aside(mail=mail)
    assert Mail.objects.get().state == State.SENT
