"""Matching one meeting with all alerts, once for each of its parts.

First it is worked out what matched, outside any transaction, because that takes a while. Then the
rounds and the matches are written together. So a process that dies leaves nothing behind, and of
two at once the second finds the rounds there and writes nothing.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from meetings.records.models import Meeting
from meetings.search.documents import Places, Text, about, texts
from meetings.search.tree import Kind
from meetings.transcripts.models import Segment

from .held import Held, Met, Times, parts_apart
from .models import Quiet, Round, Run
from .stored import candidates, file_anew, read_tree
from .writing import write

_CHUNK = 2_000
_SLOWEST = 5
_LOCK = 8_431_002  # of PostgreSQL's advisory locks: who matches one meeting

Part = tuple[Kind, str]
"""A kind, and what a Round names of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a meeting."""

    candidates: int
    met: Mapping[int, Met]
    """By the number of the stored tree."""
    slowest: Sequence[tuple[str, int]] = ()
    """Searches that took longest, with microseconds."""


def match(*, meeting: int, changed_at: datetime, now: datetime) -> int:
    """Hold what is new of a meeting against all alerts. Returns how many matches were written.

    Nothing happens where the meeting is not in public or too old. What changed in a quiet time is
    passed over for ever, unless staff chose to keep it. Doing it again changes nothing.
    """
    found = Meeting.objects.in_public().select_related("body__place").filter(pk=meeting).first()
    if found is None or found.held_on < now.date() - timedelta(days=settings.ALERT_MAX_AGE_DAYS):
        return 0
    parts = {(kind, name): several for kind, name, several in parts_apart([*texts(found)])}
    for part in _done(meeting, parts):
        del parts[part]
    if not parts:
        return 0
    started = time.perf_counter()
    outcome = Outcome(0, {})
    if not Quiet.objects.at(changed_at).filter(is_kept=False).exists():
        file_anew()
        outcome = held_against_all(
            hold(found, [one for several in parts.values() for one in several])
        )
    return _write(found, parts, outcome, now=now, started=started)


def hold(meeting: Meeting, several: Sequence[Text]) -> Held:
    """These texts of a meeting, in memory. `meeting` comes with its body and place."""
    return Held(about(meeting, Places()), several, _times(meeting, several))


def held_against_all(held: Held) -> Outcome:
    """What the stored trees of running alerts find."""
    met: dict[int, Met] = {}
    took: list[tuple[int, str]] = []
    count = 0
    with uncollected():
        for pk, text in candidates(held.words):
            count += 1
            began = time.perf_counter_ns()
            found = held.met(read_tree(text), most=settings.ALERT_MOMENTS_A_MEETING)
            took.append(((time.perf_counter_ns() - began) // 1_000, text))
            if found is not None:
                met[pk] = found
            if len(took) >= _CHUNK:
                took = sorted(took, reverse=True)[:_SLOWEST]
    slowest = [(text, us) for us, text in sorted(took, reverse=True)[:_SLOWEST]]
    return Outcome(count, met, slowest)


@contextmanager
def uncollected() -> Iterator[None]:
    """Tens of thousands of small things are made and kept, none of them in a circle: looking again
    and again for circles among them took a fifth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _done(meeting: int, parts: Collection[Part]) -> set[Part]:
    """Which of these parts had their round."""
    rows = Round.objects.filter(meeting=meeting).values_list("source", "part")
    return {part for source, name in rows if (part := (Kind(source), name)) in parts}


def _times(meeting: Meeting, several: Sequence[Text]) -> Times:
    transcripts = {text.item for text in several if text.kind is Kind.TRANSCRIPTS}
    rows = Segment.objects.filter(transcript__in=transcripts).values_list(
        "transcript", "position", "key", "start_ms", "end_ms"
    )
    times: dict[tuple[Kind, int, int], tuple[str, int | None, int | None]] = {
        (Kind.TRANSCRIPTS, item, position): (key, start, end)
        for item, position, key, start, end in rows
    }
    for item, start in meeting.agenda.values_list("pk", "start_ms"):
        times[Kind.AGENDAS, item, 0] = ("", start, None)
    return times


def _write(
    meeting: Meeting,
    parts: Mapping[Part, Sequence[Text]],
    outcome: Outcome,
    *,
    now: datetime,
    started: float,
) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, meeting.pk % 2**31])
        late = _done(meeting.pk, parts)
        new = {part: several for part, several in parts.items() if part not in late}
        if not new:
            return 0
        Round.objects.bulk_create(
            Round(meeting=meeting, source=kind.value, part=name, done_at=now) for kind, name in new
        )
        ours = {(one.kind, one.item) for several in new.values() for one in several}
        count = write(meeting, outcome.met, ours, now=now) if outcome.met else 0
        if outcome.candidates:
            Run.objects.create(
                meeting=meeting,
                done_at=now,
                candidates=outcome.candidates,
                matched=len(outcome.met),
                matches=count,
                took_ms=round(1_000 * (time.perf_counter() - started)),
                slowest=outcome.slowest,
            )
        return count
