"""Drafting, publishing, withdrawing, and taking reports."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from meetings.articles import services
from meetings.articles.models import Article, ErrorReport, Evidence, Sentence, State
from meetings.articles.services import NotDraftable, NotPublishable, TooManyReports
from meetings.articles.writers import extractive
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import (
    ArticleFactory,
    ErrorReportFactory,
    EvidenceFactory,
    SentenceFactory,
    sound_article,
)
from tests.meetings.articles.test_extractive import CHATTER, MATTERS
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import UserFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def spoken_meeting(*, version=1, meeting=None):
    """A published meeting with a transcript that holds enough to write about."""
    meeting = meeting or MeetingFactory()
    utterances = []
    for number, (title, sentences) in enumerate(MATTERS.items(), start=1):
        at = len(utterances) * 6_000
        AgendaItemFactory(meeting=meeting, position=number + 10 * version, title=title, start_ms=at)
        for index, sentence in enumerate(sentences):
            for text in (sentence, CHATTER[index % len(CHATTER)]):
                at = len(utterances) * 6_000
                utterances.append(Utterance(at, at + 5_000, text, "Mayor Ana Quintero"))
    transcribe(utterances, meeting=meeting, version=version)
    return meeting


@pytest.mark.django_db
class TestDraft:
    def test_a_draft_waits_for_review_with_evidence_for_each_sentence(self):
        meeting = spoken_meeting()
        article = services.draft(meeting=meeting, now=NOW)
        assert article.state == State.IN_REVIEW
        assert (article.writer, article.transcript_version) == ("extractive", 1)
        assert article.published_at is None
        sentences = list(article.sentences.prefetch_related("evidence"))
        assert len(sentences) >= 7
        keys = dict(Segment.objects.values_list("key", "start_ms"))
        for sentence in sentences:
            [evidence] = sentence.evidence.all()
            assert evidence.kind == Evidence.Kind.QUOTATION
            assert keys[evidence.first_key] == evidence.start_ms
            assert evidence.last_key in keys

    def test_the_standfirst_is_a_sentence_with_evidence_too(self):
        article = services.draft(meeting=spoken_meeting(), now=NOW)
        lead = article.sentences.get(paragraph=0)
        assert lead.text == article.standfirst

    def test_drafting_again_replaces_the_unpublished_draft(self):
        meeting = spoken_meeting()
        first = services.draft(meeting=meeting, now=NOW)
        second = services.draft(meeting=meeting, now=NOW)
        assert Article.objects.get() == second != first

    def test_a_published_article_is_never_touched(self):
        meeting = spoken_meeting()
        first = services.draft(meeting=meeting, now=NOW)
        services.publish(article=first, by=UserFactory(), now=NOW)
        before = list(Sentence.objects.filter(article=first).values())
        second = services.draft(meeting=meeting, now=NOW)
        assert second != first
        assert list(Sentence.objects.filter(article=first).values()) == before
        assert Article.objects.get(pk=first.pk).is_published

    def test_it_is_in_the_language_that_was_heard(self):
        meeting = spoken_meeting()
        meeting.transcripts.update(language="fr")
        assert services.draft(meeting=meeting, now=NOW).language == "en"

    def test_a_draft_from_another_version_stays(self):
        meeting = spoken_meeting()
        first = services.draft(meeting=meeting, now=NOW)
        spoken_meeting(meeting=meeting, version=2)
        second = services.draft(meeting=meeting, now=NOW)
        assert second.transcript_version == 2
        assert set(Article.objects.all()) == {first, second}

    def test_without_a_transcript_nothing_is_stored(self):
        with pytest.raises(NotDraftable, match="no transcript"):
            services.draft(meeting=MeetingFactory(), now=NOW)
        assert not Article.objects.exists()

    def test_too_little_said_is_a_sentence_for_staff_and_keeps_the_older_draft(self):
        meeting = spoken_meeting()
        older = services.draft(meeting=meeting, now=NOW)
        transcribe([Utterance(0, 1_000, "Thank you all.")], meeting=meeting, version=2)
        with pytest.raises(NotDraftable, match="too little"):
            services.draft(meeting=meeting, now=NOW)
        assert Article.objects.get() == older

    def test_another_writer_writes_its_own(self):
        class Parrot:
            name, version = "parrot", "7"

            def drafts(self, source):
                return extractive.drafts(source)

        article = services.draft(meeting=spoken_meeting(), now=NOW, writer=Parrot())
        assert (article.writer, article.writer_version) == ("parrot", "7")


@pytest.mark.django_db
class TestPublish:
    def test_the_reviewer_is_named(self):
        article = sound_article(state=State.IN_REVIEW)
        reviewer = UserFactory(display_name="Rosa Lind")
        published = services.publish(article=article, by=reviewer, now=NOW)
        assert published.is_published
        assert (published.published_at, published.reviewed_by_name) == (NOW, "Rosa Lind")

    def test_the_name_outlives_the_account(self):
        article = sound_article(state=State.IN_REVIEW)
        reviewer = UserFactory(display_name="Rosa Lind")
        services.publish(article=article, by=reviewer, now=NOW)
        reviewer.delete()
        article.refresh_from_db()
        assert (article.reviewed_by, article.reviewed_by_name) == (None, "Rosa Lind")

    def test_a_sentence_that_rests_on_nothing_is_not_published(self):
        article = SentenceFactory(article__state=State.IN_REVIEW).article
        SentenceFactory(article=article, evidence=None)
        with pytest.raises(NotPublishable, match="rests on nothing"):
            services.publish(article=article, by=UserFactory(), now=NOW)
        article.refresh_from_db()
        assert article.state == State.IN_REVIEW

    def test_an_article_without_sentences_is_not_published(self):
        article = ArticleFactory(state=State.IN_REVIEW)
        SentenceFactory(article=article, paragraph=0)
        with pytest.raises(NotPublishable, match="no sentences"):
            services.publish(article=article, by=UserFactory(), now=NOW)

    def test_publishing_twice_is_refused_and_keeps_the_first_reviewer(self):
        article = sound_article(state=State.IN_REVIEW)
        services.publish(article=article, by=UserFactory(display_name="Rosa"), now=NOW)
        with pytest.raises(NotPublishable, match="already"):
            services.publish(article=article, by=UserFactory(display_name="Max"), now=NOW)
        article.refresh_from_db()
        assert article.reviewed_by_name == "Rosa"

    def test_the_first_time_of_publishing_is_kept(self):
        article = sound_article()
        services.withdraw(article=article, reason="It named the wrong street.")
        again = services.publish(article=article, by=UserFactory(), now=NOW + timedelta(days=1))
        assert again.published_at == article.published_at
        assert again.withdrawn_reason == ""


@pytest.mark.django_db
class TestWithdraw:
    def test_the_reason_is_kept(self):
        withdrawn = services.withdraw(article=ArticleFactory(), reason="  A wrong street. ")
        assert (withdrawn.state, withdrawn.withdrawn_reason) == (State.WITHDRAWN, "A wrong street.")

    def test_it_takes_a_reason(self):
        with pytest.raises(NotPublishable, match="takes a reason"):
            services.withdraw(article=ArticleFactory(), reason="  ")

    def test_only_what_is_public_can_be_withdrawn(self):
        article = ArticleFactory(state=State.IN_REVIEW)
        with pytest.raises(NotPublishable, match="Only a published"):
            services.withdraw(article=article, reason="A wrong street.")


@pytest.mark.django_db
class TestDatabase:
    @pytest.mark.parametrize(
        "facts",
        [
            {"state": "lost"},
            {"published_at": None},
            {"state": State.WITHDRAWN, "withdrawn_reason": ""},
        ],
    )
    def test_an_impossible_article_cannot_be_stored(self, facts):
        with pytest.raises(IntegrityError), transaction.atomic():
            ArticleFactory(**facts)

    @pytest.mark.parametrize(
        "facts", [{"kind": "hearsay"}, {"start_ms": 5, "end_ms": 4}, {"first_key": ""}]
    )
    def test_impossible_evidence_cannot_be_stored(self, facts):
        with pytest.raises(IntegrityError), transaction.atomic():
            EvidenceFactory(**facts)

    @pytest.mark.parametrize("facts", [{"state": "closed", "note": ""}, {"what": ""}])
    def test_an_impossible_report_cannot_be_stored(self, facts):
        with pytest.raises(IntegrityError), transaction.atomic():
            ErrorReportFactory(**facts)

    def test_two_sentences_cannot_stand_in_one_place(self):
        article = ArticleFactory()
        SentenceFactory(article=article, paragraph=1, position=1)
        SentenceFactory(article=article, paragraph=1, position=1)
        with pytest.raises(IntegrityError):
            connection.check_constraints()


def report(article, *, by="one", now=NOW):
    """Other words each time: the same ones again would be the same report."""
    return services.report_error(
        article=article, what=f"Wrong sum {uuid.uuid4()}.", email="", reporter_hash=by, now=now
    )


@pytest.mark.django_db
class TestReports:
    def test_a_report_keeps_the_sentence_as_it_read(self):
        sentence = SentenceFactory(text="“The pipe costs $8.4 million.”")
        kept = services.report_error(
            article=sentence.article,
            sentences=[sentence],
            what="It was 4.8.",
            email="reader@example.org",
            reporter_hash="x",
            now=NOW,
        )
        sentence.delete()
        kept.refresh_from_db()
        assert (kept.sentence, kept.sentence_text) == (None, "“The pipe costs $8.4 million.”")

    def test_the_sixth_in_an_hour_from_one_address_is_refused(self):
        article = ArticleFactory()
        for _ in range(5):
            report(article)
        with pytest.raises(TooManyReports, match="last hour"):
            report(article)
        assert ErrorReport.objects.count() == 5
        report(article, by="another")
        report(article, now=NOW + timedelta(hours=1))

    def test_the_twenty_first_in_a_day_from_one_address_is_refused(self):
        article = ArticleFactory()
        for number in range(20):
            report(article, now=NOW + timedelta(hours=number))
        with pytest.raises(TooManyReports, match="last day"):
            report(article, now=NOW + timedelta(hours=20))
        report(article, now=NOW + timedelta(hours=24))

    def test_the_two_hundred_and_first_of_all_in_an_hour_is_refused(self):
        article = ArticleFactory()
        ErrorReportFactory.create_batch(200, article=article, created_at=NOW, reporter_hash="y")
        with pytest.raises(TooManyReports, match="very many"):
            report(article)
        report(article, now=NOW + timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_reports_at_the_same_time_do_not_slip_past_the_limit():
    article = ArticleFactory()
    outcomes = []
    ready = threading.Barrier(8)

    def send():
        try:
            ready.wait()
            report(article)
            outcomes.append("kept")
        except TooManyReports:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] * 5 + ["refused"] * 3
    assert ErrorReport.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_leave_one_draft():
    meeting = spoken_meeting()
    ready = threading.Barrier(2)

    class Slow:
        name, version = "extractive", "1"

        def drafts(self, source):
            written = extractive.drafts(source)
            ready.wait()
            return written

    def draft():
        try:
            services.draft(meeting=meeting, now=NOW, writer=Slow())
        finally:
            connection.close()

    threads = [threading.Thread(target=draft) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Article.objects.count() == 1
