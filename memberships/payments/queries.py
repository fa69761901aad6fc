"""How the sales stand: what waits for a person, and the figures of the month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import timezone

from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Refund

from .models import StripeEvent

WEEKS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """So many of something, and their sum in minor units of one currency."""

    count: int
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Months and weeks are those of the site's time zone. Currencies are never added up.

    `sales_…` are payments that came, whatever became of them; `refunds` arrived this month.
    `oldest_event` is when the oldest event came that nobody has looked into.
    """

    members: int
    sales_this_month: tuple[Sums, ...]
    sales_last_month: tuple[Sums, ...]
    refunds: tuple[Sums, ...]
    oldest_event: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """A week from Monday on: whose membership began in it, and refunds that arrived in it."""

    begins_on: date
    new_members: int
    refunds: int


def figures(*, now: datetime) -> Figures:
    """Four queries."""
    this_month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    sold: dict[date, list[Sums]] = {this_month.date(): [], last_month.date(): []}
    months = (
        Purchase.objects.bought()
        .filter(paid_at__gte=last_month)
        .annotate(month=TruncMonth("paid_at"))
        .values("month", "currency")
        .annotate(count=Count("pk"), amount=Sum("amount_total"))
        .order_by("month", "currency")
    )
    for month, currency, count, amount in months.values_list(
        "month", "currency", "count", "amount"
    ):
        # Stripe's clock may be ahead of ours, and of the month.
        day = min(month.date(), this_month.date())
        sold[day].append(Sums(count=count, amount=amount, currency=currency))
    refunds = (
        Refund.objects.succeeded()
        .filter(settled_at__gte=this_month)
        .values("purchase__currency")
        .annotate(count=Count("pk"), amount=Sum("amount"))
        .order_by("purchase__currency")
    )
    waiting = StripeEvent.objects.filter(state__in=["received", "processing"])
    return Figures(
        members=Membership.objects.running(at=now).count(),
        sales_this_month=tuple(sold[this_month.date()]),
        sales_last_month=tuple(sold[last_month.date()]),
        refunds=tuple(
            Sums(count=row["count"], amount=row["amount"], currency=row["purchase__currency"])
            for row in refunds
        ),
        oldest_event=waiting.order_by("received_at").values_list("received_at", flat=True).first(),
    )


def weeks(*, now: datetime) -> list[Week]:
    """The last twelve weeks, this one included, the oldest first. Two queries."""
    today = timezone.localtime(now).date()
    this_week = today - timedelta(days=today.weekday())
    begins = [this_week - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    since = timezone.make_aware(datetime.combine(begins[0], datetime.min.time()))
    began = _by_week(Membership.objects.filter(started_at__gte=since), "started_at")
    arrived = _by_week(Refund.objects.succeeded().filter(settled_at__gte=since), "settled_at")
    return [
        Week(begins_on=day, new_members=began.get(day, 0), refunds=arrived.get(day, 0))
        for day in begins
    ]


def _by_week(rows: QuerySet[Membership] | QuerySet[Refund], moment: str) -> dict[date, int]:
    counted: Iterable[tuple[datetime, int]] = (
        rows.annotate(week=TruncWeek(moment))
        .values("week")
        .annotate(count=Count("pk"))
        .values_list("week", "count")
    )
    return {week.date(): count for week, count in counted}
