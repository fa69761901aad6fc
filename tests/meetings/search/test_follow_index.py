"""The process `indexer` as it runs beside the others: quick, and easy to stop and start."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from meetings.front.following import drop_pages
from meetings.management.commands.follow_index import ALIVE
from meetings.records import services as records
from meetings.records.models import Follower, State
from meetings.search.folder import Folder
from meetings.search.hits import EVERYTHING, Order, Question, find
from meetings.search.parsing import parse
from meetings.search.reading import Reader
from meetings.transcripts.utterances import Utterance
from memberships.gate import pages
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.records.horizon import others_end
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def indexer(folder: Folder):
    """The command in a process of its own, which has gone its first round."""
    facts = connection.settings_dict
    database = (
        f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
        f"/{facts['NAME']}"
    )
    with subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", "follow_index"],
        env={**os.environ, "DATABASE_URL": database, "INDEX_ROOT": str(folder.root)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            soon((folder.root / ALIVE).exists, seconds=60)
            yield process
        finally:
            process.kill()


def soon(holds, *, seconds: float) -> float:
    """Wait until it holds, and say how long that took, without what other databases held up."""
    others_end()
    began = time.monotonic()
    while not holds():
        waited = time.monotonic() - began
        assert waited < seconds, f"Not within {seconds} seconds."
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")
    return time.monotonic() - began


@pytest.mark.slow
def test_what_is_withdrawn_is_gone_within_two_seconds_and_the_process_ends_when_told(folder):
    said = [Utterance(0, 1_000, "The levee.")]
    meeting = transcribe(said, meeting=MeetingFactory(state=State.DRAFT)).meeting
    reader = Reader(folder)

    def found() -> int:
        question = Question(parse("levee").tree, EVERYTHING)
        return find(reader.open(), question, order=Order.RELEVANCE, limit=9).total

    with indexer(folder) as process:
        assert found() == 0
        before = Follower.objects.get(name="pages").change
        records.publish(meeting=meeting, now=timezone.now())
        assert soon(found, seconds=10) < 2
        records.withdraw(meeting=meeting, reason="Recorded twice.")
        assert soon(lambda: not found(), seconds=10) < 2
        assert Follower.objects.get(name="pages").change > before
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()


def test_the_follower_of_pages_drops_them_all(monkeypatch):
    dropped = []
    monkeypatch.setattr(pages.shelf, "drop_all", lambda: dropped.append("all"))
    drop_pages([])
    assert dropped == ["all"]
