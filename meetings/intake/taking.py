"""Taking in: a parcel becomes a meeting of its body, with its transcript, or a version of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.articles.writers.hearing import language_of
from meetings.records import services as records
from meetings.records.models import Body, Meeting, address
from meetings.records.models import State as MeetingState
from meetings.transcripts import live
from meetings.transcripts import services as transcripts
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions, Reading
from meetings.transcripts.models import Origin, Transcript
from meetings.transcripts.utterances import Utterance
from memberships.gate import pages
from memberships.gate.entitlement import User

from . import steps
from .models import Import
from .parcels import LANGUAGE_TAG, Parcel
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
    notes: tuple[str, ...] = ()
    """What else staff should know, in sentences."""


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
        recognized = meeting.transcripts.current().first() if last is None else None
        if last is None and parcel.agenda is None and reading.agenda:
            items = [records.Item(mark.title, mark.start_ms) for mark in reading.agenda]
            records.set_agenda(meeting=meeting, items=items)
        transcript = transcripts.add_version(
            meeting=meeting,
            language=_language(parcel, reading, last, utterances),
            source_format=reading.format,
            utterances=utterances,
        )
        if recognized is not None:
            transcripts.set_aside_others(meeting=meeting, but=transcript)
        steps.captions_came(meeting=meeting)
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
    return Taken(
        Outcome.NEW_VERSION if last or recognized else Outcome.CREATED,
        meeting,
        cue_count=len(repaired.cues),
        segment_count=len(utterances),
        repairs=sentences,
        notes=(_in_place_of(recognized),) if recognized else (),
    )


def _in_place_of(recognized: Transcript) -> str:
    """What became of the words that a machine had heard."""
    if recognized.origin == Origin.RECOGNIZED:
        return _(
            "The captions take the place of the words that a machine had recognized. Those stay"
            " readable among the versions of the transcript."
        )
    return _(
        "The captions take the place of words that a machine had recognized and staff corrected."
        " Those stay readable among the versions of the transcript, and can be brought back."
    )


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
    """A meeting that was there beforehand, without words or with a machine's, or a new one."""
    beforehand = (
        Meeting.objects.filter(
            body=body, held_on=parcel.held_on, title=parcel.title, imports__isnull=True
        )
        .exclude(transcripts__origin=Origin.TAKEN_IN)
        .first()
    )
    return beforehand or Meeting.objects.create(
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
    """What somebody said, else what the file says, else what it was, else what is heard.

    A file's own word counts where it has the form of one (BCP 47): it is shown to browsers and to
    language models, and whoever made the file could have written anything.
    """
    if parcel.language and not LANGUAGE_TAG.fullmatch(parcel.language):
        raise Refused(
            _("“%s” is not how languages are named here. Write en, fr or pt-BR.") % parcel.language
        )
    if parcel.language or LANGUAGE_TAG.fullmatch(reading.language):
        return parcel.language or reading.language
    current = last.meeting.transcripts.current().first() if last else None
    if current is not None:
        return current.language
    return language_of((said.text for said in utterances), filed_under="en")


def _known_names(body: Body, parcel: Parcel) -> list[str]:
    """Names that are written with capitals, for captions that come without any."""
    return [body.name, body.place.name, parcel.title, *(i.title for i in parcel.agenda or ())]
