"""The guarantee's end: the last instant of its last day, anywhere on Earth."""

from datetime import date, datetime, time, timedelta, timezone

from django.utils.formats import date_format
from django.utils.translation import gettext as _

# Where a day ends last: PostgreSQL and the tz database call it Etc/GMT+12, their signs turned.
LAST_ON_EARTH = timezone(timedelta(hours=-12), "Etc/GMT+12")


def ends_at(paid_at: datetime, *, days: int) -> datetime:
    """Until when, inclusive, money can be asked back; at least `days` times 24 hours later.

    The day of the payment, as it was in the last zone on Earth, is day 0. There is no summer time
    in this rule, and PostgreSQL reckons the same:
    `((paid_at AT TIME ZONE 'Etc/GMT+12')::date + days + 1)::timestamp AT TIME ZONE 'Etc/GMT+12'`.
    """
    paid_on = paid_at.astimezone(LAST_ON_EARTH).date()
    return datetime.combine(paid_on + timedelta(days=days + 1), time(), LAST_ON_EARTH)


def last_day(until: datetime) -> date:
    """The date to print: on all of this day, in any time zone, the guarantee still holds."""
    return (until.astimezone(LAST_ON_EARTH) - timedelta(microseconds=1)).date()


def said(until: datetime) -> str:
    """Until when, in words: "until December 23, 2026, any time zone"."""
    return _("until %(day)s, any time zone") % {"day": date_format(last_day(until), "DATE_FORMAT")}
