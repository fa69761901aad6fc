"""What staff do that touches several rooms: taking meetings in, publishing, withdrawing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.articles import services as articles
from meetings.articles.models import Article
from meetings.articles.writers.hearing import language_of
from meetings.media import services as media
from meetings.media import uploads
from meetings.media.models import Recording, Upload
from meetings.records import services as records
from meetings.records.models import Body, Meeting, address
from meetings.records.models import State as MeetingState
from meetings.transcripts import live
from meetings.transcripts import services as transcripts
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions, Reading
from meetings.transcripts.utterances import Utterance
from memberships.gate import pages
from memberships.gate.entitlement import User

from . import steps, tasks
from .models import Import, Step
from .parcels import Parcel
from .repairs import Refused, repair


class Outcome(StrEnum):
    CREATED = "created"
    NEW_VERSION = "new version"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a parcel."""

    outcome: Outcome
    meeting: Meeting
    cue_count: int = 0
    segment_count: int = 0
    repairs: tuple[str, ...] = ()


def take_in(*, parcel: Parcel, by: User | None, now: datetime) -> Taken:
    """Store one meeting with its transcript, all of it or nothing.

    The same file again changes nothing but the agenda, where a manifest has a new one; a changed
    file becomes a new version. Raises Refused.
    """
    body = _body(parcel)
    digest = sha256(parcel.captions).hexdigest()
    last = _last_import(body, parcel.name)
    if last is not None and last.sha256 == digest:
        _set_agenda(last.meeting, parcel)
        return Taken(Outcome.UNCHANGED, last.meeting)

    reading = _read(parcel)
    repaired = repair(reading)
    utterances = live.utterances(repaired.cues, names=_known_names(body, parcel))
    with transaction.atomic():
        Body.objects.select_for_update().get(pk=body.pk)  # one import of a body at a time
        last = _last_import(body, parcel.name)
        if last is not None and last.sha256 == digest:  # someone was here first
            return Taken(Outcome.UNCHANGED, last.meeting)
        meeting = last.meeting if last else _new_meeting(body, parcel)
        _set_agenda(meeting, parcel)
        if last is None and parcel.agenda is None and reading.agenda:
            items = [records.Item(mark.title, mark.start_ms) for mark in reading.agenda]
            records.set_agenda(meeting=meeting, items=items)
        transcript = transcripts.add_version(
            meeting=meeting,
            language=_language(parcel, reading, last, utterances),
            source_format=reading.format,
            utterances=utterances,
        )
        if meeting.state != MeetingState.DRAFT:
            records.note_edit(meeting=meeting)
        sentences = tuple(str(mended) for mended in repaired.repairs)
        Import.objects.create(
            body=body,
            name=parcel.name,
            sha256=digest,
            meeting=meeting,
            version=transcript.version,
            format=reading.format,
            encoding=reading.encoding,
            cue_count=len(reading.cues),
            repairs=sentences,
            imported_at=now,
            imported_by=by,
        )
        ask_for_draft(meeting=meeting)
    return Taken(
        Outcome.NEW_VERSION if last else Outcome.CREATED,
        meeting,
        cue_count=len(repaired.cues),
        segment_count=len(utterances),
        repairs=sentences,
    )


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


@transaction.atomic
def approve_article(*, article: Article, by: User, now: datetime) -> Article:
    """Publish an article under the name of the person who reviewed it.

    A meeting that is not public yet is published with it, because each of its sentences leads
    there. Raises records.IllegalMove where the meeting was withdrawn.
    """
    meeting = article.meeting
    if meeting.state == MeetingState.WITHDRAWN:
        raise records.IllegalMove(_("The meeting was withdrawn. Publish it again first."))
    if meeting.state != MeetingState.PUBLISHED:
        records.publish(meeting=meeting, now=now)
    else:
        records.note_edit(meeting=meeting)
    published = articles.publish(article=article, by=by, now=now)
    pages.drop_all()
    return published


@transaction.atomic
def withdraw_article(*, article: Article, reason: str) -> Article:
    """Take an article back. Its address says from then on that it was withdrawn, and why."""
    withdrawn = articles.withdraw(article=article, reason=reason)
    records.note_edit(meeting=article.meeting)
    pages.drop_all()
    return withdrawn


def bring_recording(*, meeting: Meeting, file: IO[bytes], name: str, now: datetime) -> Recording:
    """Keep a video or audio file as the meeting's recording, and put packaging it on the list.

    The same file again changes nothing. Raises Refused with what is wrong with the file.
    """
    key = uuid.uuid4()
    try:
        with (
            media.arriving(file=file, name=name) as incoming,
            media.sent_ahead(incoming=incoming, key=key),
            transaction.atomic(),
        ):
            recording = media.add(meeting=meeting, incoming=incoming, key=key, now=now)
            if not recording.is_ready:
                ask_for_packaging(meeting=meeting)
            return recording
    except media.Unplayable as error:
        raise Refused(str(error)) from error


def note_arrival(*, upload: Upload) -> None:
    """Once all of an upload is here, have a worker make it a recording. Sooner, do nothing."""
    if uploads.close_if_whole(upload):
        upload.refresh_from_db()
        _nudge_for_uploads()


def give_upload(*, upload: Upload, meeting: Meeting) -> None:
    """Make a file that was sent beforehand the recording of a meeting that was brought in."""
    uploads.give_to(upload=upload, meeting=meeting)
    _nudge_for_uploads()


def look_again(*, upload: Upload) -> None:
    """Have a worker look again at an upload that was refused."""
    uploads.look_again(upload)
    _nudge_for_uploads()


def _nudge_for_uploads() -> None:
    """Beat would find it within a minute, too."""
    transaction.on_commit(lambda: _nudge(tasks.take_up_long), robust=True)


def ask_for_draft(*, meeting: Meeting) -> Step:
    """Put writing the meeting's article on the list of steps."""
    return _ask_for(meeting, Step.Name.DRAFTED)


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
    worker = tasks.take_up_long if name in steps.LONG else tasks.take_up_waiting
    transaction.on_commit(lambda: _nudge(worker), robust=True)
    return step


def _nudge(worker: Any) -> None:
    """`Any`: Celery's tasks have no types of their own here."""
    worker.apply_async(ignore_result=True)


def _read(parcel: Parcel) -> Reading:
    try:
        return read(parcel.captions, parcel.captions_name)
    except NotCaptions as error:
        raise Refused(str(error), error.line) from error


def _body(parcel: Parcel) -> Body:
    if not parcel.body:
        raise Refused(_("Which body met? Name it by its address, such as city-council."))
    body = Body.objects.select_related("place").filter(slug=parcel.body).first()
    if body is None:
        known = Body.objects.order_by("slug").values_list("slug", flat=True)[:20]
        raise Refused(
            _("There is no body with the address “%(slug)s”. Known are: %(known)s.")
            % {"slug": parcel.body[:100], "known": ", ".join(known) or _("none yet")}
        )
    if parcel.place and parcel.place != body.place.slug:
        raise Refused(
            _("“%(body)s” belongs to the place “%(there)s”, not to “%(said)s”.")
            % {"body": body.slug, "there": body.place.slug, "said": parcel.place}
        )
    return body


def _last_import(body: Body, name: str) -> Import | None:
    rows = Import.objects.filter(body=body, name=name).select_related("meeting__body")
    return rows.order_by("-id").first()


def _new_meeting(body: Body, parcel: Parcel) -> Meeting:
    """A meeting that was announced beforehand and has no words yet, or a new one."""
    announced = Meeting.objects.filter(
        body=body, held_on=parcel.held_on, title=parcel.title, transcripts__isnull=True
    ).first()
    return announced or Meeting.objects.create(
        body=body, title=parcel.title, slug=address(parcel.title), held_on=parcel.held_on
    )


def _set_agenda(meeting: Meeting, parcel: Parcel) -> None:
    """A manifest's agenda is the agenda; a loose file says nothing of it."""
    if parcel.agenda is not None:
        records.set_agenda(meeting=meeting, items=parcel.agenda)
        pages.drop_all()


def _language(
    parcel: Parcel, reading: Reading, last: Import | None, utterances: Sequence[Utterance]
) -> str:
    """What somebody said, else what the file says, else what it was, else what is heard."""
    if said := parcel.language or reading.language:
        return said
    current = last.meeting.transcripts.current().first() if last else None
    if current is not None:
        return current.language
    return language_of((said.text for said in utterances), filed_under="en")


def _known_names(body: Body, parcel: Parcel) -> list[str]:
    """Names that are written with capitals, for captions that come without any."""
    return [body.name, body.place.name, parcel.title, *(i.title for i in parcel.agenda or ())]
