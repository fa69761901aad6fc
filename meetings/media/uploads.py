"""Uploads: files of many gigabytes that staff send piece by piece, before they are recordings.

They lie in `uploads/` of the media folder, under their key. Who may send how much is decided when
one begins, by what the disk has left and what was promised to others.
"""

import contextlib
import shutil
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from meetings.records.models import Meeting
from memberships.gate.entitlement import User

from . import storage, turns
from .models import Upload, UploadState
from .names import clean_name, suffix_of
from .pieces import Checksum, Closed, Growing, Read

FOLDER = Path("uploads")
GB = 1_000_000_000
MANY = 50
PACKAGED_TOO = 2  # what is packaged takes its size once more


class NotBegun(Exception):
    """The upload cannot begin. The message is for whoever wants to send."""


class TooLarge(NotBegun):
    """Larger than any file may be."""


class NoRoom(NotBegun):
    """The disk has not enough room for it now."""


def file_of(upload: Upload) -> Growing:
    path = storage.root() / FOLDER / f"{upload.key}{suffix_of(upload.name)}"
    return Growing(path, upload.key, upload.size_bytes)


def begin(
    *,
    owner: User,
    name: str,
    size_bytes: int,
    modified_ms: int = 0,
    meeting: Meeting | None,
    now: datetime,
) -> Upload:
    """Make room for a file. Raises NotBegun, TooLarge and NoRoom."""
    if size_bytes < 1:
        raise NotBegun(_("The file is empty."))
    if size_bytes > settings.UPLOAD_MAX_GB * GB:
        raise TooLarge(
            _("The file has %(size)s GB; %(most)s GB are the most.")
            % {"size": _gb(size_bytes), "most": _gb(int(settings.UPLOAD_MAX_GB * GB))}
        )
    folder = storage.root() / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)  # one at a time
        _check_quota(owner, size_bytes)
        _check_room(folder, size_bytes)
        upload = Upload.objects.create(
            owner=owner,
            meeting=meeting,
            name=clean_name(name),
            size_bytes=size_bytes,
            modified_ms=modified_ms,
            begun_at=now,
            expires_at=_kept_until(now),
        )
        file_of(upload).path.touch(mode=0o600, exist_ok=False)
    return upload


def offset(upload: Upload) -> int:
    """How many bytes of it are here. Raises Closed where they are gone."""
    if upload.state in {UploadState.ARRIVED, UploadState.TAKEN}:
        return upload.size_bytes
    return file_of(upload).offset()


def append(
    *,
    upload: Upload,
    at: int,
    length: int,
    read: Read,
    checksum: Checksum | None = None,
    now: datetime,
) -> int:
    """Add what the line brings, and say how much is here then. Raises what `Growing.append` does.

    While bytes come it is kept; then for as long as from the beginning.
    """
    there = file_of(upload).append(at=at, length=length, read=read, checksum=checksum)
    Upload.objects.filter(pk=upload.pk).update(expires_at=_kept_until(now))
    return there


def close_if_whole(upload: Upload) -> bool:
    """Note that all of it is here. True for whoever notes it first."""
    try:
        if not upload.is_arriving or offset(upload) < upload.size_bytes:
            return False
    except Closed:
        return False
    return bool(
        Upload.objects.filter(pk=upload.pk, state=UploadState.ARRIVING).update(
            state=UploadState.ARRIVED, sha256=file_of(upload).sha256()
        )
    )


def give_to(*, upload: Upload, meeting: Meeting) -> None:
    """Say for which meeting a whole upload is."""
    Upload.objects.filter(pk=upload.pk).update(meeting=meeting)


def look_again(upload: Upload) -> None:
    """Have a worker look at one that was refused, as when the disk was full."""
    Upload.objects.filter(pk=upload.pk, state=UploadState.REFUSED).update(
        state=UploadState.ARRIVED, error="", tries=0
    )


def give_up(upload: Upload) -> None:
    """Remove an upload and what came of it. Raises Closed where it is a recording already."""
    file = file_of(upload)
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            return
        if row.state == UploadState.TAKEN:
            raise Closed(_("It is a recording already."))
        row.delete()
        with contextlib.suppress(turns.Taken), turns.turn(file.path, takes_over=0):
            file.clear()


def sweep(*, now: datetime) -> None:
    """Remove uploads that nobody went on with, rows of old ones, and files of none."""
    for upload in Upload.objects.filter(expires_at__lt=now).exclude(state=UploadState.TAKEN):
        file = file_of(upload)
        with contextlib.suppress(turns.Taken), turns.turn(file.path, takes_over=None):
            if upload.is_over(at=now) and _kept_until(_touched_at(file.path, now)) < now:
                upload.delete()
                file.clear()
    old = now - _kept()
    Upload.objects.filter(state=UploadState.TAKEN, expires_at__lt=old).delete()
    for path in (storage.root() / FOLDER).glob("*"):
        with contextlib.suppress(FileNotFoundError, ValueError):
            key = uuid.UUID(path.name.partition(".")[0])
            if _touched_at(path, now) < old and not Upload.objects.filter(key=key).exists():
                path.unlink()


def _check_quota(owner: User, size_bytes: int) -> None:
    mine = Upload.objects.owned_by(owner).pending()
    if mine.count() >= MANY:
        raise NotBegun(
            _("You have %d uploads that are not recordings yet. Finish or remove some.") % MANY
        )
    used = mine.aggregate(used=Sum("size_bytes"))["used"] or 0
    if used + size_bytes > settings.UPLOAD_QUOTA_GB * GB:
        raise NotBegun(
            _(
                "Your uploads may have %(most)s GB together until they are recordings; with this"
                " one they have %(with)s GB. Finish or remove some."
            )
            % {"most": _gb(int(settings.UPLOAD_QUOTA_GB * GB)), "with": _gb(used + size_bytes)}
        )


def _check_room(folder: Path, size_bytes: int) -> None:
    """Room for this file, its package, and what others were promised."""
    promised = 0
    for other in Upload.objects.exclude(state__in=[UploadState.TAKEN, UploadState.REFUSED]):
        with contextlib.suppress(Closed):
            promised += other.size_bytes * PACKAGED_TOO - offset(other)
    needed = size_bytes * PACKAGED_TOO
    free = int(shutil.disk_usage(folder).free - settings.UPLOAD_SPARE_GB * GB - promised)
    if needed > free:
        raise NoRoom(
            _(
                "There is not enough room on the disk: this file and what is made of it need"
                " %(needed)s GB, and %(free)s GB are free for it."
            )
            % {"needed": _gb(needed), "free": _gb(max(free, 0))}
        )


def _kept() -> timedelta:
    return timedelta(hours=settings.UPLOAD_KEPT_HOURS)


def _kept_until(now: datetime) -> datetime:
    return now + _kept()


def _touched_at(path: Path, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo)
    except FileNotFoundError:
        return now - 2 * _kept()


def _gb(size_bytes: int) -> str:
    return f"{size_bytes / GB:,.1f}" if size_bytes >= GB / 10 else f"{size_bytes / GB:.3f}"
