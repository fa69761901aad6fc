"""Coverage: of each body, how many of its meetings are here, how far they are, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast, TruncMonth

from meetings.articles.models import Article
from meetings.media.models import Recording
from meetings.records.models import Body, Meeting
from meetings.transcripts.models import Transcript

SHOWN_MONTHS = 24
MONTHS_MOST = 120
BAR, GAP, HEIGHT = 9, 3, 40
_COUNTED = ("known", "recorded", "transcribed", "reviewed", "summarised")


class _Median(Aggregate):
    """The value in the middle (PostgreSQL's percentile_cont)."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


class Gap(NamedTuple):
    """Months on end in which we know of no meeting, from the first to the last."""

    first: date
    last: date


class Month(NamedTuple):
    """The meetings of a body in a month, and how many of them have their words here."""

    first: date
    known: int
    transcribed: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A month in the chart: its frame is what is known, filled as far as it is transcribed."""

    month: Month
    x: int
    known: float
    """Heights, of `HEIGHT` at most."""
    transcribed: float

    @property
    def known_y(self) -> float:
        return HEIGHT - self.known

    @property
    def transcribed_y(self) -> float:
        return HEIGHT - self.transcribed


@dataclass(frozen=True, slots=True)
class Covered:
    """What is here of one body."""

    body: Body
    known: int
    recorded: int
    transcribed: int
    reviewed: int
    summarised: int
    lag_days: int | None
    """Between the day of a meeting and its publication: half of them took longer, half did not."""
    first_on: date | None
    last_on: date | None
    published_at: datetime | None
    """When a meeting of it last came before the public."""
    months: list[Month]
    """Every month from the first meeting to the last, those without one included."""
    today: date

    @property
    def missing(self) -> list[Month]:
        """Months between the first meeting and the last, and over, in which we know of none."""
        now = self.today.replace(day=1)
        return [month for month in self.months if not month.known and month.first < now]

    @property
    def gaps(self) -> list[Gap]:
        """The missing months, those that follow each other as one."""
        found: list[Gap] = []
        for month in self.missing:
            if found and _number(found[-1].last) + 1 == _number(month.first):
                found[-1] = Gap(found[-1].first, month.first)
            else:
                found.append(Gap(month.first, month.first))
        return found

    @property
    def bars(self) -> list[Bar]:
        """The chart's months, the last ones."""
        shown = self.months[-SHOWN_MONTHS:]
        most = max((month.known for month in shown), default=0) or 1
        return [
            Bar(
                month,
                place * (BAR + GAP),
                month.known / most * (HEIGHT - 1),
                month.transcribed / most * (HEIGHT - 1),
            )
            for place, month in enumerate(shown)
        ]

    @property
    def width(self) -> int:
        return len(self.bars) * (BAR + GAP)

    @property
    def most(self) -> int:
        """The meetings of the fullest month in the chart."""
        return max((month.known for month in self.months[-SHOWN_MONTHS:]), default=0)


def coverage(*, today: date) -> list[Covered]:
    """All bodies by place and name, those without a meeting included. Three queries.

    A month that is not over yet is not missing.
    """
    facts = {row["body"]: row for row in _facts()}
    months = _months()
    bodies = Body.objects.select_related("place")
    return [
        _covered(body, facts.get(body.pk, {}), months.get(body.pk, {}), today)
        for body in bodies.order_by("place__sort_name", "place_id", "sort_name", "id")
    ]


def _covered(
    body: Body, facts: Mapping[str, Any], months: Mapping[date, Month], today: date
) -> Covered:
    lag: timedelta | None = facts.get("lag")
    return Covered(
        body=body,
        **{name: facts.get(name, 0) for name in _COUNTED},
        lag_days=None if lag is None else max(round(lag / timedelta(days=1)), 0),
        first_on=facts.get("first_on"),
        last_on=facts.get("last_on"),
        published_at=facts.get("newest"),
        months=_without_holes(months),
        today=today,
    )


def _without_holes(months: Mapping[date, Month]) -> list[Month]:
    """Every month from the first to the last, but not more than ten years of them."""
    if not months:
        return []
    numbers = [_number(first) for first in months]
    newest = max(numbers)
    oldest = max(min(numbers), newest - MONTHS_MOST + 1)
    every = (date(number // 12, number % 12 + 1, 1) for number in range(oldest, newest + 1))
    return [months.get(first, Month(first, 0, 0)) for first in every]


def _number(first: date) -> int:
    return first.year * 12 + first.month - 1


def _standing() -> QuerySet[Meeting]:
    """Meetings that are before the public, each with how far it is."""
    of_meeting = OuterRef("pk")
    spoken = Transcript.objects.filter(meeting=of_meeting, is_current=True)
    rows = Meeting.objects.in_public().order_by()
    return rows.annotate(
        is_recorded=Exists(Recording.objects.current().ready().filter(meeting=of_meeting)),
        is_transcribed=Exists(spoken),
        is_reviewed=Exists(spoken.filter(reviewed_at__isnull=False)),
        is_summarised=Exists(Article.objects.published().filter(meeting=of_meeting)),
    )


def _facts() -> Iterable[Mapping[str, Any]]:
    """One row for each body that has a meeting (`Any`: as the database counts them)."""
    midnight = Cast("held_on", DateTimeField())
    took = ExpressionWrapper(F("published_at") - midnight, output_field=DurationField())
    grouped = _standing().values("body")
    return grouped.annotate(
        known=Count("pk"),
        recorded=Count("pk", filter=Q(is_recorded=True)),
        transcribed=Count("pk", filter=Q(is_transcribed=True)),
        reviewed=Count("pk", filter=Q(is_reviewed=True)),
        summarised=Count("pk", filter=Q(is_summarised=True)),
        lag=_Median(took),
        first_on=Min("held_on"),
        last_on=Max("held_on"),
        newest=Max("published_at"),
    )


def _months() -> Mapping[int, Mapping[date, Month]]:
    """For each body the months that have a meeting."""
    grouped = _standing().values("body", first=TruncMonth("held_on"))
    rows = grouped.annotate(
        known=Count("pk"), transcribed=Count("pk", filter=Q(is_transcribed=True))
    )
    found: dict[int, dict[date, Month]] = {}
    for row in rows:
        month = Month(row["first"], row["known"], row["transcribed"])
        found.setdefault(row["body"], {})[month.first] = month
    return found
