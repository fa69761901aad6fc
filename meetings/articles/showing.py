"""The article page: sentences in paragraphs, each with its mark and the words behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings

from meetings.media import queries as media
from meetings.media.models import Recording
from meetings.records.models import AgendaItem
from meetings.records.models import State as MeetingState
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import FREE_MS, Transcript

from . import excerpts, queries
from .excerpts import Claim, Excerpt, Limits, Passage
from .marks import Standing, explained, standing
from .models import Article, Part, Sentence, public_name
from .queries import Cited, Moment, findings

WORDS_A_MINUTE = 220
MORE = 3


@dataclass(frozen=True, slots=True)
class Words:
    """What was said at one moment, as far as everybody may read it here."""

    moment: Moment
    end_ms: int
    speaker: str
    excerpt: Excerpt

    @property
    def start_ms(self) -> int:
        return self.moment.start_ms


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as the page shows it. `number` is that of its mark; 0 where it has none."""

    sentence: Sentence
    words: Sequence[Words]
    standing: Standing
    notes: Sequence[str]
    number: int

    @property
    def moment(self) -> Moment | None:
        """Where the sentence rests first."""
        return self.words[0].moment if self.words else None


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
    recording: Recording | None
    """For those who may play it."""

    @property
    def minutes(self) -> int:
        """How long reading takes; a minute at least."""
        words = len(self.article.standfirst.split()) + sum(
            len(line.sentence.text.split())
            for paragraph in self.paragraphs
            for line in paragraph.lines
        )
        return max(1, round(words / WORDS_A_MINUTE))

    @property
    def quoted_lead(self) -> Sentence | None:
        """The lead, if what it quotes was compared with what was said and holds."""
        lead = self.lead
        return lead.sentence if lead and lead.standing is Standing.SURE else None

    @property
    def reviewer(self) -> str:
        """Who reviewed it, as readers see it."""
        return public_name(self.article.reviewed_by_name)


def article_page(article: Article, *, for_member: bool) -> ArticlePage:
    """Five queries: sentences, agenda, transcript, what is cited, more of the body; for members one
    more.

    `article` comes with its meeting, body, place and writing.
    """
    meeting = article.meeting
    chapters = list(meeting.agenda.filter(start_ms__isnull=False).order_by("start_ms", "position"))
    transcript = transcripts.current(meeting)
    lines = _lines(article, transcript)
    may_play = for_member and meeting.state == MeetingState.PUBLISHED
    return ArticlePage(
        article=article,
        lead=next((line for line in lines if line.sentence.paragraph == 0), None),
        paragraphs=_paragraphs([one for one in lines if one.sentence.paragraph > 0], chapters),
        transcript=transcript,
        chapter_count=len(chapters),
        more=list(
            Article.objects.published()
            .filter(meeting__body=meeting.body_id)
            .exclude(pk=article.pk)
            .with_source()
            .latest_first()[:MORE]
        ),
        recording=media.playable(meeting) if may_play else None,
    )


def quoted_lead(article: Article) -> Sentence | None:
    """The same as on the page, alone. One query."""
    for sentence in queries.checked_sentences(article):
        if sentence.paragraph == 0 and _standing(sentence) is Standing.SURE:
            return sentence
    return None


def limits(transcript: Transcript | None) -> Limits:
    """How many words of this transcript articles show to everybody."""
    said = transcript.word_count if transcript else 0
    return Limits(
        per_mark=settings.EVIDENCE_WORDS_PER_MARK,
        per_article=settings.EVIDENCE_WORDS_PER_ARTICLE,
        per_meeting=int(said * settings.EVIDENCE_PERCENT_OF_MEETING / 100),
    )


def _lines(article: Article, transcript: Transcript | None) -> list[Line]:
    cited = queries.cited(article, transcript)
    by_article = groupby(cited, key=lambda row: row.article)
    claims = [_claims(list(rows), transcript) for _article, rows in by_article]
    shown: Mapping[int, Sequence[Excerpt]] = {}
    for shown in excerpts.of_meeting(claims, limits(transcript)):  # noqa: B007 - the last is ours
        pass
    own = [row for row in cited if row.article == article.pk]
    behind = {
        sentence: [
            _words(article, list(rows), shown[sentence][number])
            for number, (_evidence, rows) in enumerate(groupby(found, lambda row: row.evidence))
        ]
        for sentence, found in groupby(own, key=lambda row: row.sentence)
    }
    return list(_marked(queries.checked_sentences(article), behind))


def _marked(sentences: Sequence[Sentence], behind: Mapping[int, Sequence[Words]]) -> Iterator[Line]:
    number = 0
    for sentence in sentences:
        words, notes = behind.get(sentence.pk, ()), explained(sentence, findings(sentence))
        has_mark = bool(words or notes)
        number += has_mark
        yield Line(sentence, words, _standing(sentence), notes, number if has_mark else 0)


def _standing(sentence: Sentence) -> Standing:
    return standing(sentence, findings(sentence))


def _claims(rows: Sequence[Cited], transcript: Transcript | None) -> list[Claim]:
    free_until_ms = transcript.first_ms + FREE_MS if transcript else 0
    return [
        Claim(
            sentence,
            text,
            [
                _passage(list(passage), free_until_ms)
                for _evidence, passage in groupby(found, lambda row: row.evidence)
            ],
        )
        for (sentence, text), found in groupby(rows, lambda row: (row.sentence, row.sentence_text))
    ]


def _passage(rows: Sequence[Cited], free_until_ms: int) -> Passage:
    said = [row for row in rows if row.position is not None]
    return Passage(
        [(row.position or 0, row.text or "") for row in said],
        frozenset(row.position or 0 for row in said if (row.said_until_ms or 0) <= free_until_ms),
    )


def _words(article: Article, rows: Sequence[Cited], excerpt: Excerpt) -> Words:
    speakers = [row.speaker for row in rows if row.position in excerpt.positions and row.speaker]
    return Words(
        moment=Moment(article.meeting, rows[0].start_ms),
        end_ms=rows[0].end_ms,
        speaker=", ".join(dict.fromkeys(speakers)),
        excerpt=excerpt,
    )


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
