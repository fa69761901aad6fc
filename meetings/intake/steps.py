"""Steps: claiming the work that waits, doing it, and keeping what came of it."""

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.articles import services as articles
from meetings.media import queries as recordings
from meetings.media import services as media
from meetings.records import services as records
from meetings.records.models import Meeting
from meetings.records.models import State as MeetingState
from meetings.transcripts import queries as words
from meetings.transcripts import services as transcripts
from meetings.transcripts.speech import needs
from memberships.gate import pages

from .models import Step

log = logging.getLogger(__name__)


class Alive(Protocol):
    """Said by long work now and then: it goes on, and so much of it is done, from 0 to 1."""

    def __call__(self, done: float = 0.0) -> None: ...


SAID_EVERY_S = 10.0


class Missing(Exception):
    """Something is not there yet that the work needs. The message says what."""


def _draft(meeting: Meeting, now: datetime, alive: Alive) -> None:
    articles.draft(meeting=meeting, now=now, alive=alive)
    ask_for(meeting=meeting, name=Step.Name.CHECKED)


def _excerpt(meeting: Meeting, now: datetime, alive: Alive) -> None:
    articles.draft_without_model(meeting=meeting, now=now)
    ask_for(meeting=meeting, name=Step.Name.CHECKED)


def _check(meeting: Meeting, now: datetime, alive: Alive) -> None:
    articles.check_meeting(meeting=meeting, now=now)


def _gather(meeting: Meeting, now: datetime, alive: Alive) -> None:
    articles.gather(meeting=meeting, now=now, alive=alive)
    ask_for(meeting=meeting, name=Step.Name.CHECKED)


def _package(meeting: Meeting, now: datetime, alive: Alive) -> None:
    recording = recordings.current(meeting)
    if recording is None:
        raise Missing(_("There is no recording yet. Once one is brought in, it is packaged."))
    alive()
    media.package(recording=recording, report=alive, now=now)
    if transcripts.may_be_recognized(meeting):
        ask_for(meeting=meeting, name=Step.Name.TRANSCRIBED)


def _transcribe(meeting: Meeting, now: datetime, alive: Alive) -> None:
    """Words for a recording without captions. An article waits where the words are doubtful."""
    recording = recordings.current(meeting)
    if recording is None:
        raise Missing(_("There is no recording yet. Once one is brought in, it is heard."))
    recognition = transcripts.recognize(recording=recording, report=alive, now=now)
    if recognition is None:
        return
    with transaction.atomic():
        transcript = transcripts.write_down(recognition=recognition, now=timezone.now())
        if transcript is not None:
            follow_words(meeting=meeting)
            if not transcript.doubts:
                ask_for(meeting=meeting, name=Step.Name.DRAFTED)
                ask_for(meeting=meeting, name=Step.Name.GATHERED)
    if transcript is None and words.current(meeting) is None:
        raise transcripts.NotRecognized(
            _("Not a word was heard in this recording. Look whether it is the right one.")
        )


def follow_words(*, meeting: Meeting) -> None:
    """After new words: whoever shows them of a public meeting hears of it."""
    if Meeting.objects.exclude(state=MeetingState.DRAFT).filter(pk=meeting.pk).exists():
        records.note_edit(meeting=meeting)
        pages.drop_all()


WORK: dict[Step.Name, Callable[[Meeting, datetime, Alive], None]] = {
    Step.Name.PACKAGED: _package,
    Step.Name.TRANSCRIBED: _transcribe,
    Step.Name.DRAFTED: _draft,
    Step.Name.EXCERPTED: _excerpt,
    Step.Name.GATHERED: _gather,
    Step.Name.CHECKED: _check,
}
# What may take hours has workers of its own, so that mail and payments do not wait for it.
LONG = frozenset({Step.Name.PACKAGED, Step.Name.TRANSCRIBED})
# These take minutes where a language model is asked, and no time where none is.
WRITTEN = frozenset({Step.Name.DRAFTED, Step.Name.GATHERED})


def long_ones() -> frozenset[Step.Name]:
    """The steps that may take long, as this site is set up."""
    return LONG | WRITTEN if articles.asks_a_model() else LONG


def ask_for(*, meeting: Meeting, name: Step.Name) -> Step:
    """Put a step on the list, or back on it when it was done or had failed before."""
    step, _made = Step.objects.update_or_create(
        meeting=meeting,
        name=name,
        defaults={
            "state": Step.State.WAITING,
            "tries": 0,
            "progress": 0,
            "error": "",
            "alive_at": None,
            "finished_at": None,
        },
    )
    return step


def wake() -> int:
    """Let go on what was held up for want of a speech model, once it is there. How many did."""
    held = Step.objects.filter(
        name=Step.Name.TRANSCRIBED,
        state=Step.State.HELD,
        meeting__recordings__is_current=True,
    )
    if not held.exists() or needs.lacking():
        return 0
    return held.update(state=Step.State.WAITING, tries=0, error="", finished_at=None)


def captions_came(*, meeting: Meeting) -> None:
    """Nothing has to be heard any more: what waits for that is done with."""
    Step.objects.filter(
        meeting=meeting,
        name=Step.Name.TRANSCRIBED,
        state__in=[Step.State.WAITING, Step.State.HELD, Step.State.FAILED],
    ).update(state=Step.State.DONE, error="")


def claim(*, now: datetime, among: Collection[Step.Name] | None = None) -> Step | None:
    """Take the oldest step that waits, a quick one where nothing else is said.

    Two workers never take the same one.
    """
    among = frozenset(Step.Name) - long_ones() if among is None else among
    with transaction.atomic():
        step = (
            Step.objects.to_do(at=now)
            .filter(name__in=among)
            .select_for_update(skip_locked=True)
            .order_by("id")
            .select_related(None)
            .first()
        )
        if step is None:
            return None
        if step.tries >= Step.TRIES_MAX:  # its worker died every time, so it may be the cause
            step.state, step.finished_at = Step.State.FAILED, now
            step.error = _("The worker stopped each time this was tried.")
        else:
            step.state, step.started_at, step.finished_at = Step.State.RUNNING, now, None
            step.alive_at, step.error = None, ""
            step.tries = F("tries") + 1
        step.save()
    step.refresh_from_db()
    return step


def run(step: Step) -> None:
    """Do the work of a claimed step. What is expected to go wrong ends as a sentence for staff.

    Anything else is kept on the row and rises: it is ours to mend.
    """
    if step.state != Step.State.RUNNING:
        return
    try:
        WORK[Step.Name(step.name)](step.meeting, timezone.now(), _heartbeat(step))
    except (
        articles.NotDraftable,
        articles.NotGathered,
        media.NotPackaged,
        transcripts.NotRecognized,
    ) as error:
        _end(step, Step.State.FAILED, str(error))
    except (Missing, media.UnderWay, transcripts.Lacking) as error:
        _end(step, Step.State.HELD, str(error))
    except Exception as error:
        _end(step, Step.State.FAILED, _("Something unexpected: %s") % type(error).__name__)
        raise
    else:
        _end(step, Step.State.DONE)


def _heartbeat(step: Step) -> Alive:
    """Notes on the row that the work goes on, every ten seconds however often it is said."""
    said_at = float("-inf")

    def alive(done: float = 0.0) -> None:
        nonlocal said_at
        if time.monotonic() - said_at < SAID_EVERY_S:
            return
        said_at = time.monotonic()
        _as_claimed(step).update(
            alive_at=timezone.now(),
            progress=Greatest(F("progress"), max(0, min(int(done * 100), 99))),
        )

    return alive


def _end(step: Step, state: Step.State, error: str = "") -> None:
    """Only the try that claimed the row may end it."""
    _as_claimed(step).update(
        state=state,
        error=error,
        finished_at=timezone.now(),
        progress=100 if state == Step.State.DONE else F("progress"),
    )


def _as_claimed(step: Step) -> QuerySet[Step]:
    """The row, unless another try has begun. `tries` tells not: they begin anew with who asks."""
    return Step.objects.filter(pk=step.pk, state=Step.State.RUNNING, started_at=step.started_at)
