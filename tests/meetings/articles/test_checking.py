"""Checks as rows, stale marks, versions, and publishing with a failed check."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from meetings.articles import following, services, versions
from meetings.articles.models import (
    Article,
    ArticleVersion,
    Check,
    Evidence,
    Insight,
    InsightKind,
    Sentence,
    State,
)
from meetings.articles.services import NeedsReason, NotPublishable, NotRevisable
from meetings.intake import editing, steps
from meetings.intake import services as intake
from meetings.intake.models import Step
from meetings.records.models import Change
from meetings.records.models import State as MeetingState
from meetings.transcripts import correcting
from meetings.transcripts.edits import Reword, Split
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, EvidenceFactory, SentenceFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import UserFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SAID = [
    ("Ana Quintero", "We will replace the water main under Elm Street for eight million dollars."),
    ("Tom Diaz", "The library opens on Sunday from next month on."),
    ("Ana Quintero", "The motion carries five to two."),
]
QUOTED = "“We will replace the water main under Elm Street,” Ana Quintero said."
pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa():
    return UserFactory(display_name="Rosa Lind", is_staff=True)


@pytest.fixture
def article():
    """In review, with a quotation, a sum and a tally, each resting on its segment."""
    meeting = MeetingFactory()
    transcribe(
        [Utterance(at * 5_000, at * 5_000 + 4_000, *reversed(SAID[at])) for at in range(3)],
        meeting=meeting,
    )
    article = ArticleFactory(meeting=meeting, state=State.IN_REVIEW)
    for place, text in enumerate(
        [QUOTED, "The library will open on Sundays.", "It passed 5–2."], start=1
    ):
        sentence = SentenceFactory(article=article, position=place, text=text, evidence=None)
        rest_on(sentence, place - 1)
    return article


def rest_on(sentence, *places):
    """Give the sentence the segments at these places for evidence."""
    for segment in Segment.objects.filter(
        transcript__meeting=sentence.article.meeting, position__in=places
    ):
        EvidenceFactory(
            sentence=sentence,
            first_key=segment.key,
            last_key=segment.key,
            start_ms=segment.start_ms,
            end_ms=segment.end_ms,
        )


def sentence_at(article, position):
    return article.sentences.get(position=position)


def verdicts(sentence):
    return [(one.kind, one.verdict) for one in sentence.checks.order_by("position")]


def reword(article, place, text, *, by):
    """Save one edit of the transcript as staff do."""
    base = article.meeting.transcripts.current().get()
    key = Segment.objects.get(transcript=base, position=place).key
    return editing.save(
        base=base, submission=editing.Submission([Reword(key, text)], "", draft=None), by=by
    )


class TestChecking:
    def test_every_claim_of_every_sentence_becomes_a_row(self, article):
        assert services.check_article(article=article, now=NOW) == []
        assert verdicts(sentence_at(article, 1)) == [
            ("evidence", "rests"),
            ("quotation", "verbatim"),
            ("name", "found"),
            ("name", "found"),
        ]
        assert verdicts(sentence_at(article, 3))[1:] == [("vote", "found")]
        sentence = sentence_at(article, 1)
        assert (sentence.checked_at, sentence.checked_version) == (NOW, 1)
        assert sentence.evidence.get().words == SAID[0][1]

    def test_checking_again_replaces_the_rows(self, article):
        services.check_article(article=article, now=NOW)
        before = Check.objects.count()
        services.check_article(article=article, now=LATER)
        assert Check.objects.count() == before

    def test_a_sentence_without_evidence_fails_unless_staff_mark_it_as_context(self, article, rosa):
        sentence = SentenceFactory(
            article=article, position=9, text="The water main is old.", evidence=None
        )
        [failed] = services.check_article(article=article, now=NOW)
        assert (failed.kind, failed.verdict) == ("evidence", "missing")
        assert services.mark_as_context(sentence=sentence, is_context=True, by=rosa, now=NOW) == []
        assert verdicts(sentence) == [("evidence", "context")]
        published = services.publish(article=article, by=rosa, now=NOW)
        assert published.is_published

    def test_context_is_no_excuse_for_words_that_nobody_said(self, article, rosa):
        sentence = SentenceFactory(
            article=article, position=9, text="“We regret it all,” Tom Diaz said.", evidence=None
        )
        [failed] = services.mark_as_context(sentence=sentence, is_context=True, by=rosa, now=NOW)
        assert (failed.kind, failed.verdict) == ("quotation", "not_found")

    def test_without_a_transcript_nothing_rests_on_anything(self, rosa):
        article = SentenceFactory(article__state=State.IN_REVIEW).article
        [failed, *_rest] = services.check_article(article=article, now=NOW)
        assert (failed.kind, failed.verdict) == ("evidence", "gone")

    def test_the_step_comes_after_the_draft(self, article):
        transcript = article.meeting.transcripts.get()
        transcript.delete()
        from tests.meetings.articles.test_services import spoken_meeting

        spoken_meeting(meeting=article.meeting)
        steps.ask_for(meeting=article.meeting, name=Step.Name.DRAFTED)
        done = []
        while (step := steps.claim(now=NOW)) is not None:
            steps.run(step)
            done.append(step.name)
        assert done == [Step.Name.DRAFTED, Step.Name.CHECKED]
        drafted = Article.objects.exclude(pk=article.pk).get()
        assert not drafted.sentences.filter(checked_at__isnull=True).exists()
        assert not Check.objects.of_article(drafted).failed().exists()

    def test_an_article_that_was_replaced_meanwhile_is_passed_over(self, article):
        Article.objects.filter(pk=article.pk).delete()
        assert services.check_article(article=article, now=NOW) == []
        assert not Check.objects.exists()


class TestInsights:
    def insight(self, meeting, text, place, **facts):
        segment = Segment.objects.get(transcript__meeting=meeting, position=place)
        row = Insight.objects.create(
            meeting=meeting,
            position=Insight.objects.count() + 1,
            kind=facts.pop("kind", InsightKind.DECISION),
            text=text,
            language="en",
            writer="llm",
            writer_version="insights-1",
            transcript_version=1,
            created_at=NOW,
            **facts,
        )
        row.evidence.create(
            first_key=segment.key, last_key=segment.key, start_ms=0, end_ms=segment.end_ms
        )
        return row

    def test_one_that_fails_a_check_is_not_shown(self, article):
        meeting = article.meeting
        vote = {"kind": InsightKind.VOTE, "ayes": 5}
        good = [
            self.insight(meeting, "Replacing the water main costs $8 million.", 0),
            self.insight(meeting, "The motion carried.", 2, **vote, noes=2),
        ]
        bad = [
            self.insight(meeting, "Replacing the water main costs $9 million.", 0),
            self.insight(meeting, "The motion carried.", 2, **vote, noes=3),
            self.insight(
                meeting, "The motion carried.", 2, **vote, votes=[{"name": "Eve", "vote": "no"}]
            ),
        ]
        promise = {"kind": InsightKind.COMMITMENT, "who": "Ana Quintero"}
        text = "The water main will be replaced."
        good.append(self.insight(meeting, text, 0, **promise))
        bad.append(self.insight(meeting, text, 0, **promise | {"who": "Eve Marlow"}))
        bad.append(self.insight(meeting, text, 0, **promise, due="by May 3"))
        services.check_meeting(meeting=meeting, now=NOW)
        shown = Insight.objects.resting_in(meeting.transcripts.get())
        assert set(shown) == set(good)
        kinds = []
        for row in bad:
            row.refresh_from_db()
            kinds += [(one["kind"], one["verdict"], one["claim"]) for one in row.failed]
        assert kinds == [
            ("money", "not_found", "$9 million"),
            ("vote", "contradicted", "5–3"),
            ("name", "not_found", "Eve"),
            ("name", "not_found", "Eve Marlow"),
            ("date", "not_found", "May 3"),
        ]


class TestPublishing:
    def test_one_word_changed_in_a_quotation_asks_for_a_reason(self, article, rosa):
        """The third of the issue's shows."""
        wrong = QUOTED.replace("water", "gas")
        [failed] = services.edit(sentence=sentence_at(article, 1), text=wrong, by=rosa, now=NOW)
        assert (failed.kind, failed.verdict, failed.claim) == (
            "quotation",
            "altered",
            "“We will replace the gas main under Elm Street,”",
        )
        with pytest.raises(NeedsReason, match="1 check of this article failed") as refused:
            intake.approve_article(article=article, by=rosa, now=NOW)
        assert [one.verdict for one in refused.value.failed] == ["altered"]
        article.refresh_from_db()
        assert article.state == State.IN_REVIEW
        assert not Change.objects.filter(kind=Change.Kind.PUBLISHED).exists()

        reason = "She corrected herself in writing."
        intake.approve_article(article=article, by=rosa, now=NOW, reason=reason)
        version = article.versions.get(is_public=True)
        assert (version.reason, version.made_by_name) == (reason, "Rosa Lind")
        assert [(one["kind"], one["verdict"]) for one in version.failed] == [
            ("quotation", "altered")
        ]

    def test_a_reason_of_blanks_is_none(self, article, rosa):
        services.edit(sentence=sentence_at(article, 3), text="It passed 7–0.", by=rosa, now=NOW)
        with pytest.raises(NeedsReason):
            services.publish(article=article, by=rosa, now=NOW, reason=" \n ")

    def test_who_answers_for_a_failed_check_has_a_name(self, article):
        nobody = UserFactory(display_name="", is_staff=True)
        services.edit(sentence=sentence_at(article, 3), text="It passed 7–0.", by=nobody, now=NOW)
        with pytest.raises(NotPublishable, match="no name"):
            services.publish(article=article, by=nobody, now=NOW, reason="It is so.")

    def test_where_nothing_failed_no_reason_is_kept(self, article, rosa):
        services.publish(article=article, by=rosa, now=NOW, reason="To be sure.")
        version = article.versions.get(is_public=True)
        assert (version.failed, version.reason) == ([], "")

    def test_verdicts_that_are_out_of_date_are_not_trusted(self, article, rosa):
        services.check_article(article=article, now=NOW)
        article.sentences.filter(position=3).update(text="It passed 7–0.")
        with pytest.raises(NeedsReason):
            services.publish(article=article, by=rosa, now=NOW)

    def test_the_database_refuses_a_failed_check_without_a_reason(self, article):
        with pytest.raises(IntegrityError), transaction.atomic():
            ArticleVersion.objects.create(
                article=article,
                number=1,
                change=ArticleVersion.Change.PUBLISHED,
                is_public=True,
                sentences=[],
                transcript_version=1,
                failed=[{"kind": "vote"}],
                made_at=NOW,
                made_by_name="Rosa Lind",
            )


class TestRevising:
    def test_what_is_edited_in_public_is_refused_until_it_has_a_reason(self, article, rosa):
        services.publish(article=article, by=rosa, now=NOW)
        sentence = sentence_at(article, 3)
        with pytest.raises(NeedsReason):
            services.edit(sentence=sentence, text="It passed 7–0.", by=rosa, now=LATER)
        sentence.refresh_from_db()
        assert sentence.text == "It passed 5–2."
        assert verdicts(sentence)[1:] == [("vote", "found")]
        assert article.versions.public().count() == 1

        services.edit(
            sentence=sentence, text="It passed 7–0.", by=rosa, now=LATER, reason="Minutes say so."
        )
        last = article.versions.in_order().last()
        assert (last.change, last.is_public, last.reason) == ("revised", True, "Minutes say so.")

    def test_a_sound_edit_in_public_needs_none(self, article, rosa):
        services.publish(article=article, by=rosa, now=NOW)
        sentence = sentence_at(article, 3)
        text = "The motion carried 5–2."
        assert services.edit(sentence=sentence, text=text, by=rosa, now=LATER) == []
        old, new = article.versions.public().in_order()
        [difference] = versions.differences(old, new)
        assert (difference.was, difference.now) == ("It passed 5–2.", text)
        assert difference.pieces == (
            ("removed", "It passed"),
            ("added", "The motion carried"),
            ("same", "5–2."),
        )

    def test_a_reason_given_once_holds_for_what_it_was_given_for(self, article, rosa):
        services.edit(sentence=sentence_at(article, 3), text="It passed 7–0.", by=rosa, now=NOW)
        services.publish(article=article, by=rosa, now=NOW, reason="Minutes say so.")
        services.edit(
            sentence=sentence_at(article, 2), text="The library opens Sunday.", by=rosa, now=LATER
        )
        assert article.versions.in_order().last().reason == "Minutes say so."

    def test_a_struck_sentence_stays_in_the_versions(self, article, rosa):
        services.strike(sentence=sentence_at(article, 3), by=rosa, now=NOW)
        drafted, edited = article.versions.in_order()
        [difference] = versions.differences(drafted, edited)
        assert (difference.was, difference.now) == ("It passed 5–2.", "")

    def test_the_last_sentence_is_not_struck(self, article, rosa):
        for position in (1, 2):
            services.strike(sentence=sentence_at(article, position), by=rosa, now=NOW)
        with pytest.raises(NotRevisable, match="last sentence"):
            services.strike(sentence=sentence_at(article, 3), by=rosa, now=NOW)
        assert article.sentences.count() == 1

    @pytest.mark.parametrize("text", ["", " \n", "x" * (Sentence.TEXT_MAX + 1)])
    def test_an_impossible_text_is_refused(self, article, rosa, text):
        with pytest.raises(NotRevisable):
            services.edit(sentence=sentence_at(article, 1), text=text, by=rosa, now=NOW)
        assert not article.versions.exists()

    def test_a_withdrawn_article_and_a_struck_sentence_are_not_edited(self, article, rosa):
        sentence = sentence_at(article, 3)
        services.strike(sentence=sentence, by=rosa, now=NOW)
        with pytest.raises(NotRevisable, match="struck"):
            services.edit(sentence=sentence, text="It passed.", by=rosa, now=NOW)
        services.publish(article=article, by=rosa, now=NOW)
        services.withdraw(article=article, reason="A wrong street.")
        with pytest.raises(NotRevisable, match="withdrawn"):
            services.edit(sentence=sentence_at(article, 1), text="So.", by=rosa, now=NOW)

    def test_a_version_is_never_changed_and_outlives_the_account(self, article, rosa):
        services.publish(article=article, by=rosa, now=NOW)
        for change in ({"headline": "Another"}, {"sentences": []}, {"number": 7}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ArticleVersion.objects.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            ArticleVersion.objects.update(made_by=UserFactory())
        rosa.delete()
        version = article.versions.public().get()
        assert (version.made_by, version.made_by_name) == (None, "Rosa Lind")

    def test_what_was_published_before_there_were_versions_is_kept_first(self, article, rosa):
        Article.objects.filter(pk=article.pk).update(state=State.PUBLISHED, published_at=NOW)
        services.edit(
            sentence=sentence_at(article, 3), text="The motion carried 5–2.", by=rosa, now=LATER
        )
        first, second = article.versions.in_order()
        assert (first.change, first.is_public, first.made_at) == ("published", True, NOW)
        assert first.sentences[2]["text"] == "It passed 5–2."
        assert second.change == "revised"


class TestStale:
    def test_a_changed_transcript_turns_the_sentence_stale(self, article, rosa):
        """The third of the issue's shows, its other half."""
        services.publish(article=article, by=rosa, now=NOW)
        reword(article, 0, SAID[0][1].replace("water", "gas"), by=rosa)
        stale = sentence_at(article, 1)
        assert stale.stale_since is not None
        assert sentence_at(article, 2).stale_since is None
        assert Step.objects.get(name=Step.Name.CHECKED).state == Step.State.WAITING

        services.check_meeting(meeting=article.meeting, now=LATER)
        assert ("evidence", "gone") in verdicts(stale)
        assert ("quotation", "altered") in verdicts(stale)
        detail = stale.checks.get(verdict="gone").detail
        assert "water" in detail["was"]
        assert "gas" in detail["now"]
        article.refresh_from_db()
        assert article.is_published

    def test_words_between_the_first_and_the_last_segment_count_too(self, article, rosa):
        sentence = sentence_at(article, 1)
        first, _middle, last = Segment.objects.order_by("position")
        sentence.evidence.update(
            first_key=first.key, last_key=last.key, start_ms=0, end_ms=last.end_ms
        )
        services.check_article(article=article, now=NOW)
        reword(article, 1, "The library closes on Sunday.", by=rosa)
        sentence.refresh_from_db()
        assert sentence.stale_since is not None
        services.check_article(article=article, now=LATER)
        assert ("evidence", "changed") in verdicts(sentence)

    def test_a_version_that_is_brought_back_makes_it_stand_again(self, article, rosa):
        services.check_article(article=article, now=NOW)
        old = article.meeting.transcripts.get()
        made = reword(article, 0, "We will not.", by=rosa)
        assert sentence_at(article, 1).stale_since is not None
        editing.bring_back(old=old, instead_of=made.made.transcript, by=rosa)
        assert sentence_at(article, 1).stale_since is None

    def test_the_log_s_follower_marks_it_too_and_twice_changes_nothing(self, article, rosa):
        services.check_article(article=article, now=NOW)
        base = article.meeting.transcripts.get()
        key = Segment.objects.get(transcript=base, position=0).key
        correcting.correct(base=base, edits=[Reword(key, "We will not.")], by=rosa)
        change = Change.objects.create(meeting_id=article.meeting_id, kind=Change.Kind.EDITED)
        following.mark_stale([change, change])
        since = sentence_at(article, 1).stale_since
        assert since is not None
        following.mark_stale([change])
        assert sentence_at(article, 1).stale_since == since
        article.meeting.articles.all().delete()
        following.mark_stale([change])

    def test_withdrawn_articles_are_left_alone(self, article, rosa):
        services.publish(article=article, by=rosa, now=NOW)
        services.withdraw(article=article, reason="A wrong street.")
        reword(article, 0, "We will not.", by=rosa)
        assert sentence_at(article, 1).stale_since is None

    def test_staff_can_have_it_rest_on_what_is_said_there_now(self, article, rosa):
        services.check_article(article=article, now=NOW)
        base = article.meeting.transcripts.get()
        key = Segment.objects.get(transcript=base, position=0).key
        at = len("We will replace the water main")
        editing.save(
            base=base,
            submission=editing.Submission([Split(key, at, f"{key}+")], "", draft=None),
            by=rosa,
        )
        sentence = sentence_at(article, 1)
        assert sentence.stale_since is not None
        assert services.rest_again(sentence=sentence, by=rosa, now=LATER) == []
        sentence.refresh_from_db()
        assert sentence.stale_since is None
        assert ("quotation", "verbatim") in verdicts(sentence)
        evidence = sentence.evidence.get()
        keys = list(
            Segment.objects.filter(transcript__is_current=True)
            .order_by("position")
            .values_list("key", flat=True)
        )
        assert (evidence.first_key, evidence.last_key) == (keys[0], keys[1])

    def test_where_nothing_is_said_any_more_it_cannot_rest(self, article, rosa):
        services.check_article(article=article, now=NOW)
        transcribe([Utterance(90_000, 95_000, "Good night.")], meeting=article.meeting, version=2)
        with pytest.raises(NotRevisable, match="Nothing is said there"):
            services.rest_again(sentence=sentence_at(article, 1), by=rosa, now=LATER)

    def test_a_draft_that_is_checked_late_still_knows_what_it_was_written_from(self, article, rosa):
        reword(article, 0, "We will replace the gas main under Elm Street.", by=rosa)
        services.check_article(article=article, now=NOW)
        sentence = sentence_at(article, 1)
        assert sentence.evidence.get().words == SAID[0][1]
        assert ("evidence", "gone") in verdicts(sentence)


def test_a_meeting_that_is_withdrawn_publishes_nothing_even_with_a_reason(article, rosa):
    article.meeting.state, article.meeting.withdrawn_reason = MeetingState.WITHDRAWN, "So."
    article.meeting.save()
    with pytest.raises(ValueError, match="withdrawn"):
        intake.approve_article(article=article, by=rosa, now=NOW, reason="It is so.")
    assert Evidence.objects.filter(words="").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_at_once_who_check_and_edit_leave_one_set_of_rows(article, rosa):
    ready = threading.Barrier(3)
    outcomes = []

    def work(do):
        try:
            ready.wait()
            do()
            outcomes.append("done")
        finally:
            connection.close()

    sentence = sentence_at(article, 3)
    works = [
        lambda: services.check_article(article=article, now=NOW),
        lambda: services.check_meeting(meeting=article.meeting, now=NOW),
        lambda: services.edit(sentence=sentence, text="It passed 7–0.", by=rosa, now=NOW),
    ]
    threads = [threading.Thread(target=work, args=[do]) for do in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["done"] * 3
    sentence.refresh_from_db()
    assert sentence.text == "It passed 7–0."
    services.check_article(article=article, now=NOW)
    assert verdicts(sentence)[1:] == [("vote", "contradicted")]


def test_insights_are_checked_again_where_no_article_is_told(article, rosa):
    meeting = article.meeting
    TestInsights().insight(meeting, "The motion carried.", 2)
    article.delete()
    reword(article, 1, "The library closes.", by=rosa)
    assert Step.objects.get(meeting=meeting, name=Step.Name.CHECKED).state == Step.State.WAITING
