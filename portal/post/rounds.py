"""Rounds: taking the mail that is due, sending it, and keeping what came of it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import sending
from .models import Mail, State
from .sending import NotYet, Refused, ServerTrouble, TryLater

log = logging.getLogger(__name__)

LONGEST = timedelta(seconds=30)  # then other tasks have their turn; the next round goes on
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
ASKED_AGAIN = timedelta(minutes=5)  # whether what is held back may go


def send_what_is_due(*, clock: Callable[[], datetime], chance: Callable[[], float]) -> int:
    """Send what is due, oldest first, and say how many were sent.

    Any number of rounds may run at the same moment: each mail is taken by one of them. A round
    ends when nothing is due, after half a minute, and when the mail server itself is in trouble:
    then only the mail at hand has used up a try, however many wait behind it.
    `chance()` is a number from 0 up to 1.
    """
    began, sent = clock(), 0
    while clock() - began < LONGEST:
        mail = claim(now=clock())
        if mail is None:
            break
        try:
            deliver(mail, clock=clock, chance=chance)
        except ServerTrouble:
            break
        sent += mail.state == State.SENT
    return sent


def claim(*, now: datetime) -> Mail | None:
    """Take the mail that has been due longest. Two rounds never take the same one.

    It is taken for ten minutes. If it has not ended by then, whoever took it has died, and it is
    due again. One that was taken so often without an end is given up.
    """
    while True:
        with transaction.atomic():
            due = Mail.objects.due(at=now).select_for_update(skip_locked=True)
            mail = due.order_by("due_at", "id").first()
            if mail is None:
                return None
            if mail.tries < Mail.TRIES_MAX:
                mail.state, mail.due_at, mail.tries = (
                    State.SENDING,
                    now + Mail.LEASE,
                    mail.tries + 1,
                )
                mail.save(update_fields=["state", "due_at", "tries"])
                return mail
            mail.state, mail.ended_at = State.DEAD, now
            mail.error = mail.error or _("The worker stopped each time this was tried.")
            mail.save(update_fields=["state", "ended_at", "error"])
            log.error("Mail %s is given up: its worker died each time", mail.pk)


def deliver(mail: Mail, *, clock: Callable[[], datetime], chance: Callable[[], float]) -> None:
    """Send a mail that was taken. What can be expected to go wrong ends on its row.

    Raises ServerTrouble, so that the round ends. What nobody expected is noted on the row, which is
    tried again like any other, and rises: it is ours to mend.
    """
    try:
        if mail.only_if and not import_string(mail.only_if)(mail.key):
            _end(mail, State.UNWANTED, now=clock())
            return
        sending.send(mail, accepted=lambda: _end(mail, State.SENT, now=clock()))
    except NotYet:
        _note(mail, state=State.WAITING, due_at=clock() + ASKED_AGAIN, tries=mail.tries - 1)
    except Refused as refusal:
        log.warning("Mail %s was refused", mail.pk)
        _end(mail, State.REFUSED, now=clock(), error=str(refusal))
    except TryLater as trouble:
        _put_off(mail, str(trouble), now=clock(), chance=chance())
        if isinstance(trouble, ServerTrouble):
            log.warning("The mail server could not be used: %s", type(trouble.__cause__).__name__)
            raise
    except Exception as error:
        if mail.state == State.SENDING:
            _put_off(mail, type(error).__name__, now=clock(), chance=chance())
        raise


def wait(tries: int, chance: float) -> timedelta:
    """How long to wait after so many tries: twice as long each time, up to six hours.

    Up to half as long again by `chance` (0 up to 1), so that what failed together does not come
    back together.
    """
    doubled: timedelta = FIRST_WAIT * 2 ** min(tries - 1, 20)
    return min(doubled, LONGEST_WAIT) * (1 + chance / 2)


def _put_off(mail: Mail, error: str, *, now: datetime, chance: float) -> None:
    if mail.tries >= Mail.TRIES_MAX:
        log.error("Mail %s is given up after %s tries", mail.pk, mail.tries)
        _end(mail, State.DEAD, now=now, error=error)
        return
    _note(mail, state=State.WAITING, due_at=now + wait(mail.tries, chance), error=error)


def _end(mail: Mail, state: State, *, now: datetime, error: str = "") -> None:
    _note(mail, state=state, ended_at=now, error=error)


def _note(mail: Mail, **facts: object) -> None:
    """Only the try that took the row may say what came of it: a later one has moved `tries` on."""
    mine = Mail.objects.filter(pk=mail.pk, state=State.SENDING, tries=mail.tries)
    if not mine.update(**facts):
        return  # it took longer than its lease, and somebody else was here
    for field, value in facts.items():
        setattr(mail, field, value)
