"""Words and recipients are dropped after 13 months or with the account; keys stay."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail

from portal.post import retention, services
from portal.post.models import Mail, State
from tests.portal.post.conftest import NOW

pytestmark = pytest.mark.django_db
PRIVATE = ("person", "address", "name", "subject", "text", "html", "error")


def private(key):
    return [value for value in Mail.objects.filter(key=key).values_list(*PRIVATE).get() if value]


def test_after_thirteen_months_nothing_private_is_left(queue, send):
    queue(name="Ana", person="user-1")
    send()
    assert retention.empty_old(now=NOW + Mail.KEPT - timedelta(seconds=1)) == 0
    assert private("receipt-1")
    later = NOW + Mail.KEPT
    assert retention.empty_old(now=later) == 1
    assert private("receipt-1") == []
    mail = Mail.objects.get()
    assert (mail.state, mail.emptied_at, str(mail)) == (State.SENT, later, "receipt-1")
    assert retention.empty_old(now=later) == 0


def test_a_key_stays_used_after_its_words_are_gone(queue, send):
    queue()
    send()
    retention.empty_old(now=NOW + Mail.KEPT)
    queue(now=NOW + Mail.KEPT)
    send(NOW + Mail.KEPT)
    assert len(django_mail.outbox) == 1


@pytest.mark.parametrize("state", [State.DEAD, State.REFUSED, State.SET_ASIDE])
def test_what_was_not_sent_is_emptied_too_and_cannot_be_sent_again(queue, state):
    mail = queue()
    Mail.objects.update(state=state, ended_at=NOW, error="452 ana@example.org is full")
    assert retention.empty_old(now=NOW + Mail.KEPT) == 1
    assert private(mail.key) == []
    assert not services.send_again(mail=mail, now=NOW)
    assert not Mail.objects.given_up().exists()


def test_a_person_is_forgotten_whatever_their_address_was(queue, send):
    queue(key="one", to="old@example.org", person="user-1")
    queue(key="two", to="new@example.org", person="user-1")
    queue(key="other", person="user-2")
    queue(key="nobody's")
    send()
    services.forget(person="user-1", now=NOW)
    assert private("one") == private("two") == []
    assert private("other")
    assert private("nobody's")


def test_a_last_mail_is_sent_before_it_is_forgotten(queue, send):
    queue(key="goodbye", person="user-1")
    services.forget(person="user-1", now=NOW)
    assert private("goodbye")
    assert send() == 1
    retention.empty_old(now=NOW + timedelta(days=1))
    assert private("goodbye") == []


def test_forgetting_nobody_in_particular_forgets_nobody(queue, send):
    queue()
    send()
    services.forget(person="", now=NOW)
    assert private("receipt-1")
