"""Celery entry points of alerts. Whatever they do is found again by the next one."""

from celery import shared_task
from django.utils import timezone

from . import channels, telling


@shared_task
def tell() -> None:
    """Each minute, by beat: close what bounces, and put what is due into the outbox."""
    channels.heed_bounces(now=timezone.now())
    telling.tell_what_is_due(now=timezone.now())
