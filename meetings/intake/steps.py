"""Steps: claiming the work that waits, doing it, and keeping what came of it."""

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.articles import services as articles
from meetings.media import queries as recordings
from meetings.media import services as media
from meetings.records.models import Meeting

from .models import Step

log = logging.getLogger(__name__)


Alive = Callable[[], None]
"""Said by long work now and then: it goes on."""

SAID_EVERY_S = 10.0


class Missing(Exception):
    """Something is not there yet that the work needs. The message says what."""


def _draft(meeting: Meeting, now: datetime, alive: Alive) -> None:
    articles.draft(meeting=meeting, now=now)


def _package(meeting: Meeting, now: datetime, alive: Alive) -> None:
    recording = recordings.current(meeting)
    if recording is None:
        raise Missing(_("There is no recording yet. Once one is brought in, it is packaged."))
    alive()
    media.package(recording=recording, report=lambda _done: alive(), now=now)


WORK: dict[Step.Name, Callable[[Meeting, datetime, Alive], None]] = {
    Step.Name.PACKAGED: _package,
    Step.Name.DRAFTED: _draft,
}
# What may take hours has workers of its own, so that mail and payments do not wait for it.
LONG = frozenset({Step.Name.PACKAGED})
QUICK = frozenset(Step.Name) - LONG


def ask_for(*, meeting: Meeting, name: Step.Name) -> Step:
    """Put a step on the list, or back on it when it was done or had failed before."""
    step, _made = Step.objects.update_or_create(
        meeting=meeting,
        name=name,
        defaults={
            "state": Step.State.WAITING,
            "tries": 0,
            "error": "",
            "alive_at": None,
            "finished_at": None,
        },
    )
    return step


def claim(*, now: datetime, among: Collection[Step.Name] = QUICK) -> Step | None:
    """Take the oldest step that waits. Two workers never take the same one."""
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
    except (articles.NotDraftable, media.NotPackaged) as error:
        _end(step, Step.State.FAILED, str(error))
    except (Missing, media.UnderWay) as error:
        _end(step, Step.State.HELD, str(error))
    except Exception as error:
        _end(step, Step.State.FAILED, _("Something unexpected: %s") % type(error).__name__)
        raise
    else:
        _end(step, Step.State.DONE)


def _heartbeat(step: Step) -> Alive:
    """Notes on the row that the work goes on, every ten seconds however often it is said."""
    said_at = float("-inf")

    def alive() -> None:
        nonlocal said_at
        if time.monotonic() - said_at < SAID_EVERY_S:
            return
        said_at = time.monotonic()
        Step.objects.filter(pk=step.pk, state=Step.State.RUNNING, tries=step.tries).update(
            alive_at=timezone.now()
        )

    return alive


def _end(step: Step, state: Step.State, error: str = "") -> None:
    """Only the try that claimed the row may end it: a later one has moved `tries` on."""
    Step.objects.filter(pk=step.pk, state=Step.State.RUNNING, tries=step.tries).update(
        state=state, error=error, finished_at=timezone.now()
    )
