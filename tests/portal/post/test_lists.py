"""Mail that can be stopped says how; what is no longer for its recipient is not sent."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail

from portal.post import retention
from portal.post.models import Mail, State
from tests.portal.post.conftest import NOW

pytestmark = pytest.mark.django_db

STOP = "https://portal.example/alerts/stop/" + "x" * 120 + "/"
WANTED = set()


def is_wanted(key):
    """Named in `only_if`."""
    return key in WANTED


@pytest.fixture(autouse=True)
def _none_wanted():
    WANTED.clear()


def test_a_mail_says_where_it_is_stopped_by_one_click(queue, send):
    """RFC 8058, 3.1."""
    queue(unsubscribe_url=STOP)
    send()
    (sent,) = django_mail.outbox
    message = sent.message()
    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_address_arrives_whole_over_a_wire(queue, send, sink):
    queue(unsubscribe_url=STOP)
    send()
    (taken,) = sink.taken
    assert taken.message["List-Unsubscribe"].replace("\r\n", "").replace(" ", "") == f"<{STOP}>"


def test_a_receipt_cannot_be_stopped(queue, send):
    queue()
    send()
    (sent,) = django_mail.outbox
    assert "List-Unsubscribe" not in sent.message()


def test_what_is_no_longer_for_its_recipient_is_never_sent(queue, send):
    queue(only_if=f"{__name__}.is_wanted")
    assert send() == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.ended_at) == (State.UNWANTED, NOW)
    WANTED.add("receipt-1")
    assert send(NOW + timedelta(days=1)) == 0
    assert django_mail.outbox == []


def test_it_is_asked_before_each_try(queue, send, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    WANTED.add("receipt-1")
    queue(only_if=f"{__name__}.is_wanted")
    send()
    assert Mail.objects.get().state == State.WAITING
    WANTED.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send(NOW + timedelta(hours=1))
    assert Mail.objects.get().state == State.UNWANTED
    assert django_mail.outbox == []


def test_an_old_mail_keeps_no_address_that_opens_something(queue, send):
    queue(unsubscribe_url=STOP)
    send()
    retention.empty_old(now=NOW + Mail.KEPT)
    assert Mail.objects.get().unsubscribe_url == ""
