"""Pages and copies: no row is skipped, none comes twice, and what is gone is told."""

import os
import threading
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.articles.models import Article
from meetings.data.api import cursors, lists, problems
from meetings.records import services as records
from meetings.records.models import Change, Meeting
from meetings.transcripts import services as transcripts
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from tests.concurrency import at_once
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.data.api.world import BASE
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory, token_of

SEGMENTS = int(os.environ.get("PAGED_SEGMENTS", "100_000"))


def said(count, words="Words"):
    return [Utterance(n * 1_000, n * 1_000 + 900, f"{words} {n}.", "Chair") for n in range(count)]


def all_of(ask, path, **query):
    """Every row of a list, page by page."""
    rows, cursor = [], {}
    while True:
        page = ask(path, **query, **cursor).json()
        rows += page["data"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_any_size_hold_each_segment_once(ask, limit):
    for count in (3, 1, 9, 4):
        transcribe(said(count), meeting=MeetingFactory())
    rows = all_of(ask, "segments", limit=limit)
    there = Segment.objects.order_by("transcript", "position")
    assert [(row["transcript"], row["position"]) for row in rows] == [
        *there.values_list("transcript", "position")
    ]
    assert len(rows) == 3 + 17


def test_the_next_page_is_linked(ask, client, town):
    MeetingFactory()
    page = ask("meetings", limit=1, fields="id")
    address, relation = page.headers["Link"].split("; ")
    assert relation == 'rel="next"'
    following = client.get(address.strip("<>").removeprefix("http://127.0.0.1:8000"))
    assert len(following.json()["data"]) == 1
    assert following.json()["next"] is None
    assert "Link" not in following.headers


@pytest.mark.parametrize("wrong", ["", "x", "W10:x", "a" * 1_001, "\N{SNOWMAN}"])
def test_a_cursor_that_is_none_is_refused(ask, wrong):
    for path in ("meetings", "segments", "articles"):
        answer = ask(path, cursor=wrong)
        assert answer.status_code in {400, 422}
        assert answer.json()["type"].rpartition("#")[2] in {"bad-cursor", "invalid"}


def test_a_cursor_belongs_to_one_list_and_its_filters(ask, town):
    for _ in range(2):
        MeetingFactory()
    cursor = ask("meetings", limit=1).json()["next"]
    assert ask("meetings", limit=2, fields="id", cursor=cursor).status_code == 200
    assert ask("meetings", state="published", cursor=cursor).status_code == 400
    assert ask("places", cursor=cursor).status_code == 400
    assert ask("meetings", cursor=cursor[:-1] + "!").status_code == 400


def test_a_cursor_of_ones_own_clips_opens_no_others(client, ask, town):
    mine = {"owner": town.member.pk}
    other = MembershipFactory().user
    cursor = cursors.written("clips", {"whose": "own"} | mine, [1])
    assert ask("clips", cursor=cursor).status_code == 200
    theirs = token_of(other).written
    assert ask("clips", token=theirs, cursor=cursor).status_code == 400


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=3))
def test_cursors_read_back(key):
    written = cursors.written("a list", {"body": 1}, key)
    assert cursors.read(written, "a list", {"body": 1}, length=len(key)) == key
    for name, filters in (("another", {"body": 1}), ("a list", {"body": 2})):
        with pytest.raises(problems.Problem):
            cursors.read(written, name, filters, length=len(key))


@pytest.mark.django_db
@given(edits=st.lists(st.sampled_from(["add", "edit", "withdraw"]), min_size=1, max_size=6))
@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_whatever_happens_between_pages_what_stays_is_seen_once(ask, edits):
    with transaction.atomic():
        meetings = [MeetingFactory() for _ in range(4)]
        for meeting in meetings:
            transcribe(said(5), meeting=meeting)
        before = {
            (row.transcript_id, row.key): row.transcript.meeting_id
            for row in Segment.objects.filter(
                transcript__is_current=True, transcript__meeting__state="published"
            ).select_related("transcript")
        }
        seen, cursor, gone = [], {}, set()
        for step in [*edits, *["none"] * 40]:
            page = ask("segments", limit=3, **cursor).json()
            seen += [(row["transcript"], row["key"]) for row in page["data"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
            if step == "add":
                transcribe(said(2), meeting=MeetingFactory())
            if step == "edit" and meetings:
                transcripts.add_version(
                    meeting=meetings[-1], language="en", source_format="x", utterances=said(4)
                )
            if step == "withdraw" and len(meetings) > 1:
                last = meetings.pop()
                records.withdraw(meeting=last, reason="A reason.")
                gone.add(last.pk)
        assert len(seen) == len(set(seen))
        assert {one for one, meeting in before.items() if meeting not in gone} <= set(seen)
        assert set(seen) <= set(before)
        transaction.set_rollback(True)


@pytest.mark.parametrize("path", ["meetings", "articles", "transcripts", "recordings"])
def test_a_list_goes_on_where_it_was_though_rows_before_go_and_change(ask, db, path):
    meetings = [MeetingFactory(held_on=date(2026, 3, day)) for day in range(1, 7)]
    for meeting in meetings:
        transcribe(said(1), meeting=meeting)
        ArticleFactory(meeting=meeting)
        RecordingFactory(meeting=meeting, ready=True)
    of = "id" if path == "meetings" else "meeting"
    seen, cursor = [], {}
    while True:
        page = ask(path, limit=2, **cursor).json()
        seen += [row[of] for row in page["data"]]
        if page["next"] is None:
            break
        if not cursor:
            records.withdraw(meeting=meetings[0], reason="A reason.")
            Meeting.objects.filter(pk=meetings[1].pk).update(held_on=date(2027, 1, 1))
            Meeting.objects.filter(pk=meetings[5].pk).update(held_on=date(2020, 1, 1))
            Article.objects.filter(meeting=meetings[1]).update(updated_at=timezone.now())
        cursor = {"cursor": page["next"]}
    assert [one for one in seen if one in {meeting.pk for meeting in meetings}] == [
        meeting.pk for meeting in meetings
    ]


class TestSyncing:
    def since(self, ask):
        return ask("meetings").headers["Synced-Until"]

    def test_only_what_changed_comes_and_what_is_gone_is_told(self, ask, town):
        Change.objects.all().delete()
        begin = timezone.now().isoformat()
        other = MeetingFactory()
        assert ask("meetings", updated_since=begin).json()["data"] == []
        records.note_edit(meeting=other)
        records.withdraw(meeting=town.meeting, reason="It was private.")
        rows = {row["id"]: row for row in ask("meetings", updated_since=begin).json()["data"]}
        assert rows[town.meeting.pk] == {
            "id": town.meeting.pk,
            "gone": True,
            "reason": "It was private.",
        }
        assert rows[other.pk]["title"] == other.title
        for path in ("articles", "transcripts", "recordings"):
            (row,) = ask(path, updated_since=begin).json()["data"]
            assert row["gone"] is True, path
        assert ask("segments", updated_since=begin).json()["data"] == []

    def test_what_went_back_to_draft_is_told_as_gone(self, ask, town):
        """Withdrawn and hidden between two copies: the second hears nothing but that."""
        begin = timezone.now().isoformat()
        records.withdraw(meeting=town.meeting, reason="It was private.")
        records.return_to_draft(meeting=town.meeting)

        def told(path, since):
            return ask(path, updated_since=since).json()["data"]

        for path in ("articles", "transcripts", "recordings", "meetings"):
            (row,) = told(path, begin)
            assert (row["gone"], row.get("reason")) == (True, None), path
            assert not set(row) - {"id", "meeting", "gone", "reason"}
        assert told("segments", begin) == []
        later = timezone.now().isoformat()
        for path in ("articles", "transcripts", "recordings", "meetings"):
            assert told(path, later) == []
        records.announce(meeting=town.meeting)
        for path in ("transcripts", "recordings"):
            (row,) = told(path, begin)
            assert row["gone"] is True, path

    def test_a_meeting_that_was_never_public_is_not_told_of(self, ask, town):
        draft = MeetingFactory(state="draft")
        records.note_edit(meeting=draft)
        ids = {
            row["id"] for row in ask("meetings", updated_since="2020-01-01T00:00Z").json()["data"]
        }
        assert draft.pk not in ids

    def test_an_article_that_is_withdrawn_is_told_as_gone(self, ask, town):
        gone = ArticleFactory(
            state="withdrawn", meeting=town.meeting, updated_at=timezone.now() + timedelta(hours=1)
        )
        begin = timezone.now().isoformat()
        (row,) = ask("articles", updated_since=begin).json()["data"]
        assert row == {
            "id": gone.pk,
            "meeting": town.meeting.pk,
            "gone": True,
            "reason": "It named the wrong street.",
        }

    @pytest.mark.parametrize(
        "odd", ["1598-10-11T10:06:00-17:18", "0001-01-01T00:00:00+23:59", "2026-10-01T00:00:00"]
    )
    def test_an_instant_of_any_zone_is_understood(self, ask, odd):
        for path in ("meetings", "articles", "segments"):
            assert ask(path, updated_since=odd).status_code == 200

    @pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", "x" * 100])
    def test_no_instant_is_refused(self, ask, wrong):
        assert ask("meetings", updated_since=wrong).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_is_not_missed_by_the_next_copy(client, monkeypatch):
    """It writes its change at an instant, and is seen only later than a copy of that instant."""
    monkeypatch.setattr(lists, "SLACK", timedelta(0))
    meeting = MeetingFactory()
    written, copied = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            records.note_edit(meeting=meeting)
            written.set()
            copied.wait()

    def copying():
        written.wait()
        try:
            return client.get(f"{BASE}meetings").headers["Synced-Until"]
        finally:
            copied.set()

    until = next(one for one in at_once(slow, copying) if one is not None)
    rows = client.get(f"{BASE}meetings", {"updated_since": until}).json()["data"]
    assert [row["id"] for row in rows] == [meeting.pk]
    change = Change.objects.latest("pk")
    assert lists.synced_until(lists.Asked()) is not None
    assert until < change.created_at.isoformat()


def paged(token, limit, begun):
    """What a client sees that reads its first page, and the others while staff are at work."""
    client, cursor, seen = Client(), {}, []
    asked = {"limit": limit, "fields": "transcript,position"}
    headers = {"Authorization": f"Bearer {token}"}
    while True:
        page = client.get(f"{BASE}segments", asked | cursor, headers=headers).json()
        seen += [(row["transcript"], row["position"]) for row in page["data"]]
        if not cursor:
            begun.wait()
        if page["next"] is None:
            return seen
        cursor = {"cursor": page["next"]}


def worked(meetings, gone, begun, done):
    """Staff publish, correct, withdraw and bring back until the clients are done; how many turns.

    A quarter of the meetings stays as it is.
    """
    begun.wait()
    given = {"language": "en", "source_format": "x"}
    turns, left = 0, meetings[len(meetings) // 4 :]
    while not done.is_set():
        transcripts.add_version(meeting=MeetingFactory(), utterances=said(50), **given)
        edited = left[turns * 7 % len(left)]
        transcripts.add_version(meeting=edited, utterances=said(1_000), **given)
        if turns % 5 == 0 and len(left) > 1:
            last = left.pop()
            gone.add(last.pk)
            records.withdraw(meeting=last, reason="A reason.")
            if turns % 10 == 0:
                records.publish(meeting=last, now=timezone.now())
        turns += 1
    return turns


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_clients_page_through_everything_while_meetings_come_and_go(capsys):
    """PAGED_SEGMENTS says how many segments there are."""
    meetings = [MeetingFactory() for _ in range(SEGMENTS // 1_000)]
    for meeting in meetings:
        transcripts.add_version(
            meeting=meeting, language="en", source_format="x", utterances=said(1_000)
        )
    rows = Segment.objects.values_list("transcript", "position", "transcript__meeting")
    before = {(transcript, position): meeting for transcript, position, meeting in rows}
    token = token_of(MembershipFactory().user).written
    gone, done, begun = set(), threading.Event(), threading.Barrier(3)

    def both():
        try:
            return at_once(lambda: paged(token, 1_000, begun), lambda: paged(token, 700, begun))
        finally:
            done.set()

    outcomes = at_once(both, lambda: worked(meetings, gone, begun, done))
    turns = next(one for one in outcomes if isinstance(one, int))
    stayed = {one for one, meeting in before.items() if meeting not in gone}
    for seen in next(one for one in outcomes if isinstance(one, list)):
        assert len(seen) == len(set(seen))
        assert stayed <= set(seen) <= set(before)
    with capsys.disabled():
        print(f"\n{len(before):,} segments, {turns} turns of staff, {len(gone)} withdrawn")
    assert turns > 1
    assert gone
