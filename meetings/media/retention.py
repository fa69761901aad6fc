"""How long things are kept: work that nobody does any more, and what was replaced or removed."""

import contextlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import ProtectedError
from django.db.models.deletion import Collector

from . import originals, storage, uploads
from .models import Recording, State

# A token for the package before is good until it expires; this is for clocks that differ.
GRACE = timedelta(hours=1)
# A recording that was removed by mistake is missed within this.
REMOVED = timedelta(days=30)


def sweep(*, now: datetime) -> None:
    """Remove deserted work at once, replaced packages once no token for them can be good."""
    originals.sweep(now=now.timestamp())
    storage.sweep(now=now.timestamp())
    uploads.sweep(now=now)
    kept = GRACE + timedelta(seconds=settings.PLAYBACK_SECONDS)
    rows = Recording.objects.ready().filter(package_version__gt=1, packaged_at__lt=now - kept)
    for recording in rows.defer("segment_ends_ms").iterator():
        storage.remove_old_packages(recording.key, current=recording.package_version)
    if storage.is_remote():
        _sweep_bucket()
    for recording in Recording.objects.to_delete(before=now - REMOVED).defer("segment_ends_ms"):
        _delete(recording, now)


def _delete(recording: Recording, now: datetime) -> None:
    """First nobody can bring it back any more, then its files go, and the row last.

    What clips are cut from stays for them. What a bucket refuses is tried again in an hour, and no
    transaction waits for it.
    """
    try:
        Collector(using=DEFAULT_DB_ALIAS, origin=recording).collect([recording])
    except ProtectedError:
        return  # and no clip begins meanwhile: those are cut from a meeting's current recording
    row = Recording.objects.filter(pk=recording.pk)
    if row.to_delete(before=now - REMOVED).update(original=""):
        storage.remove(recording.key)
        row.delete()


def _sweep_bucket() -> None:
    """What workers brought there and died over. One that lives holds its recording."""
    for recording in Recording.objects.exclude(state=State.READY).defer("segment_ends_ms"):
        with contextlib.suppress(storage.Busy), storage.held(recording.key):
            recording.refresh_from_db(fields=["package_version"])
            storage.remove_unfinished_packages(recording.key, current=recording.package_version)
