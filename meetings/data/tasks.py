"""Celery entry points of the open data: the nightly snapshot."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from .bulk import keeping, making

LONGEST_S = 6 * 3600


@shared_task(soft_time_limit=LONGEST_S - 60, time_limit=LONGEST_S)
def take_snapshot() -> None:
    """Take the snapshot of this night. Beat calls this; it is done in the queue `long`."""
    with suppress(keeping.Busy):  # another worker is at it
        making.nightly(now=timezone.now())
