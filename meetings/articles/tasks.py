"""Celery entry points of articles."""

from celery import shared_task
from django.utils import timezone

from . import retention


@shared_task
def drop_addresses() -> None:
    """Daily, by beat: drop the addresses of readers who were answered long enough ago."""
    retention.drop_addresses(now=timezone.now())
