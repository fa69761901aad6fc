"""Dropping the addresses of readers who reported an error: they are kept for the answer alone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from . import notices
from .models import ErrorReport


@transaction.atomic
def drop_addresses(*, now: datetime) -> int:
    """Drop those that were answered long enough ago, or wait too long; say how many.

    The mail that answered goes with the address. What was reported stays, and names nobody.
    """
    answered = now - timedelta(days=settings.REPORT_ADDRESS_DAYS)
    oldest = now - timedelta(days=settings.REPORT_ADDRESS_MAX_DAYS)
    rows = ErrorReport.objects.exclude(email="")
    due = rows.filter(Q(closed_at__lte=answered) | Q(created_at__lte=oldest))
    numbers = list(due.oldest_first().select_for_update().values_list("pk", flat=True))
    ErrorReport.objects.filter(pk__in=numbers).update(email="")
    for number in numbers:
        notices.forget(number, now=now)
    return len(numbers)
