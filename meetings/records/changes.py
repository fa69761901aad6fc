"""The log that higher rooms follow: written here, in the transaction that changes something."""

from django.db import connection

from .models import Change, Meeting


def record(*, meeting: Meeting, kind: Change.Kind) -> Change:
    """Write one row beside the change itself, so that both are stored or neither.

    Raises RuntimeError outside a transaction, where a crash could separate the two.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A change is recorded in the transaction that makes it.")
    return Change.objects.create(meeting_id=meeting.pk, kind=kind)
