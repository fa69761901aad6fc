"""Dropping the words of old mail: personal data is not kept for ever."""

from datetime import datetime

from .models import Mail


def empty_old(*, now: datetime) -> int:
    """Drop words, recipient and the server's answer of what was kept long enough.

    The row stays with its key, template, state and times, so that a key that comes again does not
    send an old mail a second time. A mail that is still under way is emptied after it has ended.
    """
    return Mail.objects.to_empty(at=now).update(
        person="",
        address="",
        name="",
        subject="",
        text="",
        html="",
        unsubscribe_url="",
        error="",
        emptied_at=now,
    )
