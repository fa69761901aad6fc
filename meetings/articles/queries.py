"""What pages and the desk show: sentences and insights with their moments, the words behind."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Prefetch

from meetings.records.models import AgendaItem, Meeting
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment, Transcript

from .models import (
    Article,
    Evidence,
    Insight,
    InsightEvidence,
    InsightKind,
    Part,
    Sentence,
    State,
)

WORDS_A_MINUTE = 220
MORE = 3


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
    """A sentence as the page shows it."""

    sentence: Sentence
    moment: Moment | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that belong together, and what stands above them.

    That is the agenda item that they were said under, or what the paragraph is for.
    """

    heading: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything on the article page. `lead` is the standfirst's sentence, where there is one."""

    article: Article
    lead: Line | None
    paragraphs: list[Paragraph]
    transcript: Transcript | None
    chapter_count: int
    more: list[Article]

    @property
    def minutes(self) -> int:
        """How long reading takes; a minute at least."""
        words = len(self.article.standfirst.split()) + sum(
            len(line.sentence.text.split())
            for paragraph in self.paragraphs
            for line in paragraph.lines
        )
        return max(1, round(words / WORDS_A_MINUTE))


def article_page(article: Article) -> ArticlePage:
    """Five queries: sentences, evidence, agenda, transcript, more of the body.

    `article` comes with its meeting, body and place.
    """
    meeting = article.meeting
    chapters = list(meeting.agenda.filter(start_ms__isnull=False).order_by("start_ms", "position"))
    lines = [_line(sentence, meeting) for sentence in sentences(article)]
    lead = next((line for line in lines if line.sentence.paragraph == 0), None)
    body = [line for line in lines if line.sentence.paragraph > 0]
    return ArticlePage(
        article=article,
        lead=lead,
        paragraphs=_paragraphs(body, chapters),
        transcript=transcripts.current(meeting),
        chapter_count=len(chapters),
        more=list(
            Article.objects.published()
            .filter(meeting__body=meeting.body_id)
            .exclude(pk=article.pk)
            .with_source()
            .latest_first()[:MORE]
        ),
    )


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


def _paragraphs(lines: Sequence[Line], chapters: Sequence[AgendaItem]) -> list[Paragraph]:
    """Paragraphs in order. An agenda item is named where the article comes to it."""
    found: list[Paragraph] = []
    before = ""
    for _number, run in groupby(lines, key=lambda line: line.sentence.paragraph):
        paragraph = list(run)
        part = Part(paragraph[0].sentence.part)
        is_telling = part is Part.TELLING
        heading = _chapter(paragraph[0], chapters) if is_telling else str(part.label)
        found.append(Paragraph(heading if heading != before else "", paragraph))
        before = heading
    return found


def _chapter(line: Line, chapters: Sequence[AgendaItem]) -> str:
    if line.moment is None:
        return ""
    started = [item for item in chapters if (item.start_ms or 0) <= line.moment.start_ms]
    return started[-1].title if started else ""
