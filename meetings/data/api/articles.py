"""Articles and what they rest on, for anybody; the words behind them and insights, for members.

Visitors are told where the evidence lies, as on the article's page. What was said there is in
transcripts, which members read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from meetings.articles import queries
from meetings.articles.models import (
    Article,
    Check,
    Correction,
    Evidence,
    Insight,
    InsightKind,
    Sentence,
)
from meetings.records.models import Meeting, State
from meetings.transcripts import queries as transcripts
from memberships.gate.audience import public

from . import lists, problems
from .callers import CallerRequest, MemberToken
from .describing import FOR_ALL, FOR_MEMBERS, One, Row, page_of
from .lists import AskedSince, ById, Id

router = Router(tags=["Articles"])

MOST = 100


class EvidencePart(Schema):
    """Segments that a sentence rests on."""

    kind: str = Field(examples=["quotation"])
    first_key: str = Field(examples=["1f2e3d4c5b6a7988"])
    last_key: str = Field(examples=["1f2e3d4c5b6a7988"])
    start_ms: int = Field(examples=[61_200])
    end_ms: int = Field(examples=[64_900])
    url: str = Field(examples=["https://example.org/meetings/42/regular-meeting/?t=61.2#moment"])
    words: str | None = Field(None, description="What is said there; for members.")


class Verdict(Schema):
    """What became of one claim of a sentence. `start` and `end` are characters of its text."""

    kind: str = Field(examples=["quotation"])
    verdict: str = Field(examples=["verbatim"])
    is_failed: bool = Field(examples=[False])
    start: int = Field(examples=[0])
    end: int = Field(examples=[31])


class SentencePart(Schema):
    """One sentence of an article."""

    id: int = Field(examples=[310])
    paragraph: int = Field(description="0 is the standfirst.", examples=[1])
    position: int = Field(examples=[1])
    part: str = Field(examples=["telling"])
    text: str = Field(examples=["The council approved the budget."])
    is_context: bool = Field(description="It needs nothing to rest on.", examples=[False])
    stale_since: datetime | None = Field(
        description="What it rests on was changed, and nobody has looked at it yet."
    )
    evidence: list[EvidencePart]
    verdicts: list[Verdict]


class ArticleRow(Row):
    """A short summary of a meeting, written by a machine and reviewed by a person."""

    id: int = Field(examples=[18])
    meeting: int = Field(examples=[42])
    headline: str | None = Field(None, examples=["Council approves the budget"])
    standfirst: str | None = None
    language: str | None = Field(None, examples=["en"])
    writer: str | None = Field(None, examples=["extractive"])
    writer_version: str | None = None
    transcript_version: int | None = None
    reviewed_by: str | None = Field(None, description="Null: nobody has yet.")
    published_at: datetime | None = None
    updated_at: datetime | None = None
    url: str | None = None
    sentences: list[SentencePart] | None = None
    gone: bool = Field(False, description="It was withdrawn: drop it.")
    reason: str | None = Field(None, description="Why it was withdrawn.")


class InsightEvidencePart(Schema):
    """Segments that an insight rests on."""

    first_key: str
    last_key: str
    start_ms: int
    end_ms: int
    url: str


class InsightRow(Row):
    """A decision, vote, commitment, sum, date or open question of a meeting."""

    id: int
    meeting: int
    kind: str = Field(description=f"One of {', '.join(InsightKind.values)}.")
    text: str
    language: str
    who: str | None
    due: str | None
    ayes: int | None
    noes: int | None
    abstained: int | None
    votes: list[dict[str, str]]
    evidence: list[InsightEvidencePart]


class AskedArticles(AskedSince):
    limit: int = Field(20, ge=1, le=MOST, description="Rows on a page.")
    meeting: ById = Field(None, description="The id of a meeting.")
    body: ById = Field(None, description="The id of a body.")


@router.get("/articles", response=page_of(ArticleRow), auth=None, summary="Articles")
@public
def articles(request: CallerRequest, asked: Annotated[AskedArticles, Query()]) -> HttpResponse:
    """Published articles. With `updated_since` also those that are gone."""
    synced = lists.synced_until(asked)
    rows = Article.objects.published()
    if asked.since is not None:
        known = Article.objects.filter(state__in=["published", "withdrawn"])
        decided = Correction.objects.filter(decided_at__gte=asked.since)
        changed = (
            Q(meeting__in=lists.changed_since(asked.since))
            | Q(updated_at__gte=asked.since)
            | Q(pk__in=decided.values("article"))
        )
        gone = Q(meeting__in=lists.taken_back_since(asked.since))
        rows = known.filter(~Q(meeting__state=State.DRAFT) | gone, changed)
    if asked.meeting is not None:
        rows = rows.filter(meeting=asked.meeting)
    if asked.body is not None:
        rows = rows.filter(meeting__body=asked.body)
    words = request.caller.may("read")
    page = lists.keyset(
        _whole(rows), asked, name="articles", shown=lambda one: article_row(one, words=words)
    )
    return lists.answer(request, page, asked, ArticleRow, synced=synced)


@router.get(
    "/articles/{number}", response={200: ArticleRow, **FOR_ALL}, auth=None, summary="An article"
)
@public
def article(request: CallerRequest, number: Id, one: Annotated[One, Query()]) -> HttpResponse:
    """One published article."""
    row = published_article(number)
    if row is None:
        raise problems.not_found()
    shown = article_row(row, words=request.caller.may("read"))
    return lists.one(shown, one.fields, ArticleRow)


@router.get(
    "/meetings/{number}/insights",
    response={200: list[InsightRow], **FOR_MEMBERS},
    auth=MemberToken("read"),
    summary="Insights of a meeting",
)
def insights(request: CallerRequest, number: Id) -> HttpResponse:
    """What a meeting decided, voted, promised, spent, set a date for and left open.

    Each rests on words that stand in the current transcript; what failed a check is not told.
    """
    meeting = Meeting.objects.published().filter(pk=number).first()
    if meeting is None:
        raise problems.not_found()
    transcript = transcripts.current(meeting)
    rows = queries.insights(transcript) if transcript is not None else []
    return lists.json_of([_insight(row, meeting) for row in rows])


def published_article(pk: int) -> Article | None:
    """The article with all that `article_row` shows of it. Four queries."""
    return _whole(Article.objects.published()).filter(pk=pk).first()


def _whole(rows: QuerySet[Article]) -> QuerySet[Article]:
    sentences = Sentence.objects.order_by("paragraph", "position")
    return rows.select_related("meeting").prefetch_related(
        Prefetch("sentences", sentences),
        Prefetch("sentences__evidence", Evidence.objects.order_by("start_ms", "id")),
        Prefetch("sentences__checks", Check.objects.order_by("position")),
    )


def article_row(article: Article, *, words: bool) -> lists.Row:
    """The article as JSON; with `words` as members read it."""
    is_shown = article.meeting.state in {State.ANNOUNCED, State.PUBLISHED}
    if not (article.is_published and is_shown):
        return {
            "id": article.pk,
            "meeting": article.meeting_id,
            "gone": True,
            "reason": article.why_withdrawn or None,
        }
    path = article.meeting.get_absolute_url()
    return {
        "id": article.pk,
        "meeting": article.meeting_id,
        "headline": article.headline,
        "standfirst": article.standfirst,
        "language": article.language,
        "writer": article.writer,
        "writer_version": article.writer_version,
        "transcript_version": article.transcript_version,
        "reviewed_by": article.reviewed_by_name or None,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "url": lists.address_of(article.get_absolute_url()),
        "sentences": [_sentence(one, path, words=words) for one in article.sentences.all()],
    }


def _sentence(sentence: Sentence, path: str, *, words: bool) -> lists.Row:
    return {
        "id": sentence.pk,
        "paragraph": sentence.paragraph,
        "position": sentence.position,
        "part": sentence.part,
        "text": sentence.text,
        "is_context": sentence.is_context,
        "stale_since": sentence.stale_since,
        "evidence": [
            {
                "kind": one.kind,
                "first_key": one.first_key,
                "last_key": one.last_key,
                "start_ms": one.start_ms,
                "end_ms": one.end_ms,
                "url": lists.moment_of(path, one.start_ms),
                "words": one.words if words else None,
            }
            for one in sentence.evidence.all()
        ],
        "verdicts": [
            {
                "kind": one.kind,
                "verdict": one.verdict,
                "is_failed": one.is_failed,
                "start": one.start,
                "end": one.end,
            }
            for one in sentence.checks.all()
        ],
    }


def _insight(insight: Insight, meeting: Meeting) -> lists.Row:
    path = meeting.get_absolute_url()
    return {
        "id": insight.pk,
        "meeting": insight.meeting_id,
        "kind": insight.kind,
        "text": insight.text,
        "language": insight.language,
        "who": insight.who or None,
        "due": insight.due or None,
        "ayes": insight.ayes,
        "noes": insight.noes,
        "abstained": insight.abstained,
        "votes": insight.votes,
        "evidence": [
            {
                "first_key": one.first_key,
                "last_key": one.last_key,
                "start_ms": one.start_ms,
                "end_ms": one.end_ms,
                "url": lists.moment_of(path, one.start_ms),
            }
            for one in insight.evidence.all()
        ],
    }
