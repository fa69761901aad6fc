"""Celery entry points of intake."""

from celery import shared_task
from django.utils import timezone

from . import steps


@shared_task
def take_up_waiting() -> None:
    """Do the steps that wait, one after another. Beat calls this each minute; imports nudge it."""
    while (step := steps.claim(now=timezone.now())) is not None:
        steps.run(step)
