"""Periods: what happens to a membership when its time is over."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from .models import Membership

BATCH = 500  # rows locked at a time


def end_what_ran_out(*, now: datetime) -> int:
    """End every membership whose period is over, and say how many those were.

    It may run at any time and beside itself: rows that another sweep holds are left to it.
    """
    ended = 0
    while True:
        with transaction.atomic():
            batch = list(
                Membership.objects.out_of_time(at=now)
                .order_by("pk")
                .select_for_update(skip_locked=True)
                .values_list("pk", flat=True)[:BATCH]
            )
            ended += run_out(batch)
        if len(batch) < BATCH:
            return ended


def run_out(ids: Iterable[int]) -> int:
    """End these, as of the instant that their period ended."""
    return (
        Membership.objects.filter(pk__in=ids)
        .live()
        .update(
            status=Membership.Status.ENDED,
            ended_at=F("lasts_until"),
            end_reason=Membership.EndReason.RAN_OUT,
        )
    )
