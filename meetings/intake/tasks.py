"""Celery entry points of intake."""

from celery import shared_task
from django.utils import timezone

from . import arrivals, steps

LONGEST_S = 24 * 3600


@shared_task
def take_up_waiting() -> None:
    """Do the steps that wait, one after another. Beat calls this each minute; imports nudge it."""
    while (step := steps.claim(now=timezone.now())) is not None:
        steps.run(step)


@shared_task(soft_time_limit=LONGEST_S - 60, time_limit=LONGEST_S)
def take_up_long() -> None:
    """The same for what may take hours, uploads first. It has a queue of its own, `long`."""
    arrivals.take_in()
    steps.wake()
    while (step := steps.claim(now=timezone.now(), among=steps.long_ones())) is not None:
        steps.run(step)
