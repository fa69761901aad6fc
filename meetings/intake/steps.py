"""Steps: claiming the work that waits, doing it, and keeping what came of it."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.articles import services as articles
from meetings.records.models import Meeting

from .models import Step

log = logging.getLogger(__name__)


def _draft(meeting: Meeting, now: datetime) -> None:
    articles.draft(meeting=meeting, now=now)


WORK: dict[Step.Name, Callable[[Meeting, datetime], None]] = {Step.Name.DRAFTED: _draft}


def ask_for(*, meeting: Meeting, name: Step.Name) -> Step:
    """Put a step on the list, or back on it when it was done or had failed before."""
    step, _made = Step.objects.update_or_create(
        meeting=meeting,
        name=name,
        defaults={"state": Step.State.WAITING, "tries": 0, "error": "", "finished_at": None},
    )
    return step


def claim(*, now: datetime) -> Step | None:
    """Take the oldest step that waits. Two workers never take the same one."""
    with transaction.atomic():
        step = (
            Step.objects.to_do(at=now)
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
        WORK[Step.Name(step.name)](step.meeting, timezone.now())
    except articles.NotDraftable as error:
        _end(step, Step.State.FAILED, str(error))
    except Exception as error:
        _end(step, Step.State.FAILED, _("Something unexpected: %s") % type(error).__name__)
        raise
    else:
        _end(step, Step.State.DONE)


def _end(step: Step, state: Step.State, error: str = "") -> None:
    """Only the try that claimed the row may end it: a later one has moved `tries` on."""
    Step.objects.filter(pk=step.pk, state=Step.State.RUNNING, tries=step.tries).update(
        state=state, error=error, finished_at=timezone.now()
    )
