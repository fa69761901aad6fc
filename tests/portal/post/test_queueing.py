"""What is queued is what will be sent, once, and only if the caller's transaction holds."""

import logging
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail as django_mail
from django.db import transaction

from portal.post import services, tasks
from portal.post.models import Mail, State
from tests.concurrency import at_once
from tests.portal.post.conftest import FACTS, NOW

pytestmark = pytest.mark.django_db


NOBODY_THERE = "redis://:secret@127.0.0.1:1/0"


class Changed(Exception):
    """The caller thinks better of it."""


def test_a_mail_is_rendered_when_it_is_queued(queue):
    facts = dict(FACTS)
    mail = queue(context=facts)
    facts["who"] = "somebody else"
    mail.refresh_from_db()
    assert "Good day Ana O'Neill & <b>Sons</b>," in mail.text
    assert "Ana O&#x27;Neill &amp; &lt;b&gt;Sons&lt;/b&gt;" in mail.html
    assert (mail.state, mail.queued_at, mail.due_at, mail.tries) == (State.WAITING, NOW, NOW, 0)


def test_what_a_template_leaves_out_leaves_no_hole_in_the_text(queue):
    text = queue().text
    assert text.startswith("Good day Ana O'Neill & <b>Sons</b>,\n\n    Number  2026-0001\n\n--\n")
    assert "\n\n\n" not in text
    assert text.endswith("contact@example.org\n")


def test_the_same_key_is_one_mail_and_the_first_one_wins(queue):
    first = queue(subject="Your receipt")
    again = queue(subject="Another subject", to="other@example.org", template="no/such/template")
    assert again == first
    assert (again.subject, again.address) == ("Your receipt", "ana@example.org")
    assert Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_two_threads_is_one_mail_and_no_error(queue):
    def queue_in_a_transaction():
        with transaction.atomic():
            return queue().pk

    for key in range(5):
        Mail.objects.all().delete()
        outcomes = at_once(*[queue_in_a_transaction] * 4)
        assert outcomes == [Mail.objects.get().pk] * 4, (key, outcomes)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_waits_for_a_transaction_that_is_under_way_and_takes_its_place(queue):
    """The first is rolled back after the second has begun: the second's mail is there."""

    def changes_its_mind():
        with transaction.atomic():
            queue(subject="The first")
            raise Changed

    outcomes = at_once(changes_its_mind, lambda: queue(subject="The second").subject)
    assert any(isinstance(outcome, Changed) for outcome in outcomes)
    assert Mail.objects.get().subject == "The second"


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_rolled_back_leaves_no_row_no_nudge_and_no_mail(queue, nudges, send):
    def buy():
        with transaction.atomic():
            queue()
            raise Changed

    with pytest.raises(Changed):
        buy()
    send()
    assert not Mail.objects.exists()
    assert (nudges, django_mail.outbox) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_nudge_waits_for_the_commit(queue, nudges):
    with transaction.atomic():
        queue()
        assert nudges == []
    assert nudges == [1]
    queue()
    assert nudges == [1]  # there is nothing new to send


@pytest.mark.django_db(transaction=True)
def test_a_nudge_that_nobody_takes_for_a_minute_is_none(queue, monkeypatch):
    given = []
    monkeypatch.setattr(tasks.send_due, "apply_async", lambda **options: given.append(options))
    queue()
    (options,) = given
    assert options["expires"] == 60


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_turn_a_commit_into_an_error(monkeypatch, caplog):
    nudge = tasks.send_due.apply_async

    def nudge_nobody(**options):
        nudge(connection=current_app.connection_for_write(NOBODY_THERE), **options)

    monkeypatch.setattr(tasks.send_due, "apply_async", nudge_nobody)
    began = time.monotonic()
    with transaction.atomic(), caplog.at_level(logging.ERROR):
        services.queue(
            key="receipt-1",
            to="ana@example.org",
            subject="Your receipt",
            template="sample/receipt",
            context=FACTS,
            now=NOW,
        )
    assert Mail.objects.get().state == State.WAITING
    assert "_nudge" in caplog.text
    assert "secret" not in caplog.text
    assert time.monotonic() - began < 5


def test_a_header_cannot_be_smuggled_in(queue, send):
    queue(
        subject="Hello\r\nBcc: everyone@example.org\x00\u2028you",
        name="Ana\r\nBcc: everyone@example.org",
    )
    send()
    (sent,) = django_mail.outbox
    message = sent.message()
    assert message["Subject"].startswith("=?utf-8?")
    assert sent.subject == "Hello Bcc: everyone@example.org\N{REPLACEMENT CHARACTER} you"
    assert "Bcc" not in message
    assert sent.recipients() == ['"Ana Bcc: everyone@example.org" <ana@example.org>']


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.org\r\nBcc: everyone@example.org",
        "ana@example.org, everyone@example.org",
        "Ana <ana@example.org>",
        "ana@example.org\x00",
        "ana",
        "",
        "jürgen@example.org",  # its local part needs SMTPUTF8, which our client does not speak
        "a@" + "b" * 400 + ".org",
        "\ud800@example.org",
    ],
)
def test_what_is_no_address_is_refused_on_its_row_and_never_an_error(queue, send, address):
    queue(to=address)
    send()
    mail = Mail.objects.get()
    assert (mail.state, mail.error) == (
        State.REFUSED,
        "This is not an address that mail can be sent to.",
    )
    assert django_mail.outbox == []


def test_a_very_long_subject_is_cut_and_ends_in_dots(queue):
    subject = queue(subject="Überraschung " * 100).subject
    assert len(subject) == 150
    assert subject.endswith("…")


def test_odd_characters_in_the_facts_can_be_stored(queue):
    mail = queue(context={**FACTS, "who": "A\x00na \ud800"})
    assert "A\N{REPLACEMENT CHARACTER}na \N{REPLACEMENT CHARACTER}" in mail.text


def test_a_missing_template_is_our_mistake_and_is_heard_of_at_once(queue):
    with pytest.raises(Exception, match="no/such"):
        queue(template="no/such/template")
    assert not Mail.objects.exists()


def test_the_message_id_hangs_on_the_key_alone(settings):
    one = services.message_id("receipt-1")
    assert one == services.message_id("receipt-1") != services.message_id("receipt-2")
    settings.SITE_URL = "https://portal.example"
    assert services.message_id("receipt-1").endswith("@portal.example>")
    assert services.message_id("receipt-1").isascii()


def test_an_address_that_changes_later_does_not_change_the_row(queue, send):
    queue(to="old@example.org", person="user-1")
    queue(to="new@example.org", person="user-1", now=NOW + timedelta(days=1))  # the same key
    send()
    assert [sent.to for sent in django_mail.outbox] == [["old@example.org"]]
