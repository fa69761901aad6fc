"""Celery entry points of payments."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from . import payloads, reconciliation, taking_up

HOURLY_LOOKS_BACK = timedelta(days=2)
DAILY_LOOKS_BACK = timedelta(days=30)  # as far as Stripe keeps its events


@shared_task(soft_time_limit=270, time_limit=300)
def take_up() -> None:
    """Look into events and send refunds that are due. Every 30 seconds, by beat; events nudge."""
    taking_up.take_up(clock=timezone.now)


@shared_task
def reconcile() -> None:
    """Hourly, by beat: ask Stripe for what was lost in the last two days, and take it up."""
    now = timezone.now()
    reconciliation.reconcile(since=now - HOURLY_LOOKS_BACK, now=now)
    taking_up.take_up(clock=timezone.now)


@shared_task
def reconcile_all() -> None:
    """Daily, by beat: the same for the last 30 days."""
    now = timezone.now()
    reconciliation.reconcile(since=now - DAILY_LOOKS_BACK, now=now)
    taking_up.take_up(clock=timezone.now)


@shared_task
def drop_old_payloads() -> None:
    """Daily, by beat: drop what Stripe said word for word, 13 months after it came."""
    payloads.drop_old(now=timezone.now())
