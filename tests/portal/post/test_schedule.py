"""Beat sees to the outbox by itself, and a lease outlasts whoever holds it."""

from datetime import timedelta

import pytest
from django.db import connection

from portal.celery import app
from portal.post import rounds, tasks
from portal.post.models import Mail, State
from tests.portal.post.conftest import NOW


def test_beat_calls_tasks_that_are_there():
    app.loader.import_default_modules()
    called = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert called <= set(app.tasks)
    assert {"portal.post.tasks.send_due", "portal.post.tasks.empty_old"} <= called


def test_a_lease_outlasts_the_task_that_took_it():
    limit = timedelta(seconds=tasks.send_due.time_limit)
    assert limit < Mail.LEASE
    assert timedelta(seconds=tasks.send_due.soft_time_limit) > rounds.LONGEST


@pytest.mark.django_db
def test_the_task_sends_what_is_due_by_the_clock_on_the_wall(queue):
    queue(now=NOW - timedelta(days=3000))  # long ago, whenever this runs
    tasks.send_due()
    assert Mail.objects.get().state == State.SENT
    tasks.empty_old()
    assert Mail.objects.get().emptied_at is not None


@pytest.mark.django_db
def test_what_is_due_is_found_without_reading_what_was_sent(queue):
    queue()
    (first,) = Mail.objects.all()
    Mail.objects.bulk_create(
        Mail(
            **{
                field.attname: getattr(first, field.attname)
                for field in Mail._meta.concrete_fields
                if field.attname not in {"id", "key", "state", "ended_at"}
            },
            key=f"sent-{number}",
            state=State.SENT,
            ended_at=NOW,
        )
        for number in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE post_mail")
    plan = Mail.objects.due(at=NOW).order_by("due_at", "id")[:1].explain()
    assert "mail_under_way" in plan, plan
