"""What staff do that touches several rooms: taking meetings in, publishing, withdrawing."""

import contextlib
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.db import transaction

from meetings.articles import services as articles
from meetings.clips import services as clips
from meetings.clips.models import Clip
from meetings.media import services as media
from meetings.media import uploads
from meetings.media.models import Recording, Upload
from meetings.records import services as records
from meetings.records.models import Meeting
from memberships.gate import pages
from memberships.gate.entitlement import User

from . import steps, taking, tasks
from .models import Step
from .parcels import Parcel
from .repairs import Refused
from .reviewing import approve_article, withdraw_article
from .taking import Outcome, Taken

__all__ = ["Outcome", "Taken", "approve_article", "withdraw_article"]


def take_in(*, parcel: Parcel, by: User | None, now: datetime) -> Taken:
    """Store one meeting with its transcript, and its recording if it brings one: all or nothing.

    The same files again change nothing but the agenda, where a manifest has a new one. Raises
    Refused with what is wrong with one of them, and OSError.
    """
    with contextlib.ExitStack() as stack:
        incoming, key = None, uuid.uuid4()
        if (brought := parcel.recording) is not None:
            file = stack.enter_context(brought.open())
            incoming = stack.enter_context(_looked_at(file, brought.name, key))
        stack.enter_context(transaction.atomic())
        taken = taking.take_in(parcel=parcel, by=by, now=now)
        if taken.outcome is not Outcome.UNCHANGED:
            steps.captions_came(meeting=taken.meeting)
            ask_for_draft(meeting=taken.meeting)
            if taken.meeting.articles.exists():
                articles.mark_stale(meeting=taken.meeting, now=now)
                ask_for_checks(meeting=taken.meeting)
        if incoming is not None:
            _add(taken.meeting, incoming, key, now)
        return taken


def publish_meeting(*, meeting: Meeting, now: datetime) -> Meeting:
    """Put a meeting before the public, with its transcript."""
    published = records.publish(meeting=meeting, now=now)
    pages.drop_all()
    return published


def announce_meeting(*, meeting: Meeting) -> Meeting:
    """Show a meeting and its agenda before it has a transcript."""
    announced = records.announce(meeting=meeting)
    pages.drop_all()
    return announced


def withdraw_meeting(*, meeting: Meeting, reason: str) -> Meeting:
    """Take a meeting back, and with it everything that is shown of it."""
    withdrawn = records.withdraw(meeting=meeting, reason=reason)
    pages.drop_all()
    return withdrawn


def bring_recording(*, meeting: Meeting, file: IO[bytes], name: str, now: datetime) -> Recording:
    """Keep a video or audio file as the meeting's recording, and put packaging it on the list.

    The same file again changes nothing. Raises Refused with what is wrong with the file.
    """
    key = uuid.uuid4()
    with _looked_at(file, name, key) as incoming, transaction.atomic():
        return _add(meeting, incoming, key, now)


@contextlib.contextmanager
def _looked_at(file: IO[bytes], name: str, key: uuid.UUID) -> Iterator[media.Incoming]:
    """A recording that can be played, stored and no meeting's yet. Raises Refused."""
    try:
        with (
            media.arriving(file=file, name=name) as incoming,
            media.sent_ahead(incoming=incoming, key=key),
        ):
            yield incoming
    except media.Unplayable as error:
        raise Refused(str(error)) from error


def _add(meeting: Meeting, incoming: media.Incoming, key: uuid.UUID, now: datetime) -> Recording:
    recording = media.add(meeting=meeting, incoming=incoming, key=key, now=now)
    if not recording.is_ready:
        ask_for_packaging(meeting=meeting)
    return recording


def note_arrival(*, upload: Upload) -> None:
    """Once all of an upload is here, have a worker make it a recording. Sooner, do nothing."""
    if uploads.close_if_whole(upload):
        upload.refresh_from_db()
        _nudge_for_uploads()


def take_down_clip(*, clip: Clip, reason: str, by: User, now: datetime) -> Clip:
    """Hide a clip from everybody. Its page says so, and why. Raises clips.NotTakenDown."""
    return clips.take_down(clip=clip, reason=reason, by=by, now=now)


def put_clip_back(*, clip: Clip) -> Clip:
    """Show a clip again that was taken down. Raises clips.NotTakenDown."""
    return clips.put_back(clip=clip)


def give_upload(*, upload: Upload, meeting: Meeting) -> None:
    """Make a file that was sent beforehand the recording of a meeting that was brought in."""
    uploads.give_to(upload=upload, meeting=meeting)
    _nudge_for_uploads()


def _nudge_for_uploads() -> None:
    """Beat would find it within a minute, too."""
    transaction.on_commit(lambda: _nudge(tasks.take_up_long), robust=True)


def ask_for_draft(*, meeting: Meeting) -> Step:
    """Put writing the meeting's article on the list of steps, and finding its insights."""
    _ask_for(meeting, Step.Name.GATHERED)
    return _ask_for(meeting, Step.Name.DRAFTED)


def ask_for_excerpts(*, meeting: Meeting) -> Step:
    """Have the extractive writer draft the article, which asks no language model."""
    return _ask_for(meeting, Step.Name.EXCERPTED)


def ask_for_checks(*, meeting: Meeting) -> Step:
    """Have the meeting's articles checked against its words as they are now."""
    return _ask_for(meeting, Step.Name.CHECKED)


def ask_for_packaging(*, meeting: Meeting) -> Step:
    """Put packaging the meeting's recording on the list."""
    return _ask_for(meeting, Step.Name.PACKAGED)


def run_again(*, step: Step) -> Step:
    """Put a step back on the list, whatever came of it before."""
    return _ask_for(step.meeting, Step.Name(step.name))


@transaction.atomic
def _ask_for(meeting: Meeting, name: Step.Name) -> Step:
    """The row is what counts: a broker that is down costs a minute, until beat finds it."""
    step = steps.ask_for(meeting=meeting, name=name)
    worker = tasks.take_up_long if name in steps.long_ones() else tasks.take_up_waiting
    transaction.on_commit(lambda: _nudge(worker), robust=True)
    return step


def _nudge(worker: Any) -> None:
    """`Any`: Celery's tasks have no types of their own here."""
    worker.apply_async(ignore_result=True)
