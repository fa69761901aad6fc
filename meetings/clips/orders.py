"""Orders: renderings that are asked for, taken up by a worker, called off, or tried again.

A row says what is wanted and how far it is; a nudge to the worker may be lost, the row is not.
"""

import errno
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.media import ffmpeg

from . import files, manifests, playing, rendering, sounding
from .models import Clip, Rendering

log = structlog.get_logger(__name__)

Kind, State = Rendering.Kind, Rendering.State
FIRST = frozenset({Kind.ENDS, Kind.PLAIN})
"""What each new clip is given; a public one its sound alone as well."""
QUICK = FIRST | {Kind.AUDIO}
"""Hardly anything of these is encoded. The others take about as long as the clip lasts."""
LONG = frozenset(Kind) - QUICK
SAID_EVERY_S = 1.0
TRIED_AGAIN_AFTER = timedelta(seconds=30)
_FULL = {errno.ENOSPC, errno.EDQUOT}


class CalledOff(Exception):
    """Nobody wants the rendering any more: it was cancelled, deleted, or is another worker's."""


def ask(*, clip: Clip, kinds: Collection[str], now: datetime) -> list[Rendering]:
    """Have these made of a clip, which comes `with_source`. What is there or on its way stays so.

    One that failed or was cancelled is tried again.
    """
    spans = playing.spans_of(clip)
    asked = []
    for kind in kinds:
        row, _made = Rendering.objects.get_or_create(
            clip=clip,
            kind=kind,
            content_key=rendering.content_key(clip, kind, spans),
            defaults={"asked_at": now},
        )
        again = Rendering.objects.filter(pk=row.pk, state__in=[State.FAILED, State.CANCELLED])
        fresh = {"progress": 0, "error": "", "tries": 0, "asked_at": now, "finished_at": None}
        if again.update(state=State.WAITING, **fresh):
            row.refresh_from_db()
        asked.append(row)
    return asked


def cancel(*, clip: Clip, kind: str) -> bool:
    """Call off what waits or runs of this kind. Whether there was anything to call off.

    A worker that is at it hears of it within a second or two, and leaves nothing behind.
    """
    under_way = clip.renderings.filter(kind=kind, state__in=[State.WAITING, State.RUNNING])
    return bool(under_way.update(state=State.CANCELLED, progress=0, error=""))


def claim(*, now: datetime, among: Collection[str]) -> Rendering | None:
    """Take the order that has waited longest. Two workers never take the same one."""
    with transaction.atomic():
        row = (
            Rendering.objects.to_do(at=now)
            .filter(kind__in=among, clip__deleted_at__isnull=True)
            .exclude(finished_at__gt=now - TRIED_AGAIN_AFTER)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("asked_at", "id")
            .first()
        )
        if row is None:
            return None
        if row.tries >= Rendering.TRIES_MAX:  # its worker died every time: it may be the cause
            row.state, row.finished_at = State.FAILED, now
            row.error = row.error or _("The worker stopped each time this was tried.")
        else:
            row.state, row.started_at, row.finished_at = State.RUNNING, now, None
            row.alive_at, row.progress, row.tries = now, 0, row.tries + 1
        row.save()
    return Rendering.objects.select_related("clip__recording").get(pk=row.pk)


def run(row: Rendering) -> None:
    """Make what a claimed row asks for, and keep what came of it.

    What may heal waits for another try. What is expected to go wrong ends as a sentence for the
    reader. Anything else is kept on the row and rises: it is ours to mend.
    """
    if row.state != State.RUNNING:
        return
    try:
        made = rendering.make(row, report=_heartbeat(row))
    except CalledOff:
        log.info("rendering_called_off", rendering=row.pk)
    except ffmpeg.TryAgain as error:
        _wait(row, str(error) or _("The recording is being replaced. It goes on by itself."))
    except ffmpeg.WillNotHelp as error:
        _end(row, State.FAILED, error=str(error))
    except OSError as error:
        full = error.errno in _FULL
        _wait(row, _("The disk is full.") if full else _("The files cannot be written now."))
    except BaseException as error:
        _end(row, State.FAILED, error=_("Something unexpected: %s") % type(error).__name__)
        raise
    else:
        _keep(row, made)


def _keep(row: Rendering, made: rendering.Made) -> None:
    """Say where the files are. If nobody wants them any more, they go."""
    is_kept = _end(
        row,
        State.READY,
        file_name=made.file_name,
        parts=made.parts,
        sha256=made.sha256,
        size_bytes=made.size_bytes,
    )
    if not is_kept:
        files.remove(made.names)
        return
    # What was made of the same clip when its recording was packaged otherwise is of no use now.
    older = Rendering.objects.filter(clip_id=row.clip_id, kind=row.kind).exclude(pk=row.pk)
    for one in older.exclude(state__in=[State.WAITING, State.RUNNING]):
        one.delete()
        files.remove(set(files.names_of(one)) - set(made.names))
    manifests.of(row.clip, now=timezone.now())  # before anybody has the file: it is listed
    if row.kind == Kind.AUDIO:
        sounding.show_anew()


def _heartbeat(row: Rendering) -> Callable[[float], None]:
    """Notes on the row how far the work is, and raises CalledOff when nobody wants it any more."""
    said_at = float("-inf")

    def alive(done: float) -> None:
        nonlocal said_at
        if time.monotonic() - said_at < SAID_EVERY_S:
            return
        said_at = time.monotonic()
        percent = max(0, min(int(done * 100), 99))
        if not _mine(row).update(alive_at=timezone.now(), progress=percent):
            raise CalledOff

    return alive


def _wait(row: Rendering, error: str) -> None:
    """Back on the list; after the last try it has failed."""
    state = State.FAILED if row.tries >= Rendering.TRIES_MAX else State.WAITING
    _end(row, state, error=error)


def _end(row: Rendering, state: Rendering.State, **said: object) -> bool:
    """Only the try that claimed the row may end it. Whether it did."""
    progress = 100 if state == State.READY else F("progress")
    ended = _mine(row).update(
        **{"error": "", "state": state, "finished_at": timezone.now(), "progress": progress, **said}
    )
    return bool(ended)


def _mine(row: Rendering) -> QuerySet[Rendering]:
    return Rendering.objects.filter(pk=row.pk, state=State.RUNNING, tries=row.tries)
