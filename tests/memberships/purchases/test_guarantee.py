"""Until when money can be asked back. Numbers in names are rows of the matrix."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import DateTimeField, Func
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from memberships.models import Purchase
from memberships.purchases import guarantee
from tests.memberships.factories import PaidPurchaseFactory, RefundFactory

TICK = timedelta(microseconds=1)
ZONES = ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Europe/Berlin"]
BY_POSTGRESQL = """
SELECT ((%s::timestamptz AT TIME ZONE 'Etc/GMT+12')::date + %s + 1)::timestamp
    AT TIME ZONE 'Etc/GMT+12'
"""


class EveryInstant(TestCase):
    """Python and PostgreSQL reckon alike, in any zone, on any day."""

    @given(
        local=st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - placed below
        zone=st.sampled_from(ZONES),
        days=st.integers(1, 365),
    )
    @example(local=datetime(2026, 3, 8, 2, 30), zone="America/New_York", days=30)  # noqa: DTZ001 - not there
    @example(local=datetime(2026, 11, 1, 1, 30), zone="America/New_York", days=30)  # noqa: DTZ001 - twice there
    @example(local=datetime(2026, 12, 31, 23, 59, 59, 999_999), zone="UTC", days=30)  # noqa: DTZ001 - year's end
    @example(local=datetime(2027, 1, 1, 11, 59, 59, 999_999), zone="UTC", days=30)  # noqa: DTZ001 - still 2026
    @example(local=datetime(2028, 2, 29, 12), zone="UTC", days=365)  # noqa: DTZ001 - leap day
    def test_row_22_python_and_postgresql_agree(self, local, zone, days):
        paid_at = local.replace(tzinfo=ZoneInfo(zone))
        until = guarantee.ends_at(paid_at, days=days)
        with connection.cursor() as cursor:
            cursor.execute(BY_POSTGRESQL, [paid_at.astimezone(UTC), days])
            assert cursor.fetchone()[0] == until
        lasts = until - paid_at.astimezone(UTC)
        assert timedelta(days=days) < lasts <= timedelta(days=days + 1)


@pytest.mark.parametrize(
    ("paid_at", "until", "day"),
    [
        (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "2026-12-23T12:00", date(2026, 12, 22)),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "2026-12-24T12:00", date(2026, 12, 23)),
        (datetime(2026, 11, 23, 11, 59, 59, tzinfo=UTC), "2026-12-23T12:00", date(2026, 12, 22)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "2027-01-31T12:00", date(2027, 1, 30)),
    ],
)
def test_row_22_guarantee_ends_with_day_30_anywhere_on_earth(paid_at, until, day):
    ends_at = guarantee.ends_at(paid_at, days=30)
    assert ends_at.astimezone(UTC).isoformat().startswith(until)
    assert guarantee.last_day(ends_at) == day
    assert guarantee.last_day(ends_at + TICK) == day + timedelta(days=1)


@pytest.mark.parametrize(("off", "in_time"), [(-TICK, True), (timedelta(0), True), (TICK, False)])
@pytest.mark.django_db
def test_row_22_last_instant_counts(off, in_time):
    purchase = PaidPurchaseFactory()
    at = purchase.refundable_until + off
    assert Purchase.objects.within_guarantee(at=at).exists() is in_time
    assert Purchase.objects.refundable_by_member(at=at).exists() is in_time


@pytest.mark.parametrize(("off", "in_time"), [(-TICK, False), (timedelta(0), True), (TICK, True)])
@pytest.mark.django_db
def test_rows_22_and_54_the_databases_clock_decides_inclusively(off, in_time, monkeypatch):
    """`CURRENT_TIMESTAMP` stands still in a transaction, so that the last instant can be met."""
    standing = Func(template="CURRENT_TIMESTAMP", output_field=DateTimeField())
    monkeypatch.setattr("memberships.purchases.models.purchase.Now", lambda: standing)
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        now = cursor.fetchone()[0]
    PaidPurchaseFactory(paid_at=now - timedelta(days=31), refundable_until=now + off)
    assert Purchase.objects.within_guarantee().exists() is in_time


@pytest.mark.django_db
def test_row_54_the_clock_of_this_machine_is_not_asked(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2100, 1, 1, tzinfo=UTC))
    PaidPurchaseFactory(
        paid_at=datetime.now(UTC), refundable_until=datetime.now(UTC) + timedelta(days=1)
    )
    assert Purchase.objects.within_guarantee().exists()
    assert not Purchase.objects.past_expiry().exists()


@pytest.mark.django_db
def test_row_23_time_of_the_request_counts_not_that_of_the_work():
    purchase = PaidPurchaseFactory()
    asked = RefundFactory(
        purchase=purchase, requested_at=purchase.refundable_until - timedelta(seconds=1)
    )
    done = purchase.refundable_until + timedelta(days=1)
    assert not Purchase.objects.within_guarantee(at=done).exists()
    assert Purchase.objects.within_guarantee(at=asked.requested_at).get() == purchase


@pytest.mark.parametrize(
    "stands",
    [
        {"state": "refund_pending"},
        {"state": "refunded", "amount_refunded": 19_900},
        {"state": "disputed"},
        {"state": "charged_back"},
        {"amount_refunded": 19_900},
    ],
)
@pytest.mark.django_db
def test_only_what_is_paid_and_not_yet_returned_can_be_asked_back(stands):
    PaidPurchaseFactory(**stands)
    assert Purchase.objects.within_guarantee().exists()
    assert not Purchase.objects.refundable_by_member().exists()


@pytest.mark.django_db
def test_rest_of_a_partial_refund_can_be_asked_back():
    purchase = PaidPurchaseFactory(amount_refunded=5_000)
    assert (
        Purchase.objects.refundable_by_member().get().amount_left == 14_900 == purchase.amount_left
    )
