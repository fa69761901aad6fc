"""A month of meetings as a calendar, and the months before and after it that have any."""

from __future__ import annotations

from calendar import Calendar, monthrange
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, Q, QuerySet

from meetings.records.models import Meeting

MOST = 500
"""Meetings of a month that are shown; the lists of the bodies have all of them."""
WEEK = tuple(date(2023, 1, day) for day in range(1, 8))
"""Seven days from a Sunday on, whose names head the columns."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month that is shown."""

    on: date
    meetings: list[Meeting]


@dataclass(frozen=True, slots=True)
class Month:
    """A month, by weeks that begin on Sunday; None is a day of the month before or after it."""

    first: date
    weeks: list[list[Day | None]]
    count: int
    before: date | None
    """The nearest month before this one that has a meeting."""
    after: date | None

    @property
    def weekdays(self) -> tuple[date, ...]:
        """Seven days that give their names to the columns."""
        return WEEK

    @property
    def met(self) -> list[Day]:
        """The days that have a meeting."""
        return [day for week in self.weeks for day in week if day and day.meetings]


def month_of(meetings: QuerySet[Meeting], *, asked: date | None, today: date) -> Month | None:
    """The month that was asked for, else the one nearest to today that is not in the future.

    None where there are no meetings at all. Two or three queries.
    """
    first = asked or _usual(meetings, today)
    if first is None:
        return None
    first = first.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    rows = meetings.filter(held_on__range=(first, last)).select_related("body")
    shown = list(rows.order_by("held_on", "body__sort_name", "pk")[:MOST])
    by_day: dict[date, list[Meeting]] = {}
    for meeting in shown:
        by_day.setdefault(meeting.held_on, []).append(meeting)
    around = meetings.order_by().aggregate(
        before=Max("held_on", filter=Q(held_on__lt=first)),
        after=Min("held_on", filter=Q(held_on__gt=last)),
    )
    if not (shown or any(around.values())):
        return None
    # By numbers: no date stands before the year 1 or after 9999, where weeks begin or end outside.
    weeks = [
        [_day(first.replace(day=number), by_day) if number else None for number in week]
        for week in Calendar(firstweekday=6).monthdayscalendar(first.year, first.month)
    ]
    return Month(first, weeks, len(shown), around["before"], around["after"])


def _day(on: date, by_day: dict[date, list[Meeting]]) -> Day:
    return Day(on, by_day.get(on, []))


def _usual(meetings: QuerySet[Meeting], today: date) -> date | None:
    found = meetings.order_by().aggregate(
        past=Max("held_on", filter=Q(held_on__lte=today)), coming=Min("held_on")
    )
    nearest: date | None = found["past"] or found["coming"]
    return nearest
