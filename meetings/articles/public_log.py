"""The public log: every decision about an article, with the words before and after.

It holds words of articles and of staff only: nothing of what readers wrote, nothing of transcripts.
Of an article that was withdrawn it says that, when and why, and none of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Aggregate, DurationField, ExpressionWrapper, F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import versions
from .models import Article, Correction
from .versions import Difference

PER_PAGE = 20
IN_FEED = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as the log shows it. `is_told`: the article's own words may be shown."""

    correction: Correction
    differences: Sequence[Difference]
    is_told: bool

    @property
    def article(self) -> Article:
        return self.correction.article

    @property
    def took(self) -> str:
        """How long it took to decide, in words; "" where nobody had reported anything."""
        took = self.correction.took
        return "" if took is None else lasting(took)


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log. `median` is "" before any report was answered."""

    entries: list[Entry]
    page: Page[Correction]
    median: str


class Median(Aggregate):
    """The middle one of all values, as PostgreSQL interpolates it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def log(*, page: int) -> Log:
    """Three queries, however much there is. Raises EmptyPage."""
    rows = Correction.objects.public()
    shown = Paginator(rows.with_words().latest_first(), PER_PAGE).page(page)
    waited = ExpressionWrapper(F("decided_at") - F("reported_at"), output_field=DurationField())
    answered = rows.filter(reported_at__isnull=False)
    median = answered.aggregate(median=Median(waited))["median"]
    return Log(
        entries=[entry(one) for one in shown],
        page=shown,
        median="" if median is None else lasting(median),
    )


def newest() -> list[Entry]:
    """What the feed tells. One query."""
    rows = Correction.objects.public().with_words().latest_first()
    return [entry(one) for one in rows[:IN_FEED]]


def of_article(article: Article) -> list[Entry]:
    """The corrections of an article that is public, newest first. One query."""
    rows = article.corrections.changing().select_related("before", "version").latest_first()
    return [Entry(one, _differences(one), is_told=True) for one in rows]


def entry(correction: Correction) -> Entry:
    """A decision with what it changed. It comes `with_words`, or asks for them."""
    is_told = not correction.article.is_withdrawn
    return Entry(correction, _differences(correction) if is_told else (), is_told)


def by_sentence(entries: Iterable[Entry]) -> dict[int, Correction]:
    """The newest correction of each sentence that one changed, by the sentence's id."""
    found: dict[int, Correction] = {}
    for one in entries:
        for difference in one.differences:
            found.setdefault(difference.sentence, one.correction)
    return found


def lasting(time: timedelta) -> str:
    """A length of time as one says it: in hours on the first two days, then in days."""
    hours = round(time.total_seconds() / 3600)
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("%d hour", "%d hours", hours) % hours
    days = round(hours / 24)
    return ngettext("%d day", "%d days", days) % days


def _differences(correction: Correction) -> Sequence[Difference]:
    if correction.before is None or correction.version is None:
        return ()
    return versions.differences(correction.before, correction.version)
