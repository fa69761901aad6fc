"""Celery entry points of clips: files are made in the worker, and litter is removed."""

from celery import shared_task
from django.utils import timezone

from . import files, orders, sounding
from .models import Rendering

LONGEST_S = 4 * 3600


@shared_task
def make_waiting() -> None:
    """Make the files that take seconds. Beat calls this each minute; who asks nudges it."""
    while (row := orders.claim(now=timezone.now(), among=orders.QUICK)) is not None:
        orders.run(row)


@shared_task(soft_time_limit=LONGEST_S - 60, time_limit=LONGEST_S)
def make_long() -> None:
    """The same for what is encoded as a whole. It is done in the queue `long`."""
    while (row := orders.claim(now=timezone.now(), among=orders.LONG)) is not None:
        orders.run(row)


@shared_task
def sweep() -> None:
    """Remove files that belong to no clip, and see that public ones have their sound. Beat calls
    this each hour. What the podcast lacked stands there as of when it was cut.
    """
    files.sweep()
    for clip in sounding.lacking(now=timezone.now()):
        orders.ask(clip=clip, kinds=[Rendering.Kind.AUDIO], now=clip.created_at)
