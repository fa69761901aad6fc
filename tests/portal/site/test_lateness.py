"""/readyz and the desk say who follows the log too slowly, and which transaction holds it up."""

from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from meetings.records import services as records
from meetings.records.following import InDatabase
from meetings.records.models import Change, State
from meetings.search.folder import Folder
from meetings.search.following import IndexFollower
from tests.meetings.records.factories import MeetingFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("alone")]

PLANTED = "INSERT INTO meetings_change (meeting_id, kind, created_at) VALUES (1, 'edited', now())"


@pytest.fixture
def index(settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    one = IndexFollower(Folder(settings.INDEX_ROOT))
    yield one
    one.leave()


@pytest.fixture
def pages():
    one = InDatabase("pages", lambda batch: None)
    one.follow()
    return one


def follow(*followers):
    for one in followers:
        while one.follow():
            pass


def change(*, seconds_ago):
    meeting = MeetingFactory(state=State.DRAFT)
    records.publish(meeting=meeting, now=timezone.now())
    long_ago = timezone.now() - timedelta(seconds=seconds_ago)
    Change.objects.filter(meeting_id=meeting.pk).update(created_at=long_ago)


def lines(visitor):
    answer = visitor.get("/readyz")
    assert answer.status_code == 200
    return answer.content.decode().splitlines()[3:]


def test_who_keeps_up_is_fine(index, pages, visitor, staff):
    follow(index)
    change(seconds_ago=600)
    follow(index, pages)
    assert lines(visitor) == ["search: ok", "pages: ok"]
    assert "do not see the newest" not in staff.get("/admin/").content.decode()


def test_a_moment_is_no_lateness(index, pages, visitor):
    follow(index)
    change(seconds_ago=0)
    assert lines(visitor) == ["search: ok", "pages: ok"]


def test_an_index_that_is_not_there_is_told_and_takes_nobody_out_of_rotation(index, visitor, staff):
    assert lines(visitor) == ["search: no index"]
    assert "The search index is missing" in staff.get("/admin/").content.decode()


def test_who_is_late_is_named_and_the_lateness_counted(index, pages, visitor, staff):
    follow(index)
    change(seconds_ago=14)
    follow(pages)
    assert lines(visitor) == ["search: 14 s behind", "pages: ok"]
    desk = staff.get("/admin/").content.decode()
    assert "Search is 14 seconds behind what was changed." in desk
    assert "does not run" in desk
    follow(index)
    assert lines(visitor) == ["search: ok", "pages: ok"]


def test_the_transaction_that_all_wait_for_is_named(index, pages, visitor, staff):
    follow(index)
    with closing(psycopg.connect(**connection.get_connection_params())) as slow:
        slow.execute(PLANTED)
        change(seconds_ago=14)
        follow(index, pages)
        since = connection_began(slow)
        waits = f"14 s behind, waits for process {slow.info.backend_pid}, open since {since} UTC"
        assert lines(visitor) == [f"search: {waits}", f"pages: {waits}"]
        desk = staff.get("/admin/").content.decode()
        assert f"process {slow.info.backend_pid} in the database {slow.info.dbname}" in desk
        slow.rollback()
    follow(index, pages)
    assert lines(visitor) == ["search: ok", "pages: ok"]


def connection_began(slow):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS')"
            " FROM pg_stat_activity WHERE pid = %s",
            [slow.info.backend_pid],
        )
        return cursor.fetchone()[0]
