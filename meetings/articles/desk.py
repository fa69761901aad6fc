"""One article on the desk: each sentence with its verdicts and the words behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment, Transcript

from . import verdicts, versions
from .models import (
    Article,
    ArticleVersion,
    Check,
    ErrorReport,
    Evidence,
    Insight,
    InsightEvidence,
    Part,
    Sentence,
)
from .verdicts import Told

# Segments around the evidence: what a quotation was cut out of.
AROUND = 1


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of an evidence with those around it; none where they are gone.

    A line is a segment, and whether it is of the evidence.
    """

    evidence: Evidence | InsightEvidence
    lines: list[tuple[Segment, bool]]

    @property
    def speaker_name(self) -> str:
        return next((segment.speaker_name for segment, is_cited in self.lines if is_cited), "")


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence with its verdicts, failed ones first, and the words behind it.

    `token` stands for how it reads: whoever changes it says which reading they saw. `heading` is
    what the paragraph is for, where it begins and is not the telling.
    """

    number: int
    sentence: Sentence
    told: list[Told]
    passages: list[Passage]
    token: str
    heading: str

    @property
    def has_failed(self) -> bool:
        return any(one.is_failed for one in self.told)

    @property
    def needs_a_look(self) -> bool:
        return self.has_failed or self.sentence.stale_since is not None


@dataclass(frozen=True, slots=True)
class InsightRow:
    """An insight with the words behind it. It is shown to members where `is_shown`."""

    insight: Insight
    passages: list[Passage]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One article on the desk. `version` is the number of its newest version, 0 before any."""

    article: Article
    transcript: Transcript | None
    rows: list[Row]
    insights: list[InsightRow]
    version: int
    newest: ArticleVersion | None
    reports: list[ErrorReport]

    @property
    def accepted_count(self) -> int:
        return sum(row.sentence.is_accepted for row in self.rows)

    @property
    def stale_count(self) -> int:
        return sum(row.sentence.stale_since is not None for row in self.rows)

    @property
    def failed(self) -> list[tuple[Row, Told]]:
        return [(row, one) for row in self.rows for one in row.told if one.is_failed]

    @property
    def unchecked_count(self) -> int:
        return sum(row.sentence.checked_at is None for row in self.rows)


def sheet(article: Article) -> Sheet:
    """Ten queries however long the article is. `article` comes with its source."""
    meeting = article.meeting
    transcript = transcripts.current(meeting)
    in_time = Prefetch("evidence", Evidence.objects.order_by("start_ms", "id"))
    in_order = Prefetch("checks", Check.objects.order_by("position").select_related("sentence"))
    sentences = list(
        article.sentences.order_by("paragraph", "position")
        .select_related("accepted_by")
        .prefetch_related(in_time, in_order)
    )
    insights = list(
        meeting.insights.in_order().select_related("decided_by").prefetch_related("evidence")
    )
    said = _Words(transcript, [*_evidence(sentences), *_evidence(insights)])
    newest = versions.newest(article)
    return Sheet(
        article=article,
        transcript=transcript,
        rows=list(_rows(sentences, said)),
        insights=[_insight_row(one, said) for one in insights],
        version=newest.number if newest else 0,
        newest=newest,
        reports=list(article.reports.open().order_by("created_at", "id")),
    )


def _rows(sentences: Sequence[Sentence], said: _Words) -> Iterator[Row]:
    before = 0
    for number, sentence in enumerate(sentences, start=1):
        checks = [verdicts.told(check) for check in sentence.checks.all()]
        part = Part(sentence.part)
        begins = sentence.paragraph != before
        before = sentence.paragraph
        yield Row(
            number=number,
            sentence=sentence,
            told=sorted(checks, key=lambda one: not one.is_failed),
            passages=[said.passage(one) for one in sentence.evidence.all()],
            token=versions.token(sentence),
            heading=str(part.label) if begins and part is not Part.TELLING else "",
        )


def _insight_row(insight: Insight, said: _Words) -> InsightRow:
    passages = [said.passage(one) for one in insight.evidence.all()]
    stands = all(passage.lines for passage in passages)
    is_shown = stands and not insight.failed and insight.struck_at is None
    return InsightRow(insight, passages, is_shown)


def _evidence(rows: Iterable[Sentence | Insight]) -> Iterator[Evidence | InsightEvidence]:
    for row in rows:
        yield from row.evidence.all()


class _Words:
    """What was said where evidence points, and just before and after. Two queries."""

    def __init__(
        self, transcript: Transcript | None, cited: Sequence[Evidence | InsightEvidence]
    ) -> None:
        rows = Segment.objects.filter(transcript=transcript)
        keys = {key for one in cited for key in (one.first_key, one.last_key)}
        self.places = dict(rows.filter(key__in=keys).values_list("key", "position"))
        spans = {span for one in cited if (span := self._span(one))}
        wanted = {at for first, last in spans for at in range(first - AROUND, last + AROUND + 1)}
        shown = rows.filter(position__in=wanted).select_related("speaker")
        self.segments = {segment.position: segment for segment in shown}

    def _span(self, one: Evidence | InsightEvidence) -> tuple[int, int] | None:
        first, last = self.places.get(one.first_key), self.places.get(one.last_key)
        return None if first is None or last is None else (first, last)

    def passage(self, one: Evidence | InsightEvidence) -> Passage:
        span = self._span(one)
        if span is None:
            return Passage(one, [])
        first, last = span
        return Passage(
            one,
            [
                (self.segments[at], first <= at <= last)
                for at in range(first - AROUND, last + AROUND + 1)
                if at in self.segments
            ],
        )
