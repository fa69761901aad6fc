"""Matching a meeting: what is found is kept once, whatever comes again."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from meetings.alerts import matching, quieting, services
from meetings.alerts.following import match_changes
from meetings.alerts.held import parts_apart
from meetings.alerts.matching import _write, held_against_all, hold, match
from meetings.alerts.models import Match, Quiet, Round, Run, StoredTree, TreeTerm
from meetings.alerts.stored import file_anew
from meetings.records import services as records
from meetings.records.models import Change, Meeting, State
from meetings.search.documents import texts
from meetings.transcripts.utterances import Utterance
from tests.concurrency import until_somebody_waits
from tests.meetings.alerts.factories import LONG_AGO, alert
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import (
    MembershipFactory,
    RefundedMembershipFactory,
    StaffFactory,
)

pytestmark = pytest.mark.django_db

HELD = date(2026, 3, 3)
NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)


def meeting_that_says(*said, **given) -> Meeting:
    meeting = MeetingFactory(held_on=HELD, **given)
    utterances = [
        Utterance(n * 1_000, n * 1_000 + 900, text, "Ana Smith") for n, text in enumerate(said)
    ]
    return transcribe(utterances, meeting=meeting).meeting


def matched(meeting, *, now=NOW) -> int:
    return match(meeting=meeting.pk, changed_at=now, now=now)


def test_a_match_holds_the_moment_and_the_words():
    one = alert("water main")
    meeting = meeting_that_says("Good evening.", "The water main broke.", "Thank you.")
    assert matched(meeting) == 1
    found = Match.objects.get()
    assert (found.alert, found.meeting, found.stage, found.source) == (
        one, meeting, "after", "transcripts",
    )  # fmt: skip
    assert (found.start_ms, found.end_ms, found.speaker) == (1_000, 1_900, "Ana Smith")
    assert "".join(part for part, _hit in found.lines[0]["parts"]) == "The water main broke."
    assert found.first_key == found.last_key != ""
    assert [part for part, is_match in found.lines[0]["parts"] if is_match] == ["water", "main"]
    assert found.url == f"{meeting.get_absolute_url()}?t=1#moment"
    run = Run.objects.get()
    assert (run.candidates, run.matched, run.matches) == (1, 1, 1)


def test_alerts_for_the_same_share_one_tree_and_each_has_its_match():
    alert("water   main"), alert("(water) main"), alert("zoning")
    assert StoredTree.objects.count() == 2
    assert matched(meeting_that_says("the water main")) == 2
    assert Run.objects.get().candidates == 1


def test_the_second_time_changes_nothing():
    alert("water")
    meeting = meeting_that_says("water")
    matched(meeting)
    before = list(Match.objects.values())
    assert matched(meeting) == matched(meeting, now=NOW + timedelta(days=1)) == 0
    assert list(Match.objects.values()) == before
    assert Run.objects.count() == 1


def test_an_edited_or_imported_transcript_tells_nothing_again():
    alert("water")
    meeting = meeting_that_says("the water main")
    matched(meeting)
    transcribe([Utterance(0, 900, "The waters of the main!")], meeting=meeting, version=2)
    assert matched(meeting) == 0
    meeting.transcripts.all().delete()
    transcribe([Utterance(0, 900, "the water mane")], meeting=meeting, version=1)
    assert matched(meeting) == 0


def test_another_language_is_told():
    alert("agua")
    meeting = meeting_that_says("water")
    assert matched(meeting) == 0
    transcribe([Utterance(0, 900, "el agua")], meeting=meeting, language="es")
    assert matched(meeting) == 1


def test_an_agenda_tells_before_the_meeting_and_what_is_added_to_it():
    alert("budget"), alert("zoning")
    meeting = MeetingFactory(state=State.ANNOUNCED, held_on=HELD)
    records.set_agenda(meeting=meeting, items=[records.Item("1. Budget", None)])
    assert matched(meeting) == 1
    assert Match.objects.get().stage == "before"
    items = [records.Item("1. Zoning", None), records.Item("2. BUDGET", None)]
    records.set_agenda(meeting=meeting, items=items)
    assert matched(meeting) == 1
    assert set(Match.objects.values_list("alert__query", flat=True)) == {"budget", "zoning"}


def test_both_stages_tell_each_its_own():
    alert("budget")
    meeting = meeting_that_says("We turn to the budget now.", state=State.ANNOUNCED)
    AgendaItemFactory(meeting=meeting, title="Budget", start_ms=5_000)
    assert matched(meeting) == 1, "what was said is not read before it is published"
    records.publish(meeting=meeting, now=NOW)
    assert matched(meeting) == 1
    assert set(Match.objects.values_list("stage", "source")) == {
        ("before", "agendas"), ("after", "transcripts"),
    }  # fmt: skip


def test_an_article_is_told_when_it_comes():
    meeting = meeting_that_says("water")
    alert(f"body:/{meeting.body.slug} in:articles")
    assert matched(meeting) == 0
    article = ArticleFactory(meeting=meeting, headline="Council mends the main")
    SentenceFactory(article=article)
    assert matched(meeting) == 1
    found = Match.objects.get()
    assert (found.article, found.url) == (article, article.get_absolute_url())
    assert matched(meeting) == 0


@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN])
def test_what_is_not_in_public_tells_nothing(state):
    alert("water")
    meeting = meeting_that_says("water", state=state)
    assert matched(meeting) == 0
    assert not Round.objects.exists()


def test_a_meeting_of_long_ago_tells_nothing(settings):
    alert("water")
    meeting = meeting_that_says("water")
    late = NOW + timedelta(days=settings.ALERT_MAX_AGE_DAYS)
    assert matched(meeting, now=late) == 0
    assert not Match.objects.exists()
    assert matched(meeting, now=late - timedelta(days=2)) == 1


def test_only_members_have_matches():
    member = MembershipFactory(started_at=LONG_AGO).user
    refunded, staff = RefundedMembershipFactory().user, StaffFactory()
    for owner in (member, refunded, staff):
        alert("water", owner=owner)
    assert matched(meeting_that_says("water")) == 2
    assert set(Match.objects.values_list("alert__owner", flat=True)) == {member.pk, staff.pk}


def test_a_paused_alert_finds_nothing_and_is_not_told_later():
    one = alert("water")
    services.pause(alert=one, now=NOW)
    meeting = meeting_that_says("water")
    assert matched(meeting) == 0
    services.resume(alert=one)
    assert matched(meeting) == 0
    assert matched(meeting_that_says("water")) == 1


def test_muted_words_take_their_passage_out():
    alert("water", "hydrant")
    assert matched(meeting_that_says("water from the hydrants")) == 0
    assert matched(meeting_that_says("water from the main")) == 1


def test_what_comes_in_a_quiet_time_is_never_told():
    alert("water")
    quieting.be_quiet(by=StaffFactory(), reason="The archive of 2026", now=NOW)
    meeting = meeting_that_says("water")
    assert matched(meeting, now=NOW + timedelta(minutes=1)) == 0
    quieting.speak(now=NOW + timedelta(minutes=2))
    assert matched(meeting, now=NOW + timedelta(minutes=3)) == 0
    assert matched(meeting_that_says("water"), now=NOW + timedelta(minutes=3)) == 1
    assert not Quiet.objects.at(NOW + timedelta(minutes=3)).exists()


def test_of_many_moments_some_are_kept_and_the_others_counted(settings):
    settings.ALERT_MOMENTS_A_MEETING = 3
    alert("water")
    said = [f"water number {'x' * n}" if n % 12 == 0 else f"word {n}" for n in range(12 * 8)]
    assert matched(meeting_that_says(*said)) == 3
    assert sorted(Match.objects.values_list("more", flat=True)) == [0, 0, 5]


def test_who_follows_a_body_is_told_of_each_text_once_and_of_the_article_first(settings):
    settings.ALERT_MOMENTS_A_MEETING = 2
    meeting = meeting_that_says(*["word " * 60] * 30)
    for title in ("Budget", "Zoning"):
        AgendaItemFactory(meeting=meeting, title=title)
    SentenceFactory(article=ArticleFactory(meeting=meeting))
    alert(f"body:/{meeting.body.slug}")
    assert matched(meeting) == 2
    told = Match.objects.order_by("pk").values_list("source", "more")
    assert [*told] == [("articles", 0), ("transcripts", 2)]


def test_the_same_words_twice_are_one_match():
    alert("motion")
    assert matched(meeting_that_says(*["The motion carries."] * 40)) == 1


def test_of_two_at_once_the_second_writes_nothing():
    alert("water")
    meeting = meeting_that_says("water")
    parts = {(kind, name): several for kind, name, several in parts_apart([*texts(meeting)])}
    outcome = held_against_all(hold(meeting, [*texts(meeting)]))
    assert matched(meeting) == 1
    assert _write(meeting, parts, outcome, now=NOW, started=0) == 0
    assert Match.objects.count() == Run.objects.count() == Round.objects.count() == 1


def test_whoever_dies_while_matches_are_written_leaves_no_round_behind(monkeypatch):
    alert("water")
    meeting = meeting_that_says("water")

    def dies(*_args, **_given):
        raise RuntimeError("power is gone")

    with monkeypatch.context() as broken:
        broken.setattr(matching, "write", dies)
        with pytest.raises(RuntimeError):
            matched(meeting)
    assert not Round.objects.exists()
    assert matched(meeting) == 1


def test_changes_of_one_meeting_are_matched_once_by_the_first():
    alert("water")
    meeting = meeting_that_says("water", published_at=timezone.now())
    Meeting.objects.filter(pk=meeting.pk).update(held_on=timezone.now().date())
    records.note_edit(meeting=meeting)
    records.note_edit(meeting=meeting)
    changes = [*Change.objects.order_by("pk")]
    match_changes(changes)
    match_changes(changes)
    assert Match.objects.count() == 1


def test_trees_that_were_filed_by_other_rules_are_filed_anew():
    alert("water")
    StoredTree.objects.update(filing=0, needs=[["gone"]])
    TreeTerm.objects.all().delete()
    assert matched(meeting_that_says("water")) == 1
    assert file_anew() == 0


@pytest.mark.django_db(transaction=True)
def test_a_tree_that_somebody_else_files_anew_is_waited_for():
    alert("water")
    StoredTree.objects.update(filing=0)
    TreeTerm.objects.all().delete()
    meeting = meeting_that_says("water")
    matches = Thread(target=lambda: (matched(meeting), connection.close()))
    with transaction.atomic():
        assert file_anew() == 1
        matches.start()
        until_somebody_waits()
    matches.join()
    assert Match.objects.count() == 1
