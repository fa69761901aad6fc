"""Celery entry points of media. Packaging is a step of intake and is taken up there."""

from celery import shared_task
from django.utils import timezone

from . import retention


@shared_task
def sweep() -> None:
    """Remove temporary files of workers that died. Beat calls this each hour."""
    retention.sweep(now=timezone.now())
