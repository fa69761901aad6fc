"""What pages and the desk show: sentences and insights with their moments, the words behind."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, OuterRef, Prefetch
from django.db.models.functions import JSONObject

from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment, Speaker, Transcript

from .models import (
    Article,
    Check,
    Evidence,
    Insight,
    InsightEvidence,
    InsightKind,
    Sentence,
    State,
)

# How many segments of one piece of evidence are read at most: a sentence rests on a few.
MOST_CITED = 60

# By hand, because rows of evidence name the ends of their stretch, and PostgreSQL looks all of them
# up by unique indexes in one go.
_CITED = f"""
    SELECT article.id, sentence.id, sentence.text, evidence.id, evidence.start_ms, evidence.end_ms,
        said.position, said.text, coalesce(speaker.name, ''), said.end_ms
    FROM {Evidence._meta.db_table} AS evidence
    JOIN {Sentence._meta.db_table} AS sentence ON sentence.id = evidence.sentence_id
    JOIN {Article._meta.db_table} AS article ON article.id = sentence.article_id
    LEFT JOIN {Segment._meta.db_table} AS first
        ON first.transcript_id = %(transcript)s AND first.key = evidence.first_key
    LEFT JOIN {Segment._meta.db_table} AS last
        ON last.transcript_id = %(transcript)s AND last.key = evidence.last_key
    LEFT JOIN {Segment._meta.db_table} AS said ON said.transcript_id = %(transcript)s
        AND said.position BETWEEN first.position
            AND least(last.position, first.position + {MOST_CITED - 1})
    LEFT JOIN {Speaker._meta.db_table} AS speaker ON speaker.id = said.speaker_id
    WHERE article.meeting_id = %(meeting)s AND (
        article.id = %(article)s
        OR article.state = 'published' AND (
            %(published_at)s::timestamptz IS NULL
            OR (article.published_at, article.id) < (%(published_at)s, %(article)s)
        )
    )
    ORDER BY article.id = %(article)s, article.published_at, article.id,
        sentence.paragraph, sentence.position, evidence.start_ms, evidence.id, said.position
"""  # noqa: S608 - only names of tables and a number are put in


@dataclass(frozen=True, slots=True)
class Moment:
    """The stretch of the meeting that a sentence rests on."""

    meeting: Meeting
    start_ms: int

    @property
    def url(self) -> str:
        """The meeting page, opened here. Exact, because a second may hold two segments."""
        seconds = f"{self.start_ms / 1000:.3f}".rstrip("0").rstrip(".")
        return f"{self.meeting.get_absolute_url()}?t={seconds}#moment"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with the moment that it rests on."""

    sentence: Sentence
    moment: Moment | None


class Cited(NamedTuple):
    """A segment that a sentence rests on. `position` is None where the transcript has it no more,
    and then there is nothing about what was said.
    """

    article: int
    sentence: int
    sentence_text: str
    evidence: int
    start_ms: int
    end_ms: int
    position: int | None
    text: str | None
    speaker: str
    said_until_ms: int | None


def cited(article: Article, transcript: Transcript | None) -> list[Cited]:
    """What the article rests on, after what those rest on that the meeting published before it.

    One query.
    """
    facts = {
        "article": article.pk,
        "meeting": article.meeting_id,
        "published_at": article.published_at,
        "transcript": transcript.pk if transcript else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CITED, facts)
        return [Cited(*row) for row in cursor.fetchall()]


def checked_sentences(article: Article) -> list[Sentence]:
    """All sentences in order, each with `findings`: kind, verdict, start and end of its checks, and
    whether they failed. One query.
    """
    found = JSONObject(
        kind="kind", verdict="verdict", start="start", end="end", is_failed="is_failed"
    )
    checks = Check.objects.filter(sentence=OuterRef("pk")).order_by("position")
    rows = article.sentences.annotate(findings=ArraySubquery(checks.values(json=found)))
    return list(rows.order_by("paragraph", "position"))


def findings(sentence: Sentence) -> list[dict[str, Any]]:
    """The findings of a sentence that `checked_sentences` gave. `Any` is what JSON has."""
    found: list[dict[str, Any]] = sentence.findings  # type: ignore[attr-defined]  # annotated
    return found


def sentences(article: Article) -> list[Sentence]:
    """All sentences in order, each with its `evidence` at hand. Two queries."""
    in_time = Prefetch("evidence", Evidence.objects.order_by("start_ms", "id"))
    return list(article.sentences.order_by("paragraph", "position").prefetch_related(in_time))


def sentence_of(article: Article, number: str) -> Line | None:
    """The sentence of this article with this id, with its moment; None for any other id."""
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    sentence = article.sentences.filter(pk=int(number)).first()
    return _line(sentence, article.meeting) if sentence else None


def words_of(evidence: Evidence, meeting: Meeting) -> list[Segment]:
    """The segments that the evidence names, in the current transcript; none if they are gone."""
    transcript = transcripts.current(meeting)
    if transcript is None:
        return []
    rows = Segment.objects.filter(transcript=transcript)
    ends = dict(
        rows.filter(key__in=[evidence.first_key, evidence.last_key]).values_list("key", "position")
    )
    if len(ends) < len({evidence.first_key, evidence.last_key}):
        return []
    span = (ends[evidence.first_key], ends[evidence.last_key])
    return list(rows.filter(position__range=span).in_order().select_related("speaker"))


def resting_on(transcript: Transcript, positions: Collection[int]) -> list[Sentence]:
    """Sentences whose evidence in this version is, or spans, a segment at one of the positions.

    Those of withdrawn articles are left out. Each has its article at hand. Two queries.
    """
    rows = Evidence.objects.filter(sentence__article__meeting=transcript.meeting_id)
    cited = list(
        rows.exclude(sentence__article__state=State.WITHDRAWN)
        .select_related("sentence__article")
        .order_by("sentence__article_id", "sentence__paragraph", "sentence__position", "id")
    )
    keys = {key for one in cited for key in (one.first_key, one.last_key)}
    segments = Segment.objects.filter(transcript=transcript, key__in=keys)
    at = dict(segments.values_list("key", "position"))
    touched = sorted(positions)
    resting: dict[int, Sentence] = {}
    for one in cited:
        first, last = at.get(one.first_key), at.get(one.last_key)
        if first is None or last is None:  # stale before
            continue
        next_touched = bisect_left(touched, first)
        if next_touched < len(touched) and touched[next_touched] <= last:
            resting[one.sentence_id] = one.sentence
    return list(resting.values())


def insights(transcript: Transcript) -> list[Insight]:
    """Those whose words still stand in this version, each with its `evidence`. Two queries."""
    in_time = Prefetch("evidence", InsightEvidence.objects.order_by("start_ms", "id"))
    return list(Insight.objects.resting_in(transcript).in_order().prefetch_related(in_time))


def insight_counts(transcript: Transcript) -> list[tuple[InsightKind, int]]:
    """How many there are of each kind that there is: all that visitors see of them."""
    counted = dict(
        Insight.objects.resting_in(transcript)
        .order_by()
        .values_list("kind")
        .annotate(number=Count("pk"))
    )
    return [(kind, counted[kind.value]) for kind in InsightKind if kind.value in counted]


def _line(sentence: Sentence, meeting: Meeting) -> Line:
    first = next(iter(sentence.evidence.all()), None)
    return Line(sentence, Moment(meeting, first.start_ms) if first else None)
