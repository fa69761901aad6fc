"""Putting mail into the outbox, sending it again, setting it aside, and forgetting a person."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Least

from . import rendering, retention, tasks
from .models import Mail, State


def queue(
    *,
    key: str,
    to: str,
    subject: str,
    template: str,
    context: Mapping[str, object],
    now: datetime,
    name: str = "",
    person: str = "",
    unsubscribe_url: str = "",
    only_if: str = "",
) -> Mail:
    """Put a mail into the outbox. It is sent if, and when, the caller's transaction is committed.

    `key` says what it is about ("purchase-12-receipt"): the same key again, from anywhere and at
    any time, changes nothing and gives the mail of the first time. `template` names two files,
    `TEMPLATE.txt` and `TEMPLATE.html`, that are rendered here and now: what is true now is what
    is told, even if it is sent later. `name` goes before the address. `person` is the caller's own
    word for whose mail it is ("user-12"), by which `forget` finds it after an address has changed.
    `unsubscribe_url` is where a POST stops mail of this kind, without a session (RFC 8058).
    `only_if` is the dotted name of a function that takes the key: it is asked before each try, and
    where it says no the mail is not sent, then or later; where it raises sending.NotYet, it is
    asked again.

    Raises nothing for an address that is none, and nothing for a broker that is down: the one ends
    as refused on its row, the other costs a minute. Money that has moved does not wait for a mail.
    """
    first = Mail.objects.filter(key=key).first()
    if first is not None:
        return first
    words = rendering.render(template=template, subject=subject, context=context)
    mail = Mail(
        key=key,
        person=person,
        address=rendering.storable(to.strip()),
        name=rendering.line(name, rendering.NAME_MAX),
        template=template,
        subject=words.subject,
        text=words.text,
        html=words.html,
        unsubscribe_url=unsubscribe_url,
        only_if=only_if,
        message_id=message_id(key),
        queued_at=now,
        due_at=now,
        keep_until=now + Mail.KEPT,
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=True)  # a key that is there already wins
    transaction.on_commit(_nudge, robust=True)
    return Mail.objects.get(key=key)


def message_id(key: str) -> str:
    """The Message-ID of a key, the same for ever (RFC 5322, 3.6.4: its right side is our name)."""
    site = urlsplit(settings.SITE_URL).hostname
    return f"<{sha256(f'{settings.SITE_URL} {key}'.encode()).hexdigest()[:40]}@{site}>"


def send_again(*, mail: Mail, now: datetime) -> bool:
    """Begin anew with a mail that was given up, refused or set aside. False where it is neither.

    It keeps its Message-ID, so whoever has it after all does not get it twice.
    """
    moved = Mail.objects.filter(
        pk=mail.pk, state__in=[State.DEAD, State.REFUSED, State.SET_ASIDE], emptied_at__isnull=True
    ).update(state=State.WAITING, tries=0, due_at=now, ended_at=None)
    if not moved:
        return False
    transaction.on_commit(_nudge, robust=True)
    return True


def set_aside(*, mail: Mail) -> bool:
    """Take a mail that was given up off the desk, unsent. False where it was not given up."""
    waiting = Mail.objects.given_up().filter(pk=mail.pk)
    return bool(waiting.update(state=State.SET_ASIDE))


def forget(*, person: str, now: datetime) -> None:
    """Drop the words of all mail to a person, as when an account is closed.

    What is still under way is sent first, a last acknowledgement for one, and emptied by the next
    daily round after that.
    """
    Mail.objects.filter(person=person, emptied_at__isnull=True).exclude(person="").update(
        keep_until=Least("keep_until", Value(now))
    )
    retention.empty_old(now=now)


def _nudge() -> None:
    # Whoever queues a thousand mails nudges a thousand times; what beat does meanwhile is enough.
    tasks.send_due.apply_async(ignore_result=True, expires=60)
