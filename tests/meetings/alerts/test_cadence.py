"""Digests go once per local day, whatever clocks and members do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.alerts.cadence import NoZone, Rhythm, rhythm_of, zone
from meetings.alerts.models import Cadence, Schedule

ZONES = [
    "America/Los_Angeles",
    "America/New_York",
    "Australia/Lord_Howe",  # the clock is put forward by half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",  # left out 30 December 2011
    "Pacific/Kiritimati",
    "America/St_Johns",  # changed its clock one minute after midnight
    "Africa/Casablanca",
    "UTC",
]


def days_told(steps, cadence=Cadence.DAILY, told=None):
    """The days of the digests that go out when somebody looks at these (instant, rhythm)s."""
    days = []
    for at, rhythm in steps:
        if told is None:
            told = rhythm.day_of(cadence, at=at)
        elif rhythm.is_due(cadence, told=told, at=at):
            told = rhythm.day_of(cadence, at=at)
            days.append((told, at))
    return days


def each(minutes, begin, days):
    return [begin + timedelta(minutes=n) for n in range(0, days * 24 * 60, minutes)]


def test_a_daily_digest_goes_at_the_members_hour():
    rhythm = Rhythm(ZoneInfo("America/Los_Angeles"), hour=7)
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    told = days_told([(at, rhythm) for at in each(10, begin, 3)])
    assert [at for _day, at in told] == [
        datetime(2026, 11, 23, 15, tzinfo=UTC),
        datetime(2026, 11, 24, 15, tzinfo=UTC),
        datetime(2026, 11, 25, 15, tzinfo=UTC),
    ]


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 11, 1)])
def test_on_the_days_when_the_clock_changes_it_goes_once(hour, change):
    rhythm = Rhythm(ZoneInfo("America/New_York"), hour=hour)
    begin = datetime.combine(change - timedelta(2), datetime.min.time(), tzinfo=UTC)
    days = [day for day, _at in days_told([(at, rhythm) for at in each(5, begin, 5)])]
    assert days == [days[0] + timedelta(n) for n in range(len(days))]
    assert days.count(change) == 1


def test_an_hour_that_the_clock_leaves_out_comes_an_hour_later():
    rhythm = Rhythm(ZoneInfo("America/New_York"), hour=2)
    assert rhythm.opens_at(date(2026, 3, 8)) == datetime(2026, 3, 8, 7, tzinfo=UTC)  # 3:00 there


def test_an_hour_that_the_clock_shows_twice_is_the_first():
    rhythm = Rhythm(ZoneInfo("America/New_York"), hour=1)
    assert rhythm.opens_at(date(2026, 11, 1)) == datetime(2026, 11, 1, 5, tzinfo=UTC)


def test_a_day_that_a_country_left_out_has_no_digest():
    rhythm = Rhythm(ZoneInfo("Pacific/Apia"), hour=8)
    begin = datetime(2011, 12, 28, tzinfo=UTC)
    days = [day.day for day, _at in days_told([(at, rhythm) for at in each(15, begin, 5)])]
    assert days == [28, 29, 31, 1, 2]


def test_29_february_is_a_day_like_any_other():
    rhythm = Rhythm(ZoneInfo("America/Los_Angeles"), hour=7)
    begin = datetime(2028, 2, 28, tzinfo=UTC)
    days = [day for day, _at in days_told([(at, rhythm) for at in each(30, begin, 3)])]
    assert days == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    weekly = Rhythm(ZoneInfo("America/Los_Angeles"), hour=7, weekday=1)  # 29 February is a Tuesday
    days = [
        day for day, _at in days_told([(at, weekly) for at in each(60, begin, 15)], Cadence.WEEKLY)
    ]
    assert days == [date(2028, 2, 29), date(2028, 3, 7)]


@pytest.mark.parametrize(
    ("there", "then"),
    [
        ("Pacific/Auckland", "Pacific/Honolulu"),  # the same day once more
        ("Pacific/Honolulu", "Pacific/Auckland"),  # a day is nearly skipped
        ("America/New_York", "Europe/Berlin"),
    ],
)
@pytest.mark.parametrize("moved_after", range(0, 49, 4))
def test_who_moves_is_told_once_for_each_day_and_misses_none_that_began(there, then, moved_after):
    begin = datetime(2026, 11, 22, tzinfo=UTC)
    before, after = Rhythm(ZoneInfo(there), hour=8), Rhythm(ZoneInfo(then), hour=8)
    moved = begin + timedelta(hours=moved_after)
    told = days_told([(at, before if at < moved else after) for at in each(30, begin, 6)])
    days = [day for day, _at in told]
    assert days == sorted(set(days))
    gaps = [later - sooner for (_, sooner), (_, later) in pairwise(told)]
    assert max(gaps) <= timedelta(hours=48)


def test_a_later_hour_of_the_same_day_is_no_second_digest():
    eight, noon = (Rhythm(ZoneInfo("Europe/Berlin"), hour=hour) for hour in (8, 12))
    told = eight.day_of(Cadence.DAILY, at=datetime(2026, 11, 23, 7, tzinfo=UTC))
    assert not noon.is_due(Cadence.DAILY, told=told, at=datetime(2026, 11, 23, 11, 30, tzinfo=UTC))
    assert noon.is_due(Cadence.DAILY, told=told, at=datetime(2026, 11, 24, 11, tzinfo=UTC))


def test_days_that_a_server_stood_still_make_one_digest():
    rhythm = Rhythm(ZoneInfo("UTC"), hour=8)
    stood = [datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 25, 9, tzinfo=UTC)]
    assert [day.day for day, _at in days_told([(at, rhythm) for at in stood])] == [25]


@given(
    at=st.integers(1_100_000_000, 2_200_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    name=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    cadence=st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]),
)
def test_what_is_told_is_due_again_when_its_next_day_opens_and_not_before(
    at, name, hour, weekday, cadence
):
    rhythm = Rhythm(ZoneInfo(name), hour, weekday)
    told = rhythm.day_of(cadence, at=at)
    assert rhythm.opens_at(told) <= at
    assert not rhythm.is_due(cadence, told=told, at=at)
    due = rhythm.opens_at(told + timedelta(7 if cadence is Cadence.WEEKLY else 1))
    assert due > at or rhythm.opens_at(told) == due  # a day that was left out shares its instant
    assert not rhythm.is_due(cadence, told=told, at=due - timedelta(seconds=1))
    if rhythm.opens_at(told) < due:
        assert rhythm.is_due(cadence, told=told, at=due)


def test_a_member_who_has_said_nothing_is_told_at_seven_where_the_site_is(settings):
    settings.TIME_ZONE = "America/Los_Angeles"
    assert rhythm_of(None) == Rhythm(ZoneInfo("America/Los_Angeles"), hour=7)
    assert rhythm_of(Schedule(time_zone="Atlantis/Lost", hour=9)) == Rhythm(ZoneInfo("UTC"), hour=9)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Nowhere/Land",
        "../../etc/passwd",
        "/etc/passwd",
        "a\0b",
        "UTC\n",
        "x" * 9999,
        "America",
        ".",
    ],
)
def test_what_names_no_zone_is_refused(name):
    with pytest.raises(NoZone):
        zone(name)
