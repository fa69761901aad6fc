"""Deciding about errors in public: what is stored, who is told, and what happens to an address."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, connection, transaction

from meetings.articles import correcting, retention, services
from meetings.articles.models import (
    Article,
    ArticleVersion,
    Correction,
    ErrorReport,
    Outcome,
    Sentence,
    State,
)
from meetings.articles.services import (
    NeedsReason,
    NotDecidable,
    NotPublishable,
    NotRevisable,
    decide,
    join,
)
from meetings.intake import reviewing
from meetings.records.models import Change
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from portal.post.models import Mail
from portal.post.models import State as MailState
from tests.concurrency import at_once
from tests.meetings.articles.factories import ArticleFactory, ErrorReportFactory, SentenceFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import UserFactory

ROOT = Path(__file__).resolve().parents[3]
REPORTED = datetime(2026, 3, 6, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 8, 9, tzinfo=UTC)
WRONG, RIGHT = "“The pipe costs 9 million dollars.”", "“The pipe costs 8 million dollars.”"
REASON = "The speaker said 8 million. We had written 9."


def published_article(**facts):
    """A published article of three sentences; the second has a wrong figure in it."""
    article = ArticleFactory(headline="Council buys a pipe", **facts)
    said = ["The council met.", "The pipe costs 8 million dollars.", "It is green."]
    transcribe(
        [Utterance(at * 4_000, at * 4_000 + 4_000, text) for at, text in enumerate(said)],
        meeting=article.meeting,
    )
    keys = Segment.objects.filter(transcript__meeting=article.meeting).order_by("position")
    for at, (key, text) in enumerate(
        zip(
            keys.values_list("key", flat=True),
            ["“The council met.”", WRONG, "“It is green.”"],
            strict=True,
        )
    ):
        SentenceFactory(
            article=article,
            paragraph=1,
            position=at + 1,
            text=text,
            evidence__first_key=key,
            evidence__last_key=key,
            evidence__start_ms=at * 4_000,
            evidence__end_ms=at * 4_000 + 4_000,
        )
    return article


def reported(article, *, number=2, **facts):
    sentence = article.sentences.get(position=number)
    facts = {"created_at": REPORTED, "email": "", **facts}
    return services.report_error(
        article=article,
        sentences=[sentence],
        what=facts.get("what", "It was 8."),
        email=facts["email"],
        reporter_hash=facts.get("by", "x"),
        now=facts["created_at"],
    )


def wrong_one(article):
    return article.sentences.get(position=2)


def correct(article, reports, *, by=None, **facts):
    facts = {
        "outcome": Outcome.CORRECTED,
        "reason": REASON,
        "words": {wrong_one(article).pk: RIGHT},
        "now": NOW,
        **facts,
    }
    by = by or UserFactory(display_name="Rosa Lind")
    return decide(article=article, reports=reports, by=by, **facts)


def everything():
    """What a refused decision must leave as it was."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Article, Sentence, ArticleVersion, Correction, ErrorReport, Mail)
    ]


@pytest.fixture
def article(db):
    return published_article()


class TestDecide:
    def test_a_correction_is_tied_to_the_version_that_it_made(self, article):
        report = reported(article)
        made = correct(article, [report])
        assert [one["text"] for one in made.before.sentences][1] == WRONG
        assert [one["text"] for one in made.version.sentences][1] == RIGHT
        assert made.version.is_public
        assert (made.version.number, made.version.change) == (made.before.number + 1, "revised")
        assert (made.reason, made.decided_by_name) == (REASON, "Rosa Lind")
        assert (made.reported_at, made.decided_at) == (REPORTED, NOW)
        report.refresh_from_db()
        assert (report.state, report.correction, report.closed_at) == ("closed", made, NOW)

    def test_several_sentences_and_the_headline_are_one_correction(self, article):
        first, wrong, last = article.sentences.order_by("position")
        made = correct(
            article,
            [],
            words={
                0: "Council buys a green pipe",
                wrong.pk: RIGHT,
                last.pk: "",
                first.pk: first.text,
            },
        )
        article.refresh_from_db()
        assert article.headline == "Council buys a green pipe"
        assert list(article.sentences.order_by("position").values_list("text", flat=True)) == [
            "“The council met.”",
            RIGHT,
        ]
        assert Correction.objects.get() == made
        assert made.reported_at is None
        assert (made.before.number, made.version.number) == (1, 4)

    def test_what_stayed_as_it_was_is_no_correction(self, article):
        report = reported(article)
        before = everything()
        with pytest.raises(NotDecidable, match="No word is changed"):
            correct(article, [report], words={wrong_one(article).pk: f"  {WRONG} "})
        assert everything() == before

    @pytest.mark.parametrize("outcome", [Outcome.NO_CHANGE, Outcome.WITHDRAWN])
    def test_words_change_only_where_the_decision_says_so(self, article, outcome):
        report = reported(article, email="reader@example.org")
        before = everything()
        with pytest.raises(NotDecidable, match="You changed words"):
            correct(article, [report], outcome=outcome)
        assert everything() == before

    @pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501])
    def test_it_takes_a_reason_that_can_be_read(self, article, reason):
        report = reported(article)
        before = everything()
        with pytest.raises(NotDecidable, match="reason"):
            correct(article, [report], reason=reason)
        assert everything() == before

    def test_words_that_fail_a_check_take_a_reason_of_their_own(self, article):
        report = reported(article, email="reader@example.org")
        before = everything()
        words = {wrong_one(article).pk: "“The pipe costs 77 million dollars.”"}
        with pytest.raises(NeedsReason):
            correct(article, [report], words=words)
        assert everything() == before
        made = correct(article, [report], words=words, despite="Heard on the tape.")
        assert made.version.reason == "Heard on the tape."

    def test_the_last_sentence_is_not_struck(self, article):
        with pytest.raises(NotRevisable, match="last sentence"):
            correct(
                article, [], words=dict.fromkeys(article.sentences.values_list("pk", flat=True), "")
            )
        assert article.sentences.count() == 3

    def test_no_change_is_a_decision_too(self, article):
        report = reported(article, email="reader@example.org")
        made = correct(article, [report], outcome=Outcome.NO_CHANGE, words={})
        assert (made.before, made.version) == (None, None)
        assert wrong_one(article).text == WRONG
        assert "No change" in Mail.objects.get().text

    def test_what_somebody_else_changed_meanwhile_is_not_lost(self, article):
        sentence = wrong_one(article)
        services.edit(sentence=sentence, text=RIGHT, by=UserFactory(display_name="Max"), now=NOW)
        before = everything()
        with pytest.raises(NotDecidable, match="Somebody else changed these words"):
            correct(
                article,
                [],
                words={sentence.pk: "“The pipe costs dollars.”"},
                seen={sentence.pk: WRONG},
            )
        assert everything() == before

    def test_a_sentence_of_another_article_is_not_touched(self, article):
        stranger = SentenceFactory()
        with pytest.raises(NotDecidable, match="struck meanwhile"):
            correct(article, [], words={stranger.pk: "“Mine now.”"})
        assert Sentence.objects.get(pk=stranger.pk).text == stranger.text

    def test_a_report_of_another_article_is_not_answered(self, article):
        stranger = ErrorReportFactory()
        with pytest.raises(NotDecidable, match="meanwhile"):
            correct(article, [stranger])
        stranger.refresh_from_db()
        assert stranger.state == "open"

    def test_what_was_decided_is_not_decided_again(self, article):
        report = reported(article, email="reader@example.org")
        correct(article, [report])
        before = everything()
        with pytest.raises(NotDecidable, match="Somebody else has decided"):
            correct(article, [report], outcome=Outcome.NO_CHANGE, words={})
        assert everything() == before

    def test_words_of_a_withdrawn_article_stay(self, article):
        services.withdraw(article=article, reason="A wrong street.")
        with pytest.raises(NotDecidable, match="not public"):
            correct(article, [])


class TestWithdraw:
    def test_it_answers_all_reports_of_the_article(self, article):
        for number in (1, 2):
            reported(article, number=number, email=f"reader{number}@example.org")
        made = reviewing.withdraw_article(
            article=article, reason="It named the wrong street.", by=UserFactory(), now=NOW
        )
        assert made.outcome == Outcome.WITHDRAWN
        assert not ErrorReport.objects.open().exists()
        assert Mail.objects.count() == 2
        assert all(WRONG not in mail.text + mail.html for mail in Mail.objects.all())
        assert Change.objects.filter(meeting_id=article.meeting_id).exists()

    def test_a_decision_may_withdraw(self, article):
        made = correct(article, [reported(article)], outcome=Outcome.WITHDRAWN, words={})
        article.refresh_from_db()
        assert (article.state, article.withdrawn_reason) == (State.WITHDRAWN, REASON)
        assert Correction.objects.get() == made

    def test_what_is_not_public_is_not_withdrawn(self, article):
        services.withdraw(article=article, reason="A wrong street.")
        with pytest.raises(NotPublishable):
            correct(article, [], outcome=Outcome.WITHDRAWN, words={})
        assert not Correction.objects.exists()


class TestJoin:
    def test_a_late_report_of_the_same_is_answered_with_the_same(self, article):
        first = correct(article, [reported(article)])
        late = reported(article, email="late@example.org", by="y")
        join(reports=[late], correction=first, now=NOW)
        late.refresh_from_db()
        assert (late.correction, late.state) == (first, "closed")
        mail = Mail.objects.get()
        assert mail.address == "late@example.org"
        assert RIGHT in mail.text
        with pytest.raises(NotDecidable):
            join(reports=[late], correction=first, now=NOW)
        assert Mail.objects.count() == 1

    def test_reports_of_others_are_not_joined(self, article):
        made = correct(article, [])
        stranger = ErrorReportFactory()
        with pytest.raises(NotDecidable):
            join(reports=[stranger], correction=made, now=NOW)


class TestOnTheStaffsOwnAccount:
    def test_a_change_in_public_stands_in_the_log(self, article):
        by = UserFactory(display_name="Max")
        services.edit(sentence=wrong_one(article), text=RIGHT, by=by, now=NOW)
        made = services.note_change(article=article, by=by, now=NOW)
        assert (made.outcome, made.reported_at) == (Outcome.CORRECTED, None)
        assert made.version.sentences[1]["text"] == RIGHT
        assert services.note_change(article=article, by=by, now=NOW) is None

    def test_what_nobody_has_seen_does_not(self, article):
        Article.objects.update(state=State.IN_REVIEW, published_at=None)
        by = UserFactory(display_name="Max")
        services.edit(sentence=wrong_one(article), text=RIGHT, by=by, now=NOW)
        assert services.note_change(article=article, by=by, now=NOW) is None


class TestMail:
    def test_each_address_is_told_once(self, article):
        reports = [
            reported(article, email="Reader@example.org"),
            reported(article, number=1, email="reader@EXAMPLE.org", by="y"),
            reported(article, number=3, email="other@example.org", by="z"),
            reported(article, what="No address here."),
        ]
        correct(article, reports)
        assert sorted(Mail.objects.values_list("address", "key")) == [
            ("Reader@example.org", f"report-{reports[0].pk}-decided"),
            ("other@example.org", f"report-{reports[2].pk}-decided"),
        ]

    def test_it_says_what_was_decided_and_why_and_nothing_of_the_report(self, article, settings):
        what = "Buy cheap pills at https://spam.example"
        made = correct(article, [reported(article, email="reader@example.org", what=what)])
        mail = Mail.objects.get()
        for text in (mail.text, mail.html):
            assert REASON in text
            assert WRONG in text
            assert RIGHT in text
            assert f"{settings.SITE_URL}/corrections/{made.pk}/" in text
            assert "30 days from now" in " ".join(text.split())
            assert "spam.example" not in text

    def test_what_staff_write_is_only_text(self, article):
        correct(
            article,
            [reported(article, email="reader@example.org")],
            reason="<script>alert(1)</script>\r\nBcc: all@example.org",
        )
        mail = Mail.objects.get()
        assert "<script>" not in mail.html
        assert "\nBcc" not in mail.text


class TestAddresses:
    def test_they_are_dropped_some_time_after_the_answer(self, article, settings):
        settings.REPORT_ADDRESS_DAYS = 10
        report = reported(article, email="reader@example.org")
        correct(article, [report])
        Mail.objects.update(state=MailState.SENT, ended_at=NOW)
        assert retention.drop_addresses(now=NOW + timedelta(days=9, hours=23)) == 0
        assert retention.drop_addresses(now=NOW + timedelta(days=10)) == 1
        report.refresh_from_db()
        assert (report.email, report.what) == ("", "It was 8.")
        mail = Mail.objects.get()
        assert (mail.address, mail.text) == ("", "")
        assert retention.drop_addresses(now=NOW + timedelta(days=11)) == 0

    def test_a_mail_on_its_way_is_sent_first(self, article):
        correct(article, [reported(article, email="reader@example.org")])
        later = NOW + timedelta(days=40)
        retention.drop_addresses(now=later)
        mail = Mail.objects.get()
        assert mail.address == "reader@example.org"
        assert mail.keep_until <= later

    def test_what_nobody_answers_is_not_kept_for_ever(self, article, settings):
        settings.REPORT_ADDRESS_MAX_DAYS = 100
        report = reported(article, email="reader@example.org")
        retention.drop_addresses(now=REPORTED + timedelta(days=99))
        report.refresh_from_db()
        assert report.email
        retention.drop_addresses(now=REPORTED + timedelta(days=100))
        report.refresh_from_db()
        assert not report.email

    def test_what_was_closed_with_a_note_goes_too(self, article):
        report = ErrorReportFactory(
            article=article, email="x@example.org", state="closed", note="Spam.", closed_at=NOW
        )
        retention.drop_addresses(now=NOW + timedelta(days=30))
        report.refresh_from_db()
        assert not report.email


@pytest.mark.django_db
class TestDatabase:
    @pytest.mark.parametrize(
        "facts",
        [
            {"outcome": "lost"},
            {"reason": ""},
            {"outcome": Outcome.CORRECTED},
            {"reported_at": NOW + timedelta(seconds=1)},
        ],
    )
    def test_an_impossible_decision_cannot_be_stored(self, facts):
        article = ArticleFactory()
        sound = {"outcome": Outcome.NO_CHANGE, "reason": REASON, "decided_at": NOW}
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.create(article=article, **(sound | facts))

    @pytest.mark.parametrize("facts", [{"closed_at": NOW}, {"state": "closed", "note": "x"}])
    def test_an_impossible_report_cannot_be_stored(self, facts):
        with pytest.raises(IntegrityError), transaction.atomic():
            ErrorReportFactory(**({"closed_at": None} | facts))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does():
    article = published_article()
    report = reported(article, email="reader@example.org")
    one, other = UserFactory(display_name="Rosa"), UserFactory(display_name="Max")
    outcomes = at_once(
        lambda: correct(article, [report], by=one),
        lambda: correct(article, [report], by=other, outcome=Outcome.NO_CHANGE, words={}),
    )
    assert sorted(type(outcome) for outcome in outcomes if not isinstance(outcome, Exception)) == [
        Correction
    ]
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [
        NotDecidable
    ]
    assert Correction.objects.count() == Mail.objects.count() == 1


KILLED = """
import os, signal, django
django.setup()
from django.db import transaction
from django.utils import timezone
from meetings.articles import correcting
from meetings.articles.models import ErrorReport, Outcome
from memberships.gate.entitlement import User
report = ErrorReport.objects.get()
with transaction.atomic():
    correcting.decide(article=report.article, reports=[report], outcome=Outcome.NO_CHANGE,
        reason="It is right.", by=User.objects.get(), now=timezone.now())
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_who_is_killed_while_deciding_has_decided_nothing_and_told_nobody():
    article = published_article()
    report = reported(article, email="reader@example.org")
    by = UserFactory(display_name="Rosa")
    before = everything()
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connection.settings_dict["NAME"]
    )
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": database.geturl(), "DJANGO_SETTINGS_MODULE": "portal.settings"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert everything() == before
    correcting.decide(
        article=article,
        reports=[report],
        outcome=Outcome.NO_CHANGE,
        reason="It is right.",
        by=by,
        now=NOW,
    )
    assert Mail.objects.get().state == MailState.WAITING
