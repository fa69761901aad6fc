"""Articles, sentences, evidence and reports of errors for tests."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from meetings.articles.models import Article, ErrorReport, Evidence, Sentence, State
from meetings.records.models import address
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe


class ArticleFactory(DjangoModelFactory[Article]):
    """A published article; `state=State.IN_REVIEW` and the like make the others."""

    class Meta:
        model = Article

    meeting = factory.SubFactory(MeetingFactory)
    headline = factory.Sequence(lambda number: f"Council decides matter {number}")
    slug = factory.LazyAttribute(lambda article: address(article.headline))
    standfirst = "The council decided the matter after an hour of debate."
    language = "en"
    state = State.PUBLISHED
    writer = "extractive"
    writer_version = "1"
    transcript_version = 1
    created_at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    updated_at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    published_at = factory.LazyAttribute(
        lambda article: (
            datetime(2026, 3, 5, 9, tzinfo=UTC) if article.state == State.PUBLISHED else None
        )
    )
    withdrawn_reason = factory.LazyAttribute(
        lambda article: "It named the wrong street." if article.state == State.WITHDRAWN else ""
    )


class SentenceFactory(DjangoModelFactory[Sentence]):
    """A sentence with its evidence: `SentenceFactory(evidence__start_ms=754_000)`."""

    class Meta:
        model = Sentence
        skip_postgeneration_save = True

    article = factory.SubFactory(ArticleFactory)
    paragraph = 1
    position = factory.Sequence(lambda number: number % 30_000 + 1)
    text = factory.Sequence(lambda number: f"“The matter is decided in sentence {number}.”")
    evidence = factory.RelatedFactory(
        "tests.meetings.articles.factories.EvidenceFactory", factory_related_name="sentence"
    )


class EvidenceFactory(DjangoModelFactory[Evidence]):
    class Meta:
        model = Evidence

    sentence = factory.SubFactory(SentenceFactory, evidence=None)
    kind = Evidence.Kind.QUOTATION
    first_key = "00000000000000a1"
    last_key = "00000000000000a2"
    start_ms = 754_000
    end_ms = factory.LazyAttribute(lambda evidence: evidence.start_ms + 8_000)


class ErrorReportFactory(DjangoModelFactory[ErrorReport]):
    class Meta:
        model = ErrorReport

    article = factory.SubFactory(ArticleFactory)
    what = "The sum was 1.2 million, not 12 million."
    created_at = datetime(2026, 3, 6, 9, tzinfo=UTC)
    reporter_hash = "0" * 64
    closed_at = factory.LazyAttribute(
        lambda report: (
            datetime(2026, 3, 7, 9, tzinfo=UTC)
            if getattr(report, "state", "") == "closed"
            else None
        )
    )


def sound_article(**facts: object) -> Article:
    """An article whose one sentence was said, so that every check of it holds."""
    article = ArticleFactory(**facts)
    transcribe([Utterance(0, 4_000, "The matter is decided.")], meeting=article.meeting)
    key = Segment.objects.get(transcript__meeting=article.meeting).key
    SentenceFactory(
        article=article,
        text="“The matter is decided.”",
        evidence__first_key=key,
        evidence__last_key=key,
        evidence__start_ms=0,
        evidence__end_ms=4_000,
    )
    return article
