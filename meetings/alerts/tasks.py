"""Celery entry points of alerts. Whatever they do is found again by the next one."""

import random

from celery import shared_task
from django.utils import timezone

from . import channels, telling, webhooks


@shared_task
def tell() -> None:
    """Each minute, by beat: close what bounces, and put what is due into the outbox."""
    channels.heed_bounces(now=timezone.now())
    telling.tell_what_is_due(now=timezone.now())


@shared_task(soft_time_limit=240, time_limit=270)
def call_webhooks() -> None:
    """Each minute, by beat: send to members' own servers what is due."""
    webhooks.queue_calls(now=timezone.now())
    webhooks.call_what_is_due(clock=timezone.now, chance=random.random)
