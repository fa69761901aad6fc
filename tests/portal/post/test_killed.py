"""A real worker is killed with a message in flight: nothing is lost, and that one is repeated."""

import os
import subprocess
import sys
import threading
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from portal.post import rounds, services
from portal.post.models import Mail, State
from tests.portal.post.conftest import FACTS

ROOT = Path(__file__).resolve().parents[3]
MAILS = 12
KILLED_AT = 5


@pytest.fixture
def worker(settings, sink):
    """A worker of the site, on the tests' database, a queue of its own and the sink."""
    name = f"post-{uuid.uuid4().hex}"
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connection.settings_dict["NAME"]
    )
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "--quiet", "-A", "portal", "worker"),
            *("--pool", "solo", "--queues", name, "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": database.geturl(),
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        },
        start_new_session=True,
    )
    yield name, process
    process.kill()
    process.wait()
    with current_app.connection_for_write() as broker:  # what nobody acknowledged
        broker.default_channel.queue_purge(name)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_kill_loses_nothing_and_repeats_the_message_in_flight_alone(worker, sink, monkeypatch):
    name, process = worker
    monkeypatch.setattr(services, "_nudge", lambda: None)
    now = timezone.now()
    for number in range(MAILS):
        services.queue(
            key=f"receipt-{number:02}",
            to=f"reader{number}@example.org",
            subject="Your receipt",
            template="sample/receipt",
            context=FACTS,
            now=now,
        )
    in_flight = threading.Event()

    def take():
        """The server has the message, and its yes never arrives."""
        if len(sink.taken) == KILLED_AT:
            in_flight.set()
            return sink.falls_mute()
        return "250 taken"

    sink.answers["message"] = take
    current_app.send_task("portal.post.tasks.send_due", queue=name)
    assert in_flight.wait(60), "the worker did not come that far"
    process.kill()
    process.wait()

    states = Counter(Mail.objects.values_list("state", flat=True))
    assert states == {State.SENT: KILLED_AT - 1, State.SENDING: 1, State.WAITING: MAILS - KILLED_AT}
    assert not Mail.objects.filter(message_id__in=sink.message_ids()).filter(state=State.WAITING)

    def sweep(at):
        return rounds.send_what_is_due(clock=lambda: at, chance=lambda: 0)

    assert sweep(timezone.now()) == MAILS - KILLED_AT  # the rest does not wait for the lease
    assert sweep(timezone.now() + Mail.LEASE + timedelta(minutes=1)) == 1
    assert set(Mail.objects.values_list("state", flat=True)) == {State.SENT}
    times = Counter(sink.message_ids())
    repeated = Mail.objects.get(tries=2)
    assert times == Counter(Mail.objects.values_list("message_id", flat=True)) + Counter(
        [repeated.message_id]
    )
    one, other = (
        taken.message for taken in sink.taken if taken.message["Message-ID"] == repeated.message_id
    )
    assert one["Date"] == other["Date"]
    assert [part.get_content() for part in one.iter_parts()] == [
        part.get_content() for part in other.iter_parts()
    ]
