"""What happens to memberships by itself."""

from celery import shared_task
from django.utils import timezone

from . import periods


@shared_task
def end_what_ran_out() -> None:
    """Hourly, by beat: end the memberships whose period is over."""
    periods.end_what_ran_out(now=timezone.now())
