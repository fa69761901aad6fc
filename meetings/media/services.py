"""What can be done with a recording: adding it to a meeting, packaging it, removing a draft's."""

import contextlib
import errno
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from meetings.records.models import Meeting
from meetings.records.models import State as MeetingState

from . import ffmpeg, originals, packaging, probing, segments, storage, turns, uploads
from .models import Recording, State, Upload, UploadState
from .names import clean_name, suffix_of
from .probing import Facts, Unplayable

__all__ = ["Unplayable", "add", "arriving", "package"]


class NotPackaged(Exception):
    """Packaging did not end in something that can be played. The message is for staff."""


class UnderWay(Exception):
    """Another worker packages this recording at this moment, and will say how it ended."""


class NotRemovable(Exception):
    """Its meeting is or was public, or it is being deleted. The message is for staff."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is stored and can be played, and is no meeting's recording yet."""

    name: str
    file: originals.Arrived
    facts: Facts


@contextlib.contextmanager
def arriving(*, file: IO[bytes], name: str) -> Iterator[Incoming]:
    """Store a file and look at it. If it is not added to a meeting meanwhile, nothing of it stays.

    Raises Unplayable with what is wrong with the file, and OSError where there is no room for it.
    """
    plain = clean_name(name)
    arrived = originals.receive(file, suffix=suffix_of(plain))
    try:
        yield Incoming(plain, arrived, probing.probe(arrived.path))
    finally:
        arrived.discard()


@contextlib.contextmanager
def uploaded(*, upload: Upload) -> Iterator[Incoming]:
    """The file of a whole upload, looked at as `arriving` does. It stays until it is added.

    Raises UnderWay where another worker is at it or was, Unplayable and OSError.
    """
    file = uploads.file_of(upload)
    try:
        with turns.turn(file.path, takes_over=None):
            upload = Upload.objects.select_related("meeting").get(pk=upload.pk)
            if upload.state != UploadState.ARRIVED:
                raise UnderWay(_("Another worker was first."))
            if upload.tries >= Upload.TRIES_MAX:  # the file may be the cause
                raise Unplayable(_("The worker stopped each time it looked at this file."))
            upload.tries += 1
            upload.save(update_fields=["tries"])
            originals.bring_back(file.path, key=upload.key)
            if not upload.sha256:
                with file.path.open("rb") as whole:
                    upload.sha256 = originals.digest(whole)
                upload.save(update_fields=["sha256"])
            arrived = originals.Arrived(file.path, upload.size_bytes, upload.sha256)
            yield Incoming(upload.name, arrived, probing.probe(file.path))
    except (turns.Taken, Upload.DoesNotExist) as error:
        raise UnderWay(_("Another worker is looking at this upload.")) from error


@transaction.atomic
def take(*, upload: Upload, incoming: Incoming, now: datetime) -> Recording:
    """Make an upload the recording of its meeting, once. Raises UnderWay if that was done."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk, state=UploadState.ARRIVED).first()
    if row is None or row.meeting is None:
        raise UnderWay(_("Another worker was first."))
    recording = add(meeting=row.meeting, incoming=incoming, key=row.key, now=now)
    row.state, row.recording, row.error = UploadState.TAKEN, recording, ""
    row.save(update_fields=["state", "recording", "error"])
    transaction.on_commit(uploads.file_of(row).clear)
    return recording


@contextlib.contextmanager
def sent_ahead(*, incoming: Incoming, key: uuid.UUID) -> Iterator[None]:
    """Have the file in the bucket before a transaction makes it a recording, if there is a bucket.

    If it is none when the block ends, nothing of it stays there. Raises OSError.
    """
    name = originals.original_name(key, incoming.file)
    originals.send_ahead(incoming.file, name)
    try:
        yield
    finally:
        if storage.is_remote() and not Recording.objects.filter(original=name).exists():
            originals.take_back(name)


def add(*, meeting: Meeting, incoming: Incoming, key: uuid.UUID, now: datetime) -> Recording:
    """Make it the meeting's recording, to be packaged. The one before stays beside it.

    The same file again is the recording that is there already. Whoever calls it has a transaction,
    or wants one for this alone, and has `sent_ahead` before. Raises Unplayable while the very same
    file is being deleted.
    """
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)  # one at a time
        known = meeting.recordings.filter(sha256=incoming.file.sha256).first()
        if known is not None and known.is_current:
            return known
        meeting.recordings.current().update(is_current=False)
        if known is not None:
            if not _brought_back(known):
                raise Unplayable(
                    _("This very file was removed and is being deleted. Send it again in an hour.")
                )
            return known
        name = originals.original_name(key, incoming.file)
        recording = Recording.objects.create(
            meeting=meeting,
            key=key,
            original=name,
            original_name=incoming.name,
            sha256=incoming.file.sha256,
            size_bytes=incoming.file.size_bytes,
            added_at=now,
            **_as_fields(incoming.facts),
        )
        originals.settle(incoming.file, name)
        return recording


def package(*, recording: Recording, report: ffmpeg.Report | None = None, now: datetime) -> None:
    """Make what players get. A recording that is ready and whole is left as it is.

    `report` hears how much is done, from 0 to 1. What comes to nothing leaves the state `failed`
    with a sentence. Raises NotPackaged with that sentence, and UnderWay.
    """
    try:
        with storage.held(recording.key):
            recording.refresh_from_db()
            if recording.is_ready and _is_whole(recording):
                return
            _package(recording, report, now)
    except storage.Busy as error:
        raise UnderWay(_("Another worker is packaging this recording.")) from error
    except OSError as error:  # before anything began: what is there may be whole
        raise NotPackaged(_said(error)) from error


@transaction.atomic
def show(*, recording: Recording) -> None:
    """Make it the one that readers see, also where it was removed. The one before stays beside.

    Raises NotRemovable where its files are being deleted.
    """
    Meeting.objects.select_for_update().get(pk=recording.meeting_id)  # one at a time
    others = Recording.objects.filter(meeting=recording.meeting_id).current()
    others.exclude(pk=recording.pk).update(is_current=False)
    if not _brought_back(recording):
        raise NotRemovable(_("This recording is being deleted and cannot be shown again."))


def _brought_back(recording: Recording) -> bool:
    """Make it current, unless whoever deletes its files was first (`retention`)."""
    row = Recording.objects.filter(pk=recording.pk).exclude(original="")
    if not row.update(is_current=True, removed_at=None):
        return False
    recording.is_current, recording.removed_at = True, None
    return True


def remove(*, recording: Recording, now: datetime) -> None:
    """Take a recording out of a meeting that was never public. `show` brings it back.

    Its original and package are kept for a while (`retention`), in case it was a mistake.
    """
    if recording.meeting.state != MeetingState.DRAFT:
        raise NotRemovable(_("The meeting is or was public, so its recording stays."))
    recording.is_current, recording.removed_at = False, now
    recording.save(update_fields=["is_current", "removed_at"])


def delete(*, recording: Recording) -> None:
    """Delete a recording that was removed, its original too, before its time."""
    if recording.removed_at is None:
        raise NotRemovable(_("Only what was removed before is deleted."))
    key = recording.key
    try:
        recording.delete()
    except ProtectedError as error:
        raise NotRemovable(_("Members have cut clips from it, so it is kept.")) from error
    transaction.on_commit(lambda: storage.remove(key))


def _package(recording: Recording, report: ffmpeg.Report | None, now: datetime) -> None:
    rows = Recording.objects.filter(pk=recording.pk)
    rows.update(state=State.PACKAGING, error="", progress=0)

    def told(done: float) -> None:
        percent = min(int(done * 100), 99)
        if percent > recording.progress:
            recording.progress = percent
            rows.update(progress=percent)
        if report is not None:
            report(done)

    recording.progress = 0
    try:
        version, facts, made = _made(recording, told)
    except (Unplayable, ffmpeg.Trouble) as error:
        rows.update(state=State.FAILED, error=str(error))
        raise NotPackaged(str(error)) from error
    except OSError as error:
        rows.update(state=State.FAILED, error=_said(error))
        raise NotPackaged(_said(error)) from error
    except BaseException:
        rows.update(state=State.FAILED, error=_("Packaging was stopped."))
        raise
    rows.update(
        **_as_fields(facts),
        state=State.READY,
        progress=100,
        package_version=version,
        segment_ends_ms=made.segment_ends_ms,
        has_poster=made.has_poster,
        packaged_at=now,
    )


def _made(recording: Recording, report: ffmpeg.Report) -> tuple[int, Facts, packaging.Package]:
    """The next package, which a worker may have finished and died before saying so."""
    try:
        with originals.on_disk(str(recording.original), report=_waiting(report)) as original:
            facts = probing.probe(original)
            version = storage.next_version(recording.key, current=recording.package_version)
            left = storage.package_of(recording.key, version)
            if left.is_dir():
                return version, facts, packaging.read(left, facts)
            with storage.workshop(recording.key) as workshop:
                made = packaging.build(original, facts, workshop, report=report)
                storage.put_up(workshop, recording.key, version, report=_waiting(report))
    except originals.Gone as error:
        raise Unplayable(_("The original is gone. Restore it from a backup.")) from error
    return version, facts, made


def _said(error: OSError) -> str:
    """What staff are told of trouble with files."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _("The disk is full. Make room, then run this step again.")
    return _("The files cannot be written: %s.") % (error.strerror or type(error).__name__)


def _waiting(report: ffmpeg.Report) -> ffmpeg.Report:
    """For what is on its way to or from a bucket: it goes on, and nothing is packaged by it."""
    return lambda _done: report(0.0)


def _is_whole(recording: Recording) -> bool:
    there = storage.sizes(recording.key, recording.package_version)
    count = len(recording.segment_ends_ms)
    return all(there.get(name) for name in segments.names(count))


def _as_fields(facts: Facts) -> dict[str, object]:
    return {
        "duration_ms": facts.duration_ms,
        "width": facts.width,
        "height": facts.height,
        "video_codec": facts.video_codec,
        "audio_codec": facts.audio_codec,
    }
