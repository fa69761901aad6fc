"""The indexer is killed with -9 again and again while meetings come, change and go."""

import os
import random
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from meetings.records import services as records
from meetings.records.models import Meeting, State
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.search.following import IndexFollower
from meetings.transcripts.utterances import Utterance
from tests.concurrency import at_once
from tests.meetings.records.factories import BodyFactory, MeetingFactory
from tests.meetings.records.horizon import killed_end
from tests.meetings.search.contents import builds, contents
from tests.meetings.transcripts.factories import transcribe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("alone")]

# Starting Python and Django takes a second, in which there is nothing to kill. So one process makes
# itself ready, and each life is a copy of it; at every line on its input it begins another one.
LIVES = """
import os, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
import meetings.management.commands.follow_index
settings.DATABASES["default"]["NAME"] = {database!r}
print("ready", flush=True)
for _line in sys.stdin:
    child = os.fork()
    if child == 0:
        call_command("follow_index")
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
"""


class Killer(threading.Thread):
    """Lets the indexer live for moments, and kills it, until it is told to let it be."""

    def __init__(self, folder: Folder, chance: random.Random) -> None:
        super().__init__()
        self.kills = 0
        self.enough = threading.Event()
        self._chance = chance
        script = LIVES.format(database=connection.settings_dict["NAME"])
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "INDEX_ROOT": str(folder.root),
        }
        self._lives = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        assert self._lives.stdout.readline() == "ready\n"

    def run(self) -> None:
        while not self.enough.is_set():
            self._lives.stdin.write("live\n")
            self._lives.stdin.flush()
            child = int(self._lives.stdout.readline())
            self.enough.wait(self._chance.uniform(0.02, 0.6))
            os.kill(child, signal.SIGKILL)
            self.kills += 1

    def end(self) -> None:
        self.enough.set()
        self.join()
        self._lives.stdin.close()
        self._lives.wait(10)
        self._lives.stdout.close()


def say(meeting: Meeting, chance: random.Random) -> None:
    version = meeting.transcripts.count() + 1
    words = " ".join(chance.choice(["levee", "dam", "sewer", "budget"]) for _ in range(4))
    said = [
        Utterance(n * 1_000, n * 1_000 + 900, f"{words} m{meeting.pk} v{version}", "Ana Ruiz")
        for n in range(20)
    ]
    transcribe(said, meeting=meeting, version=version)


def life_of(meeting: Meeting, chance: random.Random) -> None:
    """Published at least once, then whatever comes."""
    for step in ["publish", *chance.choices(["edit", "agenda", "withdraw"], k=3)]:
        with transaction.atomic():
            meeting.refresh_from_db()
            if step == "edit":
                say(meeting, chance)
                records.note_edit(meeting=meeting)
            elif step == "agenda":
                items = [records.Item(f"Item {chance.random()}")]
                records.set_agenda(meeting=meeting, items=items)
            elif step == "withdraw" and meeting.state == State.PUBLISHED:
                records.withdraw(meeting=meeting, reason="Recorded twice.")
            elif meeting.state != State.PUBLISHED:
                records.publish(meeting=meeting, now=timezone.now())


def storm(folder: Folder, tmp_path, *, meetings: int, kills: int) -> int:
    """All of it with 4 threads; how often the indexer died."""
    body = BodyFactory()
    drafts = [MeetingFactory(body=body, state=State.DRAFT) for _ in range(meetings)]
    for meeting in drafts:
        say(meeting, random.Random(meeting.pk))
    killer = Killer(folder, random.Random(meetings))
    killer.start()

    def live(own: list[Meeting], seed: int) -> None:
        chance, waiting = random.Random(seed), [*own]
        while waiting or killer.kills < kills:
            meeting = waiting.pop() if waiting else chance.choice(own)
            life_of(meeting, chance)

    try:
        came_of_it = at_once(*(lambda n=n: live(drafts[n::4], n) for n in range(4)))
    finally:
        killer.end()
    assert came_of_it == [None] * 4
    killed_end()
    last = IndexFollower(folder)
    while last.follow():
        pass
    last.leave()
    fresh = Folder(tmp_path / "fresh")
    rebuild(fresh)
    assert contents(folder) == contents(fresh)
    assert contents(folder).total() > meetings / 2
    assert len(builds(folder)) == 1
    return killer.kills


@pytest.mark.slow
def test_an_indexer_that_is_killed_a_few_times_ends_with_the_right_index(folder, tmp_path):
    assert storm(folder, tmp_path, meetings=12, kills=4) >= 4


@pytest.mark.slow
def test_an_indexer_that_is_killed_again_and_again_loses_and_doubles_nothing(folder, tmp_path):
    kills = storm(folder, tmp_path, meetings=200, kills=60)
    print(f"{kills} kills")
