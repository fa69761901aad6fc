"""Who waits for whom: two who work on one article or one meeting never shut each other out."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from meetings.articles import checking, services, standing
from meetings.articles.models import Article, Insight, State
from meetings.transcripts import correcting
from meetings.transcripts.edits import Reword
from meetings.transcripts.models import Segment
from tests.concurrency import until_somebody_waits
from tests.meetings.articles.factories import sound_article
from tests.meetings.articles.test_services import report, spoken_meeting
from tests.memberships.factories import UserFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


class Beside:
    """Work in another thread, on a connection of its own, which waits five seconds for a lock."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.outcome: object = "still at it"
        self.thread = threading.Thread(target=self._run, args=[do])
        self.thread.start()

    def _run(self, do):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            self.outcome = do()
        except Exception as error:  # noqa: BLE001 - the test looks at what came of it
            self.outcome = error
        finally:
            connection.close()

    def ended(self) -> object:
        self.thread.join()
        return self.outcome


def new_words(article):
    """A correction of the one segment of `sound_article`."""
    base = article.meeting.transcripts.current().get()
    key = Segment.objects.get(transcript=base).key
    return correcting.correct(base=base, edits=[Reword(key, "Nothing is decided.")], by=rosa())


def rosa():
    return UserFactory(display_name="Rosa Lind", is_staff=True)


def test_a_report_does_not_wait_for_a_check():
    article = sound_article()
    with transaction.atomic():
        services.check_article(article=article, now=NOW)
        sent = Beside(lambda: report(article))
        assert sent.ended() == article.reports.get()


def test_marking_stale_waits_for_who_checks_and_sees_what_they_did():
    article = sound_article()
    services.check_article(article=article, now=NOW)
    sentence = article.sentences.get()
    new_words(article)
    with transaction.atomic():
        services.rest_again(sentence=sentence, by=rosa(), now=NOW, reason="So it is.")
        marking = Beside(lambda: standing.mark_stale(meeting=article.meeting, now=NOW))
        until_somebody_waits()
    assert marking.ended() == []
    sentence.refresh_from_db()
    assert sentence.stale_since is None


def test_a_draft_that_somebody_accepts_while_another_is_stored_stays():
    meeting = spoken_meeting()
    mine = services.draft(meeting=meeting, now=NOW)
    with transaction.atomic():
        services.accept(sentence=mine.sentences.first(), by=rosa(), now=NOW)
        drafting = Beside(lambda: services.draft(meeting=meeting, now=NOW))
        until_somebody_waits()
    other = drafting.ended()
    assert set(Article.objects.all()) == {mine, other}
    assert mine.state == State.IN_REVIEW


def test_an_insight_that_somebody_strikes_while_others_are_stored_stays_struck():
    meeting = spoken_meeting()
    services.gather(meeting=meeting, now=NOW)
    mine = Insight.objects.first()
    with transaction.atomic():
        services.strike_insight(insight=mine, by=rosa(), now=NOW)
        gathering = Beside(lambda: services.gather(meeting=meeting, now=NOW))
        until_somebody_waits()
    assert len(gathering.ended()) > 0
    assert Insight.objects.get(kind=mine.kind, text=mine.text).struck_at == NOW


def test_who_waited_to_check_does_so_against_the_newest_words():
    article = sound_article()
    old = checking.hearing(article.meeting)
    new_words(article)
    sentence = article.sentences.get()
    services.check_article(article=article, now=NOW)
    checking.check_article(article=article, now=NOW, words=old)
    sentence.refresh_from_db()
    assert sentence.checked_version == 2
    assert sentence.checks.failed().exists()
