"""The queue of articles on the desk: what waits, for what, and since when."""

from enum import StrEnum
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Least

from .models import Article, ArticleQuerySet, Check, ErrorReport, Sentence, State


class Tab(StrEnum):
    """What an article in the queue waits for."""

    REVIEW = "review"
    AGAIN = "again"
    """Published, and something happened since: words were changed, or a reader reports an error."""
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


def queue(tab: Tab) -> QuerySet[Article]:
    """Articles with their source and what is to be seen of each: those that waited longest first.

    Each has `waits_since`, `sentence_count`, `accepted_count`, `failed_count`, `stale_count` and
    `report_count`.
    """
    sentences = Sentence.objects.filter(article=OuterRef("pk"))
    stale = sentences.filter(stale_since__isnull=False)
    checks = Check.objects.failed().filter(sentence__article=OuterRef("pk"))
    reports = ErrorReport.objects.open().filter(article=OuterRef("pk"))
    shown = (
        _of(tab)
        .with_source()
        .annotate(
            sentence_count=_count(sentences),
            accepted_count=_count(sentences.filter(accepted_at__isnull=False, stale_since=None)),
            failed_count=_count(checks, "sentence__article"),
            stale_count=_count(stale),
            report_count=_count(reports),
        )
    )
    if tab is Tab.REVIEW:
        return shown.annotate(waits_since=F("created_at")).order_by("created_at", "id")
    if tab is Tab.AGAIN:
        since = Least(_first(stale, "stale_since"), _first(reports, "created_at"))
        return shown.annotate(waits_since=since).order_by("waits_since", "id")
    return shown.annotate(waits_since=F("published_at")).order_by(
        F("published_at").desc(nulls_last=True), "-id"
    )


def count(tab: Tab) -> int:
    """How many articles are in this part of the queue."""
    return _of(tab).count()


def _of(tab: Tab) -> ArticleQuerySet:
    rows: ArticleQuerySet = Article.objects.all()
    if tab is Tab.REVIEW:
        return rows.unpublished()
    if tab is Tab.WITHDRAWN:
        return rows.filter(state=State.WITHDRAWN)
    published = rows.filter(state=State.PUBLISHED)
    if tab is Tab.PUBLISHED:
        return published
    stale = Sentence.objects.filter(article=OuterRef("pk"), stale_since__isnull=False)
    reports = ErrorReport.objects.open().filter(article=OuterRef("pk"))
    return published.filter(Q(Exists(stale)) | Q(Exists(reports)))


def _count(rows: QuerySet[Any], by: str = "article") -> Coalesce:
    """`Any`: rows of whatever belongs to an article."""
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _first(rows: QuerySet[Any], name: str) -> Subquery:
    return Subquery(rows.order_by(name).values(name)[:1])
