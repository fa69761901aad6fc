"""The worker is killed with -9 again and again while meetings come, and come again.

What members are to be told is known beforehand, from the plan alone. What they were told is what a
mail server of its own was given.
"""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import SMTP
from django.db import connection, transaction
from django.utils import timezone

from meetings.alerts import telling
from meetings.alerts.following import match_changes
from meetings.alerts.models import Alert, Digest, Match, Round, Told
from meetings.alerts.stored import store
from meetings.records import services as records
from meetings.records.following import InDatabase
from meetings.records.models import Meeting, State
from meetings.search.tree import Word
from meetings.transcripts.utterances import Utterance
from memberships.accounts.models import User
from memberships.purchases.models import Membership
from portal.post import rounds, services
from portal.post.models import Mail
from portal.post.models import State as MailState
from tests.meetings.alerts.factories import LONG_AGO, alert
from tests.meetings.records.factories import BodyFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import RefundedMembershipFactory

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("alone"),
]

CADENCES = ["at_once", "at_once", "daily", "weekly"]
SPOKEN, LISTED = 2, 1  # topics of a meeting, in its transcript and on its agenda
LEAP = timedelta(hours=2)
"""How much later it is for each worker than for the one before: days pass, and leases end."""

# Starting Python and Django takes seconds, in which there is nothing to kill. So one process makes
# itself ready, addresses and all, and each life is a copy of it; a line on its input says how late
# it is by then.
LIVES = """
import os, random, sys
from datetime import timedelta
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
from django.utils import timezone
from meetings.alerts import tasks as alerts
from meetings.alerts.following import match_changes
from meetings.records.following import InDatabase
from portal.post import services, tasks as post
settings.DATABASES["default"]["NAME"] = {database!r}
services._nudge = lambda: None  # whoever else listens to this broker has no part in this
real = timezone.now
follower = InDatabase("alerts", match_changes)
work = [follower.follow, alerts.tell, post.send_due]
get_resolver().url_patterns
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        random.seed(line)
        timezone.now = lambda: real() + timedelta(seconds=float(line))
        while True:
            random.shuffle(work)
            for do in work:
                do()
    print(child, flush=True)
    os.waitpid(child, 0)
"""


@dataclass(frozen=True)
class Taken:
    """What the mail server was given, in what a reader can tell apart."""

    recipient: str
    message_id: str
    date: str
    text: str
    html: str

    @classmethod
    def of(cls, recipient: str, content: bytes) -> "Taken":
        message = message_from_bytes(content, policy=policy.default)
        text, html = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
        return cls(recipient, message["Message-ID"], message["Date"], text, html)


@dataclass
class Mailbox:
    """A handler of aiosmtpd that keeps everything, and says when something comes."""

    taken: list[Taken] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        (recipient,) = envelope.rcpt_tos
        self.taken.append(Taken.of(recipient, envelope.content))
        self.came.set()
        return "250 taken"


@pytest.fixture
def mailbox(settings):
    box, loop = Mailbox(), asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(box, hostname="sink", loop=loop), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.sockets[0].getsockname()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield box
    server.close()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Killer(threading.Thread):
    """Lets a worker live for a moment and kills it, so many times. Some die as mail goes out."""

    def __init__(self, mailbox: Mailbox, port: int, kills: int) -> None:
        super().__init__(daemon=True)
        self.kills = 0
        self.died = threading.Semaphore(0)
        self._mailbox, self._most = mailbox, kills
        self._chance = random.Random(kills)
        self._lives = subprocess.Popen(
            [sys.executable, "-c", LIVES.format(database=connection.settings_dict["NAME"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            },
            text=True,
        )
        assert self._lives.stdout.readline() == "ready\n"

    def run(self) -> None:
        while self.kills < self._most:
            late = (self.kills * LEAP).total_seconds()
            self._lives.stdin.write(f"{late}\n")
            self._lives.stdin.flush()
            child = int(self._lives.stdout.readline())
            lives_for = self._chance.uniform(0.02, 1)
            if self._chance.random() < 0.3:
                self._mailbox.came.clear()
                self._mailbox.came.wait(lives_for)
            else:
                threading.Event().wait(lives_for)
            os.kill(child, signal.SIGKILL)  # raises where it has died by itself, which none does
            self.kills += 1
            self.died.release()

    def end(self) -> None:
        self.join()
        with self._lives:  # closes its input, at which it ends
            pass


@dataclass
class Plan:
    """Who asked for what, and what each meeting will say: so, what is to be told."""

    meetings: list[Meeting]
    topics: dict[int, list[str]]
    wanted: dict[str, str]
    """By address, the topic that this member asked for."""

    @property
    def expected(self) -> Counter[tuple[str, str]]:
        """Address and words, each once."""
        return Counter(
            (address, words)
            for address, topic in self.wanted.items()
            for meeting in self.meetings
            for words in self.words(meeting)
            if topic in words.split()
        )

    def words(self, meeting: Meeting) -> list[str]:
        said = self.topics[meeting.pk]
        spoken = [f"Meeting {meeting.pk} spoke of {one} today" for one in said[:SPOKEN]]
        return spoken + [f"Meeting {meeting.pk} decides on {one} next" for one in said[SPOKEN:]]

    def bring_in(self, meeting: Meeting) -> None:
        """The same words as ever, as another version, or as the first one again."""
        if random.random() < 0.3:
            meeting.transcripts.all().delete()
        said = [
            Utterance(n * 1_000, n * 1_000 + 900, text, "Ana Ruiz")
            for n, text in enumerate(["Good evening.", *self.words(meeting)[:SPOKEN], "Thank you."])
        ]
        transcribe(said, meeting=meeting, version=meeting.transcripts.count() + 1)
        items = [records.Item(text) for text in self.words(meeting)[SPOKEN:]]
        records.set_agenda(meeting=meeting, items=items)


def a_plan(*, meetings: int, members: int, topics: int) -> Plan:
    body = BodyFactory()
    today = timezone.now().date()
    rows = [MeetingFactory(body=body, state=State.DRAFT, held_on=today) for _ in range(meetings)]
    names = [f"topic{n}x" for n in range(topics)]
    each = SPOKEN + LISTED
    said = {
        row.pk: [names[(n * each + k) % topics] for k in range(each)] for n, row in enumerate(rows)
    }
    users = User.objects.bulk_create(User(email=f"m{n}@example.org") for n in range(members))
    Membership.objects.bulk_create(
        Membership(user=user, source=Membership.Source.GRANT, started_at=LONG_AGO) for user in users
    )
    wanted = {user.email: names[n % topics] for n, user in enumerate(users)}
    trees = {name: store(Word(name)) for name in names}
    Alert.objects.bulk_create(
        Alert(
            owner=user,
            tree=trees[wanted[user.email]],
            name=wanted[user.email],
            query=wanted[user.email],
            cadence=CADENCES[n // topics % len(CADENCES)],
            created_at=LONG_AGO,
            changed_at=LONG_AGO,
        )
        for n, user in enumerate(users)
    )
    for name in names[:5]:  # these are told nothing, whatever happens
        alert(name, owner=RefundedMembershipFactory().user, cadence="at_once")
    paused = alert("topic0x today", owner=users[0], cadence="at_once")
    Alert.objects.filter(pk=paused.pk).update(paused_at=LONG_AGO)
    return Plan(rows, said, wanted)


def bring_in_and_again(plan: Plan, killer: Killer, *, kills: int) -> None:
    """Each meeting is published in its turn, and between the kills any one is imported again."""
    waiting, there = [*plan.meetings], []
    for number in range(kills):
        while waiting and len(there) <= number * len(plan.meetings) // (kills * 0.8):
            there.append(waiting.pop())
            with transaction.atomic():
                plan.bring_in(there[-1])
                records.publish(meeting=there[-1], now=timezone.now())
        with transaction.atomic():
            again = random.choice(there)
            again.refresh_from_db()
            if random.random() < 0.3:
                records.withdraw(meeting=again, reason="Recorded twice.")
                records.publish(meeting=again, now=timezone.now())
            plan.bring_in(again)
            records.note_edit(meeting=again)
        assert killer.died.acquire(timeout=60), "The killer is dead."
    assert not waiting


def ended(kills: int) -> None:
    """A worker that nobody kills does what is left, over the days to come."""
    follower = InDatabase("alerts", match_changes)
    while follower.follow():
        pass
    for day in range(9):
        now = timezone.now() + kills * LEAP + timedelta(days=day)
        telling.tell_what_is_due(now=now)
        while rounds.send_what_is_due(clock=lambda now=now: now, chance=random.random):
            pass


def storm(mailbox, port, monkeypatch, *, meetings, members, topics, kills) -> Counter[str]:
    """All of it; how often each message came, by its Message-ID."""
    monkeypatch.setattr(services, "_nudge", lambda: None)
    InDatabase("alerts", match_changes).follow()
    plan = a_plan(meetings=meetings, members=members, topics=topics)
    killer = Killer(mailbox, port, kills)
    killer.start()
    try:
        bring_in_and_again(plan, killer, kills=kills)
    finally:
        killer.end()
    ended(kills)

    times = Counter(taken.message_id for taken in mailbox.taken)
    first = {taken.message_id: taken for taken in mailbox.taken}
    # What came is what was to be told, no more and no less, and nothing is in two messages.
    assert told_in(first.values()) == plan.expected
    # What came again is the same to the letter, and whoever sent it first had died.
    assert all(taken == first[taken.message_id] for taken in mailbox.taken)
    mails = {mail.message_id: mail for mail in Mail.objects.all()}
    assert mails.keys() == times.keys()
    assert {mail.state for mail in mails.values()} == {MailState.SENT}
    assert all(count <= mails[name].tries for name, count in times.items())
    assert times.total() - len(times) <= killer.kills == kills
    # And the rows.
    assert Match.objects.count() == Told.objects.count() == plan.expected.total()
    assert Round.objects.count() == meetings * (1 + LISTED)
    assert {*Digest.objects.values_list("key", flat=True)} == {mail.key for mail in mails.values()}
    return times


def told_in(messages) -> Counter[tuple[str, str]]:
    """Address and words of each moment that these tell of."""
    return Counter(
        (taken.recipient, words)
        for taken in messages
        for words in re.findall(r"^ +(Meeting .+)$", taken.text.replace("*", ""), re.MULTILINE)
    )


def test_a_worker_that_is_killed_a_few_times_loses_and_doubles_nothing(
    mailbox, settings, monkeypatch
):
    storm(mailbox, settings.EMAIL_PORT, monkeypatch, meetings=6, members=40, topics=10, kills=8)


def test_a_worker_that_is_killed_a_hundred_times_loses_and_doubles_nothing(
    mailbox, settings, monkeypatch
):
    times = storm(
        mailbox, settings.EMAIL_PORT, monkeypatch, meetings=50, members=1_000, topics=100, kills=100
    )
    repeated = times.total() - len(times)
    print(f"100 kills, {len(times)} messages, {repeated} of them a second time")
    assert repeated, "No kill fell on a message in flight, so this proved less than it should."
