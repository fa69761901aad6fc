"""/readyz and the desk say who follows the log too slowly, and which transaction holds it up."""

from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from meetings.alerts.following import match_changes
from meetings.records import services as records
from meetings.records.following import InDatabase
from meetings.records.models import Change, State
from meetings.search.folder import Folder
from meetings.search.following import IndexFollower
from portal.post import services
from portal.post.models import Mail
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
    assert lines(visitor) == ["search: ok", "pages: ok", "outbox: ok"]
    assert "do not see the newest" not in staff.get("/admin/").content.decode()


def test_a_moment_is_no_lateness(index, pages, visitor):
    follow(index)
    change(seconds_ago=0)
    assert lines(visitor) == ["search: ok", "pages: ok", "outbox: ok"]


def test_an_index_that_is_not_there_is_told_and_takes_nobody_out_of_rotation(index, visitor, staff):
    assert lines(visitor) == ["search: no index", "outbox: ok"]
    assert "The search index is missing" in staff.get("/admin/").content.decode()


def test_who_is_late_is_named_and_the_lateness_counted(index, pages, visitor, staff):
    follow(index)
    change(seconds_ago=14)
    follow(pages)
    assert lines(visitor) == ["search: 14 s behind", "pages: ok", "outbox: ok"]
    desk = staff.get("/admin/").content.decode()
    assert "Search is 14 seconds behind what was changed." in desk
    assert "does not run" in desk
    follow(index)
    assert lines(visitor) == ["search: ok", "pages: ok", "outbox: ok"]


def test_the_transaction_that_all_wait_for_is_named(index, pages, visitor, staff):
    follow(index)
    with closing(psycopg.connect(**connection.get_connection_params())) as slow:
        slow.execute(PLANTED)
        change(seconds_ago=14)
        follow(index, pages)
        since = connection_began(slow)
        waits = f"14 s behind, waits for process {slow.info.backend_pid}, open since {since} UTC"
        assert lines(visitor) == [f"search: {waits}", f"pages: {waits}", "outbox: ok"]
        desk = staff.get("/admin/").content.decode()
        assert f"process {slow.info.backend_pid} in the database {slow.info.dbname}" in desk
        slow.rollback()
    follow(index, pages)
    assert lines(visitor) == ["search: ok", "pages: ok", "outbox: ok"]


def test_who_holds_meetings_against_alerts_is_named_where_it_is_late(index, visitor, staff):
    alerts = InDatabase("alerts", match_changes)
    follow(index, alerts)
    change(seconds_ago=14)
    follow(index)
    assert lines(visitor) == ["search: ok", "alerts: 14 s behind", "outbox: ok"]
    desk = staff.get("/admin/").content.decode()
    assert "The holding of meetings against alerts is 14 seconds behind" in desk
    follow(alerts)
    assert lines(visitor) == ["search: ok", "alerts: ok", "outbox: ok"]


def test_an_outbox_that_stands_still_is_named(index, visitor, staff, monkeypatch):
    monkeypatch.setattr(services, "_nudge", lambda: None)
    follow(index)
    facts = {"subject": "x", "template": "alerts/digest", "context": {}, "to": "ana@example.org"}
    now = timezone.now()
    mail = services.queue(key="one", now=now - timedelta(minutes=2), **facts)
    assert lines(visitor) == ["search: ok", "outbox: ok"]
    Mail.objects.update(due_at=now - timedelta(seconds=400))
    (_search, outbox) = lines(visitor)
    assert outbox in {"outbox: 400 s behind", "outbox: 401 s behind", "outbox: 402 s behind"}
    assert "nobody sends it" in staff.get("/admin/").content.decode()
    Mail.objects.filter(pk=mail.pk).update(due_at=now + timedelta(hours=1))  # its next try
    assert lines(visitor) == ["search: ok", "outbox: ok"]


def connection_began(slow):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS')"
            " FROM pg_stat_activity WHERE pid = %s",
            [slow.info.backend_pid],
        )
        return cursor.fetchone()[0]
