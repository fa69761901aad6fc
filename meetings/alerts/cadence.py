"""Cadence: how often a member wants to be told, and when the next message is due.

A digest belongs to a local day, and goes out once for it. So the day that was last told of is what
is remembered, and not an instant: a clock that is put back shows an hour twice and the day once,
and whoever moves to another time zone keeps the days that they have had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from .models import Cadence, Schedule


class NoZone(Exception):
    """This is the name of no time zone."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a member's digests go out: at an hour, and those of a week on a day, of their own."""

    zone: ZoneInfo
    hour: int
    weekday: int = 0
    """From Monday, 0, to Sunday, 6."""

    def opens_at(self, day: date) -> datetime:
        """When the digest of a local day is due, in UTC.

        An hour that the clock leaves out is taken by the time before the change, so it comes as
        much later as the clock was put forward. One that the clock shows twice is the first.
        """
        return datetime.combine(day, time(self.hour), tzinfo=self.zone).astimezone(UTC)

    def day_of(self, cadence: Cadence, *, at: datetime) -> date:
        """The newest local day whose digest is due at this instant, told or not."""
        day = at.astimezone(self.zone).date()
        if cadence is Cadence.WEEKLY:
            day -= timedelta((day.weekday() - self.weekday) % 7)
        step = timedelta(7 if cadence is Cadence.WEEKLY else 1)
        while self.opens_at(day) > at:
            day -= step
        return day

    def is_due(self, cadence: Cadence, *, told: date | None, at: datetime) -> bool:
        """Is a digest due that comes after the day that was `told` of last?

        Several days that were missed, by a server that stood still, make one digest.
        """
        return told is None or self.day_of(cadence, at=at) > told


def usual() -> Schedule:
    """When digests come of a member who has not said it: at seven, where the site is at home."""
    return Schedule(time_zone=settings.TIME_ZONE)


def rhythm_of(schedule: Schedule | None) -> Rhythm:
    """The hour and zone of a schedule. A zone that the tz database has lost is UTC."""
    schedule = schedule or usual()
    try:
        there = zone(schedule.time_zone)
    except NoZone:
        there = zone("UTC")
    return Rhythm(there, schedule.hour, schedule.weekday)


def zone(name: str) -> ZoneInfo:
    """The time zone of a name in the tz database ("America/Los_Angeles"). Raises NoZone.

    The name comes from a form: one that would be a path, or lead out of the database, is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NoZone from error
