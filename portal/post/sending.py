"""The door to the mail server: one mail at a time, and its answers in two kinds."""

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import format_datetime, formataddr

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from .models import Mail
from .rendering import line

ANSWER_MAX = 300


class Refused(Exception):
    """Trying again will not help: the recipient's side does not take this mail. Says why."""


class TryLater(Exception):
    """This mail could not be handed over now. Says why."""


class NotYet(Exception):
    """Raised by a mail's `only_if`: it is wanted, and not now. That is no try and no trouble."""


class ServerTrouble(TryLater):
    """The mail server itself could not be used, so other mails would fare no better."""


def send(mail: Mail, *, accepted: Callable[[], None]) -> None:
    """Hand over one mail, and call `accepted` as soon as the server has taken it.

    That is before the server is told goodbye: what goes wrong with the goodbye is no reason to
    send a mail twice. Each mail has a connection of its own, so that what goes wrong with one
    touches no other. Raises Refused, TryLater or ServerTrouble.
    """
    message = compose(mail)
    connection = get_connection()
    try:
        with _in_our_words():
            connection.open()
            connection.send_messages([message])
        accepted()
    finally:
        with suppress(OSError):
            connection.close()


def compose(mail: Mail) -> EmailMultiAlternatives:
    """The message, the same each time it is made. Raises Refused for what is no address."""
    try:
        validate_email(mail.address)
        local, _at, domain = mail.address.rpartition("@")
        address = f"{local}@{punycode(domain)}"
    except (ValidationError, UnicodeError) as error:
        raise Refused(_("This is not an address that mail can be sent to.")) from error
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[formataddr((mail.name, address))],
        headers={
            "Message-ID": mail.message_id,
            "Date": format_datetime(mail.queued_at),
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's absence is announced to us
        },
    )
    if mail.unsubscribe_url:  # RFC 8058, 3.1: both, and one address alone
        message.extra_headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.attach_alternative(mail.html, "text/html")
    return message


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What smtplib and the network raise, as Refused, TryLater or ServerTrouble."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _verdict(code, answer) from error
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:  # of the greeting, our name, or our password
        raise ServerTrouble(_said(error.smtp_code, error.smtp_error)) from error
    except OSError as error:  # smtplib's other errors are among these
        raise ServerTrouble(
            line(error.strerror or str(error) or type(error).__name__, ANSWER_MAX)
        ) from error


def _verdict(code: int, answer: bytes | str) -> Exception:
    """5xx is for ever (RFC 5321, 4.2.1), unless it speaks of us and not of the recipient.

    530 wants us to sign in first (RFC 4954, 6), and 5.7.x are matters of policy (RFC 3463, 3.8): a
    wrong password or a blocked address of ours gets mended, and must not cost the mail of that day.
    """
    said = _said(code, answer)
    about_us = code == 530 or re.match(r"\d+ 5\.7\.", said)
    return Refused(said) if code >= 500 and not about_us else TryLater(said)


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return line(f"{code} {text}", ANSWER_MAX)
