"""A month of meetings as a calendar, and the months before and after it that have any."""

from __future__ import annotations

from calendar import Calendar, monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Q, QuerySet

from meetings.records.models import Meeting

MOST = 500
"""Meetings of a month that are shown; the lists of the bodies have all of them."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day in a week of the calendar."""

    on: date
    is_inside: bool
    """Whether it lies in the month that is shown."""
    meetings: list[Meeting]


@dataclass(frozen=True, slots=True)
class Month:
    """A month that has meetings, by weeks that begin on Sunday."""

    first: date
    weeks: list[list[Day]]
    count: int
    before: date | None
    """The nearest month before this one that has a meeting."""
    after: date | None

    @property
    def weekdays(self) -> list[date]:
        """Seven days that give their names to the columns."""
        return [day.on for day in self.weeks[0]]


def month_of(meetings: QuerySet[Meeting], *, asked: date | None, today: date) -> Month | None:
    """The month that was asked for, else the one nearest to today that is not in the future.

    None where there are no meetings, or none in the month that was asked for. Two or three queries.
    """
    first = asked or _usual(meetings, today)
    if first is None:
        return None
    first = first.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    rows = meetings.filter(held_on__range=(first, last)).select_related("body")
    shown = list(rows.order_by("held_on", "body__sort_name", "pk")[:MOST])
    if not shown:
        return None
    by_day: dict[date, list[Meeting]] = {}
    for meeting in shown:
        by_day.setdefault(meeting.held_on, []).append(meeting)
    around = meetings.order_by().aggregate(
        before=Max("held_on", filter=Q(held_on__lt=first)),
        after=Min("held_on", filter=Q(held_on__gt=last)),
    )
    weeks = [
        [Day(on, on.month == first.month, by_day.get(on, [])) for on in week]
        for week in _weeks(first)
    ]
    return Month(first, weeks, len(shown), around["before"], around["after"])


def _weeks(first: date) -> list[list[date]]:
    """Whole weeks. At the ends of the calendar that Python knows, only days that there are."""
    try:
        return Calendar(firstweekday=6).monthdatescalendar(first.year, first.month)
    except OverflowError:
        number = monthrange(first.year, first.month)[1]
        return [[first + timedelta(days=day) for day in range(number)]]


def _usual(meetings: QuerySet[Meeting], today: date) -> date | None:
    found = meetings.order_by().aggregate(
        past=Max("held_on", filter=Q(held_on__lte=today)), coming=Min("held_on")
    )
    nearest: date | None = found["past"] or found["coming"]
    return nearest
