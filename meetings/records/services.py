"""What can be done to a meeting's record: the moves of its state, and its agenda."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from . import changes
from .models import AgendaItem, Body, Change, Meeting, Place, State

MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ANNOUNCED, State.PUBLISHED}),
    State.ANNOUNCED: frozenset({State.DRAFT, State.PUBLISHED, State.WITHDRAWN}),
    State.PUBLISHED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.DRAFT, State.PUBLISHED}),
}


class IllegalMove(ValueError):
    """The meeting is in a state from which the wanted one cannot be reached."""


@dataclass(frozen=True, slots=True)
class Item:
    """An agenda item before it is a row; `start_ms` is None while the time is unknown."""

    title: str
    start_ms: int | None = None


def announce(*, meeting: Meeting) -> Meeting:
    """Show the meeting and its agenda before its transcript is there."""
    if not meeting.agenda.exists():
        raise IllegalMove(_("A meeting is announced with its agenda. This one has no agenda yet."))
    return _move(meeting, State.ANNOUNCED, Change.Kind.AGENDA)


def publish(*, meeting: Meeting, now: datetime) -> Meeting:
    """Put the meeting before the public. The first time of publishing is kept."""
    return _move(meeting, State.PUBLISHED, Change.Kind.PUBLISHED, now=now)


def withdraw(*, meeting: Meeting, reason: str) -> Meeting:
    """Take the meeting back. Its address says from then on that it was withdrawn, and why."""
    if not reason.strip():
        raise IllegalMove(_("Withdrawing takes a reason. It is shown to readers."))
    return _move(meeting, State.WITHDRAWN, Change.Kind.WITHDRAWN, reason=reason.strip())


def return_to_draft(*, meeting: Meeting) -> Meeting:
    """Hide an announced or withdrawn meeting as if it had not been shown yet."""
    return _move(meeting, State.DRAFT, Change.Kind.WITHDRAWN)


@transaction.atomic
def set_agenda(*, meeting: Meeting, items: Sequence[Item]) -> None:
    """Replace the whole agenda. Nothing happens when it is the same already."""
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    there = [Item(row.title, row.start_ms) for row in meeting.agenda.order_by("position")]
    if there == list(items):
        return
    meeting.agenda.all().delete()
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, position=position, title=item.title, start_ms=item.start_ms)
        for position, item in enumerate(items, start=1)
    )
    changes.record(meeting=meeting, kind=Change.Kind.AGENDA)


@transaction.atomic
def note_edit(*, meeting: Meeting) -> None:
    """Tell those who follow that something shown of this meeting has changed."""
    changes.record(meeting=meeting, kind=Change.Kind.EDITED)


@transaction.atomic
def note_edit_of_body(*, body: Body) -> None:
    """Tell of every public meeting of a body that something shown with it has changed: its name."""
    _note_edits(Body.objects.filter(pk=body.pk))


@transaction.atomic
def note_edit_of_place(*, place: Place) -> None:
    """The same for a place and all below it: each meeting names the places that it lies in."""
    _note_edits(Body.objects.filter(place__in=Place.objects.within(place)))


def _note_edits(bodies: QuerySet[Body]) -> None:
    meetings = Meeting.objects.in_public().filter(body__in=bodies)
    changes.record_all(meetings=meetings, kind=Change.Kind.EDITED)


@transaction.atomic
def _move(
    meeting: Meeting,
    to: State,
    kind: Change.Kind,
    *,
    now: datetime | None = None,
    reason: str = "",
) -> Meeting:
    """Move under a row lock, so of two at once the second sees what the first did."""
    fresh = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if to not in MOVES[State(fresh.state)]:
        raise IllegalMove(
            _("A meeting that is %(from)s cannot become %(to)s.")
            % {"from": State(fresh.state).label.lower(), "to": to.label.lower()}
        )
    fresh.state = to
    fresh.published_at = fresh.published_at or now
    fresh.withdrawn_reason = reason
    fresh.save(update_fields=["state", "published_at", "withdrawn_reason"])
    changes.record(meeting=fresh, kind=kind)
    return fresh
