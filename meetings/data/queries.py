"""What feeds and sitemaps are made of: rows that anybody may see, and when each last changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import (
    DateTimeField,
    Exists,
    F,
    Max,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Greatest

from meetings.articles.models import Article, Evidence, Sentence
from meetings.clips import sounding
from meetings.clips.models import Clip, ClipSpan, Rendering
from meetings.records.models import Body, Change, Place

M = TypeVar("M", bound=Model)

ENTRIES = 50
IN_A_FILE = 50_000
"""Addresses in one file of a sitemap at most (sitemaps.org, "Sitemap file limits")."""
NEWS_MOST = 1_000
NEWS_FOR = timedelta(days=2)


def articles(*, body: Body | None = None, place: Place | None = None) -> QuerySet[Article]:
    """Published articles, whole and the newest first. Three queries."""
    rows = Article.objects.published()
    if body is not None:
        rows = rows.filter(meeting__body=body)
    if place is not None:
        rows = rows.filter(meeting__body__place__in=Place.objects.within(place))
    return _whole(rows)[:ENTRIES]


def articles_among(found: Collection[int]) -> QuerySet[Article]:
    """The same of those with these ids."""
    return _whole(Article.objects.published().filter(pk__in=found))[:ENTRIES]


def _whole(rows: QuerySet[Article]) -> QuerySet[Article]:
    in_time = Prefetch("evidence", Evidence.objects.order_by("start_ms", "id"))
    lines = Sentence.objects.order_by("paragraph", "position").prefetch_related(in_time)
    whole = rows.select_related("meeting__body__place")
    return whole.prefetch_related(Prefetch("sentences", lines)).order_by("-published_at", "-id")


def newest_change() -> datetime | None:
    """When anything public was last changed. By number, because of times there is no index."""
    row = Change.objects.order_by("-pk").only("created_at").first()
    return row.created_at if row else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one range of ids, which never moves: file `number` of a sitemap."""

    number: int
    changed_at: datetime | None = None

    @property
    def ids(self) -> tuple[int, int]:
        return (self.number - 1) * IN_A_FILE + 1, self.number * IN_A_FILE


def stretches(rows: QuerySet[M], changed: str | None) -> list[Stretch]:
    """The ranges in which there are rows, each with the newest value of the field `changed`."""
    grouped = rows.order_by().values(stretch=(F("pk") - 1) / IN_A_FILE + 1)
    newest = Max(changed) if changed else Value(None, DateTimeField())
    found = grouped.annotate(newest=newest).order_by("stretch").values_list("stretch", "newest")
    return [Stretch(number, at) for number, at in found]


def within(rows: QuerySet[M], stretch: Stretch) -> QuerySet[M]:
    """The rows of a range, in the order of their ids."""
    return rows.filter(pk__range=stretch.ids).order_by("pk")


def public_articles() -> QuerySet[Article]:
    """Published articles, each with `changed_at`."""
    return Article.objects.published().annotate(changed_at=Greatest("updated_at", "published_at"))


def newest_articles(*, now: datetime) -> QuerySet[Article]:
    """What was published in the last two days: news, as those who list them define it."""
    return (
        public_articles()
        .filter(published_at__gt=now - NEWS_FOR, published_at__lte=now)
        .order_by("-published_at", "-pk")[:NEWS_MOST]
    )


def public_clips(*, now: datetime) -> QuerySet[Clip]:
    """Clips that may be named to anybody, each with `is_pictured`: its poster is there."""
    ends = Rendering.objects.ready().filter(clip=OuterRef("pk"), kind=Rendering.Kind.ENDS)
    pictured = Exists(ends.exclude(file_name="")) | Q(recording__has_poster=True)
    return Clip.objects.listed(at=now).with_source().annotate(is_pictured=pictured)


def sounding_clips(*, now: datetime) -> list[Rendering]:
    """The sound of public clips, each with its clip and spans; who became public last is first.

    Two queries.
    """
    spans = Prefetch("clip__spans", ClipSpan.objects.order_by("position"))
    rows = (
        Rendering.objects.ready()
        .filter(kind=Rendering.Kind.AUDIO, clip__in=Clip.objects.listed(at=now))
        .select_related("clip__meeting__body")
        .prefetch_related(spans)
        .order_by("-asked_at", "-pk")[: sounding.NEWEST]
    )
    newest: dict[int, Rendering] = {}
    for row in rows:  # two of one clip are there while the newer takes the place of the older
        newest.setdefault(row.clip_id, row)
    return list(newest.values())


def changes_by_stretch() -> dict[int, datetime]:
    """The newest change of any meeting in each range."""
    grouped = Change.objects.order_by().values(stretch=(F("meeting_id") - 1) / IN_A_FILE + 1)
    return dict(grouped.annotate(newest=Max("created_at")).values_list("stretch", "newest"))


def changes_within(stretch: Stretch) -> dict[int, datetime]:
    """The newest change of each meeting of a range."""
    grouped = Change.objects.filter(meeting_id__range=stretch.ids).order_by().values("meeting_id")
    return dict(grouped.annotate(newest=Max("created_at")).values_list("meeting_id", "newest"))


def changes_by_body() -> dict[int, datetime]:
    """The newest change of any meeting of each body. One query; the log has no foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT meeting.body_id, max(change.created_at) FROM meetings_change AS change"
            " JOIN meetings_meeting AS meeting ON meeting.id = change.meeting_id GROUP BY 1"
        )
        return dict(cursor.fetchall())


def changes_by_place() -> dict[int, datetime]:
    """The same for each place with all that lies in it. Three queries."""
    of_body = changes_by_body()
    above = dict(Place.objects.values_list("pk", "parent_id"))
    newest: dict[int, datetime] = {}
    for body, place in Body.objects.values_list("pk", "place_id"):
        at, around, seen = of_body.get(body), place, set[int]()
        while at and around and around not in seen:  # a circle would have no end
            seen.add(around)
            newest[around] = max(at, newest.get(around, at))
            around = above.get(around) or 0
    return newest
