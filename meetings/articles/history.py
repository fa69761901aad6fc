"""The history of an article: every version that readers saw, and how one differs from another.

It holds the article's own words, and none of what was said in the meeting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, zip_longest

from django.core.paginator import Page, Paginator

from . import versions
from .models import Article, ArticleVersion, Correction
from .versions import Difference

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Step:
    """A version, how it differs from the one before, and the decision that it came from."""

    version: ArticleVersion
    before: ArticleVersion | None
    differences: Sequence[Difference]
    correction: Correction | None


@dataclass(frozen=True, slots=True)
class History:
    """A page of an article's versions, newest first, and what they can be chosen by."""

    steps: list[Step]
    page: Page[ArticleVersion]
    numbers: list[tuple[int, datetime]]


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as one version had it. `is_machine`: as it was drafted, changed by nobody."""

    number: int
    text: str
    is_machine: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A whole version, to be read."""

    version: ArticleVersion
    headline: Written
    paragraphs: list[list[Written]]


def history(article: Article, *, page: int) -> History:
    """Five queries at most, however many versions there are. Raises EmptyPage."""
    public = article.versions.public().order_by("-number")
    numbers = list(public.values_list("number", "made_at"))
    pages = Paginator(public, PER_PAGE)
    pages.count = len(numbers)
    shown = pages.page(page)
    rows = list(shown)
    if rows:  # the last one of the page differs from the first one of the next
        rows += public.filter(number__lt=rows[-1].number)[:1]
    changing = article.corrections.changing().select_related("before", "version")
    corrections = list(changing.defer("before__sentences", "version__sentences"))
    return History(
        steps=[
            Step(
                version=one,
                before=before,
                differences=versions.differences(before, one) if before else (),
                correction=next((each for each in corrections if _is_of(each, one)), None),
            )
            for one, before in zip_longest(rows, rows[1:])
        ][: len(shown)],
        page=shown,
        numbers=numbers,
    )


def compared(article: Article, was: int, now: int) -> Step | None:
    """How one public version differs from another; None where there is no such one. Two queries.

    The older one comes first, in whichever order they are asked for.
    """
    public = article.versions.public()
    found = {one.number: one for one in public.filter(number__in=[was, now])}
    if not {was, now} <= found.keys():
        return None
    before, version = found[min(was, now)], found[max(was, now)]
    return Step(version, before, versions.differences(before, version), None)


def told(article: Article, number: int) -> Told | None:
    """A public version as a whole; None where there is no such one. Two queries."""
    version = article.versions.public().filter(number=number).first()
    if version is None:
        return None
    first = article.versions.order_by("number").first() or version
    drafted = _texts(first)

    def written(one: int, text: str) -> Written:
        return Written(one, text, is_machine=drafted.get(one) == text)

    return Told(
        version=version,
        headline=written(0, version.headline),
        paragraphs=[
            [written(one["id"], one["text"]) for one in sentences]
            for _paragraph, sentences in groupby(version.sentences, lambda one: one["paragraph"])
        ],
    )


def _is_of(correction: Correction, version: ArticleVersion) -> bool:
    before, after = correction.before, correction.version
    return bool(before and after and before.number < version.number <= after.number)


def _texts(version: ArticleVersion) -> dict[int, str]:
    return {0: version.headline} | {one["id"]: one["text"] for one in version.sentences}
