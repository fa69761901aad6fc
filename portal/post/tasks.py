"""Celery entry points of the outbox."""

import random

from celery import shared_task
from django.utils import timezone

from . import retention, rounds


@shared_task(soft_time_limit=270, time_limit=300)
def send_due() -> None:
    """Send what is due. Beat calls this each minute; whoever queues a mail nudges it.

    A round takes half a minute, and the mail at hand at most a few network timeouts more. The limit
    is for a server that answers one byte at a time; it lies well within the lease of a mail.
    """
    rounds.send_what_is_due(clock=timezone.now, chance=random.random)


@shared_task
def empty_old() -> None:
    """Daily, by beat: drop the words of mail that was kept long enough."""
    retention.empty_old(now=timezone.now())
