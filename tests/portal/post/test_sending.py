"""What a mail server says and does, on a real connection, and what becomes of the mail."""

import socket
from datetime import timedelta

import pytest

from portal.post import sending
from portal.post.models import Mail, State
from portal.post.sending import Refused, ServerTrouble, TryLater
from tests.portal.post.conftest import NOW

pytestmark = pytest.mark.django_db


def never():
    pytest.fail("the server did not take it")


def test_a_mail_arrives_as_it_was_rendered(queue, send, sink):
    mail = queue(name="Ana Ruiz, MD", subject="Ihre Quittung über 199 €", to="ana@bücher.example")
    assert send() == 1
    (taken,) = sink.taken
    assert (taken.sender, taken.recipient) == ("contact@example.org", "ana@xn--bcher-kva.example")
    assert taken.message["To"] == '"Ana Ruiz, MD" <ana@xn--bcher-kva.example>'
    assert taken.message["Subject"] == "Ihre Quittung über 199 €"
    assert taken.message["Message-ID"] == mail.message_id
    text, html = taken.message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == mail.text
    assert html.get_content().replace("\r\n", "\n") == mail.html


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Łukasz Żółć", "Łukasz Żółć"),
        ("Ω" * 300, "Ω" * 99 + "…"),
        ('"; Bcc: x@example.org', '"; Bcc: x@example.org'),
    ],
)
def test_names_of_any_kind_arrive(queue, send, sink, name, shown):
    queue(name=name)
    send()
    (taken,) = sink.taken
    assert taken.message["Bcc"] is None
    (address,) = taken.message["To"].addresses
    assert (address.display_name.replace(" ", ""), address.addr_spec) == (
        shown.replace(" ", ""),
        "ana@example.org",
    )


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("RCPT", "550 5.1.1 No such user", Refused),
        ("RCPT", "552 mailbox full for ever", Refused),
        ("message", "554 5.6.0 not wanted", Refused),
        ("RCPT", "450 4.2.0 greylisted", TryLater),
        ("RCPT", "421 4.3.2 closing", TryLater),
        ("message", "452 4.3.1 disk full", TryLater),
        ("RCPT", "550 5.7.1 relaying denied", TryLater),
        ("RCPT", "530 sign in first", TryLater),
        ("MAIL", "550 sender unknown", ServerTrouble),
        ("greeting", "554 go away", ServerTrouble),
        ("greeting", "", ServerTrouble),
        ("message", "", ServerTrouble),
    ],
)
def test_answers_are_told_apart(queue, sink, step, answer, error):
    mail = queue()
    sink.answers[step] = answer
    with pytest.raises(error) as caught:
        sending.send(mail, accepted=never)
    assert type(caught.value) is error
    assert str(caught.value).startswith(answer or "Connection unexpectedly closed")


def test_a_long_answer_of_many_lines_is_kept_as_one_short_one(queue, send, sink):
    queue()
    sink.answers["RCPT"] = "550-5.1.1 No such user\r\n550 5.1.1 " + "x" * 450
    send()
    mail = Mail.objects.get()
    assert mail.state == State.REFUSED
    assert mail.error.startswith("550 5.1.1 No such user 5.1.1 xxx")
    assert len(mail.error) == sending.ANSWER_MAX


def test_a_server_that_is_not_there_is_trouble_and_says_so(queue, send, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = taken.getsockname()
        queue()
        assert send() == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.error) == (State.WAITING, "Connection refused")
    assert mail.due_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("step", ["greeting", "RCPT", "message"])
def test_a_server_that_falls_mute_is_left_after_the_timeout(queue, send, sink, settings, step):
    settings.EMAIL_TIMEOUT = 0.2
    sink.answers[step] = sink.falls_mute
    queue()
    assert send() == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == (State.WAITING, 1)
    assert "timed out" in mail.error


@pytest.mark.parametrize("goodbye", ["", "421 too late", "221 " + "bye " * 3000, "mute"])
def test_a_bad_goodbye_is_no_reason_to_send_again(queue, send, sink, settings, goodbye):
    settings.EMAIL_TIMEOUT = 0.2
    sink.answers["QUIT"] = sink.falls_mute if goodbye == "mute" else goodbye
    queue()
    assert send() == 1
    assert Mail.objects.get().state == State.SENT
    assert len(sink.taken) == 1


def test_what_was_taken_is_noted_before_the_server_is_told_goodbye(queue, sink):
    """The shorter the time between the server's yes and our note, the fewer mails go out twice."""
    order = []
    sink.answers["message"] = lambda: order.append("taken") or "250 taken"
    sink.answers["QUIT"] = lambda: order.append("goodbye") or "221 bye"
    sending.send(queue(), accepted=lambda: order.append("noted"))
    assert order == ["taken", "noted", "goodbye"]
