"""Corrections, for anybody: what was decided about articles, as the public log tells it.

Of readers who reported something there is nothing here but when the first of them did.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from meetings.articles import public_log
from meetings.articles.models import Correction, Outcome
from memberships.gate.audience import public

from . import lists
from .articles import MOST
from .callers import CallerRequest
from .describing import Row, page_of
from .lists import AskedSince, ById

router = Router(tags=["Articles"])


class ChangePart(Schema):
    """A sentence whose words were changed."""

    sentence: int = Field(description="Its id; 0 is the headline.", examples=[310])
    before: str = Field(description="Empty: it was not there.", examples=["It costs 8 million."])
    after: str = Field(description="Empty: it was struck.", examples=["It costs 9 million."])
    url: str | None = Field(
        description="The sentence as it stands in the article; null where it was struck.",
        examples=["https://example.org/articles/18/council-approves-the-budget/#s310"],
    )


class CorrectionRow(Row):
    """A decision about an article, with its reason."""

    id: int = Field(examples=[6])
    article: int = Field(examples=[18])
    meeting: int = Field(examples=[42])
    outcome: str = Field(description=f"One of {', '.join(Outcome.values)}.", examples=["corrected"])
    reason: str = Field(examples=["The minutes say nine million."])
    reported_at: datetime | None = Field(description="Null: staff found it themselves.")
    decided_at: datetime
    decided_by: str | None = Field(examples=["Ada Lovelace"])
    changes: list[ChangePart] = Field(
        description="What was changed. Of an article that was withdrawn no words are told."
    )
    is_withdrawn: bool = Field(description="The article was withdrawn.", examples=[False])
    article_url: str
    url: str


class AskedCorrections(AskedSince):
    limit: int = Field(20, ge=1, le=MOST, description="Rows on a page.")
    article: ById = Field(None, description="The id of an article.")
    meeting: ById = Field(None, description="The id of a meeting.")


@router.get("/corrections", response=page_of(CorrectionRow), auth=None, summary="Corrections")
@public
def corrections(
    request: CallerRequest, asked: Annotated[AskedCorrections, Query()]
) -> HttpResponse:
    """What was decided about errors in articles. With `updated_since` all of an article about
    which something was decided since: what was told of it may be gone.
    """
    synced = lists.synced_until(asked)
    rows = Correction.objects.public().with_words()
    if asked.since is not None:
        decided = Correction.objects.filter(decided_at__gte=asked.since)
        rows = rows.filter(
            Q(article__in=decided.values("article"))
            | Q(article__meeting__in=lists.changed_since(asked.since))
        )
    if asked.article is not None:
        rows = rows.filter(article=asked.article)
    if asked.meeting is not None:
        rows = rows.filter(article__meeting=asked.meeting)
    page = lists.keyset(rows, asked, name="corrections", shown=_correction)
    return lists.answer(request, page, asked, CorrectionRow, synced=synced)


def _correction(correction: Correction) -> lists.Row:
    entry = public_log.entry(correction)
    article = entry.article
    return {
        "id": correction.pk,
        "article": article.pk,
        "meeting": article.meeting_id,
        "outcome": correction.outcome,
        "reason": correction.reason,
        "reported_at": correction.reported_at,
        "decided_at": correction.decided_at,
        "decided_by": correction.decided_by_name or None,
        "changes": [
            {
                "sentence": one.sentence,
                "before": one.was,
                "after": one.now,
                "url": _place(article.get_absolute_url(), one.sentence) if one.now else None,
            }
            for one in entry.differences
        ],
        "is_withdrawn": not entry.is_told,
        "article_url": lists.address_of(article.get_absolute_url()),
        "url": lists.address_of(correction.get_absolute_url()),
    }


def _place(path: str, sentence: int) -> str:
    address = lists.address_of(path)
    return f"{address}#s{sentence}" if sentence else address
