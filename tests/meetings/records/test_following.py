"""The log is followed in order, with nothing left out and nothing twice, whatever breaks."""

import time
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from meetings.records import changes, services
from meetings.records.changes import Position
from meetings.records.following import Bell, InDatabase, run
from meetings.records.models import Change, Follower
from tests.meetings.records.factories import MeetingFactory

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("alone"),
]

PLANTED = "INSERT INTO meetings_change (meeting_id, kind, created_at) VALUES (%s, 'edited', now())"


@pytest.fixture
def other():
    """A second connection to the same database: somebody else's transaction."""
    with psycopg.connect(**connection.get_connection_params()) as line:
        yield line
        line.rollback()


@pytest.fixture
def heard():
    """The numbers of the meetings that `follower` was told of, in order."""
    return []


@pytest.fixture
def follower(heard):
    """One that began before anything happened."""
    one = InDatabase("test", lambda batch: heard.extend(row.meeting_id for row in batch))
    assert one.follow() is False
    return one


def edit(number: int) -> Change:
    with transaction.atomic():
        return changes.record(meeting=MeetingFactory.build(pk=number), kind=Change.Kind.EDITED)


def test_changes_are_told_once_and_in_order(follower, heard):
    for number in (3, 1, 2):
        edit(number)
    assert follower.follow() is True
    assert follower.follow() is False
    edit(9)
    follower.follow()
    assert heard == [3, 1, 2, 9]


def test_a_follower_begins_with_what_happens_after_it_was_first_seen(heard):
    edit(1)
    late = InDatabase("late", lambda batch: heard.extend(row.meeting_id for row in batch))
    late.follow()
    edit(2)
    late.follow()
    assert heard == [2]


def test_a_slow_transaction_that_commits_late_is_not_skipped(follower, heard, other):
    other.execute(PLANTED, [1])  # has its number, and is not committed
    quick = edit(2)
    assert follower.follow() is False  # what came after it waits for it
    other.commit()
    follower.follow()
    assert heard == [1, 2]
    assert list(changes.after(changes.position_of(quick), limit=9)) == []


def test_one_that_was_numbered_early_and_began_to_write_late_is_not_skipped(follower, heard, other):
    """The sequence gave it a lower number than a change that was followed long ago."""
    other.execute("SELECT nextval('meetings_change_id_seq')")  # no transaction id is taken by that
    number = other.execute("SELECT currval('meetings_change_id_seq')").fetchone()[0]
    edit(2)
    follower.follow()
    other.execute(
        "INSERT INTO meetings_change (id, meeting_id, kind, created_at)"
        " VALUES (%s, 1, 'edited', now())",
        [number],
    )
    other.commit()
    follower.follow()
    assert heard == [2, 1]


def test_what_was_rolled_back_is_never_told(follower, heard, other):
    other.execute(PLANTED, [1])
    edit(2)
    other.rollback()
    follower.follow()
    assert heard == [2]


def test_a_log_longer_than_a_batch_is_followed_to_its_end(follower, heard):
    meetings = [MeetingFactory() for _ in range(3)]
    with transaction.atomic():
        for _ in range(70):
            changes.record_all(
                meetings=type(meetings[0]).objects.order_by("pk"), kind=Change.Kind.EDITED
            )
    while follower.follow():
        pass
    assert heard == [meeting.pk for meeting in meetings] * 70


def test_work_that_failed_is_done_again_and_the_checkpoint_stays(heard):
    def fails(batch):
        raise RuntimeError("power is gone")

    InDatabase("test", fails).follow()
    edit(1)
    before = Follower.objects.values().get()
    with pytest.raises(RuntimeError):
        InDatabase("test", fails).follow()
    assert Follower.objects.values().get() == before
    InDatabase("test", lambda batch: heard.extend(row.meeting_id for row in batch)).follow()
    assert heard == [1]


def test_of_two_at_once_the_slower_one_does_not_move_the_checkpoint_back(follower, heard):
    def overtaken(batch):
        edit(2)
        while follower.follow():
            pass

    edit(1)
    InDatabase("test", overtaken).follow()
    assert heard == [1, 2]
    assert follower.follow() is False
    assert heard == [1, 2]


def test_after_a_restore_what_was_left_is_told_and_then_what_is_new(follower, heard):
    """A dump restored in another cluster: its transactions count from elsewhere."""
    for number in (1, 2, 3):
        edit(number)
    follower.follow()
    elsewhere = Position(7, 10**15)
    Change.objects.update(system=elsewhere.system)
    rows = Change.objects.order_by("id")
    for far, row in enumerate(rows):
        Change.objects.filter(pk=row.pk).update(xid=elsewhere.xid + far)
    Follower.objects.update(system=elsewhere.system, xid=elsewhere.xid, change=rows[0].pk)
    heard.clear()
    edit(4)
    while follower.follow():
        pass
    edit(5)
    while follower.follow():
        pass
    assert heard == [2, 3, 4, 5]
    assert Follower.objects.get().system == changes.end().system


def test_a_restore_of_a_restore_is_told_in_the_order_of_the_clusters(follower, heard):
    follower.follow()
    for system, number in ((7, 1), (7, 2), (3, 3)):
        edit(number)
        Change.objects.filter(meeting_id=number).update(system=system, xid=10**15 - number)
    first = Change.objects.get(meeting_id=2)  # in its cluster, 2 came before 1
    Follower.objects.update(system=7, xid=first.xid, change=first.pk)
    edit(4)
    while follower.follow():
        pass
    assert heard == [1, 3, 4]


def test_a_position_is_known_until_the_database_goes_back_in_time():
    here = changes.end()
    assert changes.is_ours(here)
    done = changes.position_of(edit(1))
    assert changes.is_ours(done)
    assert not changes.is_ours(done._replace(system=done.system + 1))
    assert not changes.is_ours(Position(here.system, here.xid + 10**9))
    Change.objects.all().delete()  # as a backup does that was made before
    assert not changes.is_ours(done)


def test_a_lag_names_the_transaction_that_is_waited_for(follower, other):
    assert changes.lag(changes.end(), now=timezone.now()) is None
    here = changes.end()
    other.execute(PLANTED, [1])
    edit(2)
    found = changes.lag(here, now=timezone.now() + timedelta(seconds=10))
    assert 10 <= found.seconds < 12
    assert found.held_by.process == other.info.backend_pid
    assert found.held_by.database == other.info.dbname
    assert timezone.now() - found.held_by.since < timedelta(minutes=1)
    other.commit()
    found = changes.lag(here, now=timezone.now())
    assert found.held_by is None  # nobody but the follower itself is to blame


def test_reading_holds_nobody_back(follower, other):
    other.execute("SELECT count(*) FROM meetings_change")  # open, and without an id
    edit(1)
    assert follower.follow() is True


def test_the_bell_rings_at_the_commit():
    bell = Bell()
    bell.wait(5)  # the first time it only begins to listen
    edit(1)
    began = time.monotonic()
    bell.wait(30)
    assert time.monotonic() - began < 10
    bell.close()


def test_without_a_ring_the_bell_comes_back_in_time():
    bell = Bell()
    bell.wait(5)
    began = time.monotonic()
    bell.wait(0.05)
    assert 0.04 < time.monotonic() - began < 5
    bell.close()


def test_a_line_that_was_cut_is_laid_anew(other):
    bell = Bell()
    bell.wait(5)
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'"
    )
    other.commit()
    bell.wait(0.05)
    bell.wait(5)  # listens again
    edit(1)
    began = time.monotonic()
    bell.wait(30)
    assert time.monotonic() - began < 10
    bell.close()


class Rounds:
    """Ends after some rounds."""

    def __init__(self, many: int) -> None:
        self.left = many

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


class Quick(Bell):
    """Never waits."""

    def wait(self, seconds: float) -> None:
        pass


class Counting:
    """Follows, and fails at the times that it is told to."""

    name = "counting"

    def __init__(self, *fails: type[Exception] | None) -> None:
        self.fails = list(fails)
        self.turns = 0

    def follow(self) -> bool:
        self.turns += 1
        if self.fails and (kind := self.fails.pop(0)):
            raise kind("out of order")
        return False


def test_one_that_fails_rests_and_the_others_go_on(caplog):
    bad, good, alive = Counting(*[ValueError] * 9), Counting(), []
    run([bad, good], bell=Quick(), alive=lambda: alive.append(1), ends=Rounds(5))
    assert (bad.turns, good.turns) == (1, 5)
    assert alive == []
    assert "counting cannot follow" in caplog.text


def test_a_database_that_went_away_is_waited_for(caplog, monkeypatch):
    rests = iter(range(0, 1000, 100))
    monkeypatch.setattr("meetings.records.following.time.monotonic", lambda: next(rests))
    one, alive = Counting(OperationalError, None, None), []
    run([one], bell=Quick(), alive=lambda: alive.append(1), ends=Rounds(3))
    assert one.turns == 3
    assert len(alive) == 2


def test_services_ring_and_write_in_one_transaction():
    with transaction.atomic():
        meeting = MeetingFactory()
        services.note_edit(meeting=meeting)
        assert list(changes.after(Position(changes.end().system, 0), limit=9)) == []
    assert [
        one.meeting_id for one in changes.after(Position(changes.end().system, 0), limit=9)
    ] == [meeting.pk]
