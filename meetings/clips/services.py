"""What can be done with a clip: cutting, changing, deleting, taking down, reporting."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.articles import reporting
from meetings.media import queries as media
from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from memberships.gate.entitlement import User

from . import files, manifests, orders, queries, sounding, tasks
from .describing import NotDescribed, told
from .models import Clip, ClipReport, ClipSpan, Rendering, Visibility
from .snapshot import words_in
from .spans import NotCut, length_of, settled
from .timed import Span

__all__ = ["NotCut", "NotDescribed", "cut"]

# One number for all who count reports at the same time (PostgreSQL's advisory locks).
REPORT_LOCK = 0x434C4950
# Whoever plays a clip again within this time is counted once.
ONE_PLAY_S = 30 * 60
# What is asked for again within this time is a button that was pressed twice.
ONE_PRESS = timedelta(minutes=1)


class NotTakenDown(ValueError):
    """The clip cannot be taken down or put back. The message is a sentence for staff."""


@transaction.atomic
def cut(
    *,
    owner: User,
    meeting: Meeting,
    spans: Sequence[tuple[int, int]],
    title: str,
    note: str = "",
    visibility: str = Visibility.PRIVATE,
    maker_name: str = "",
    now: datetime,
) -> Clip:
    """Make a clip of the meeting's recording. It can be played at once.

    `spans` are (start_ms, end_ms) in milliseconds of the recording, in any order. Asked for twice
    within a minute in the same words, it is the same clip. Raises NotCut or NotDescribed with a
    sentence for whoever wants it, and then nothing is stored.
    """
    said_of_it = told(title=title, note=note, visibility=visibility, maker_name=maker_name)
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one at a time, for the limit
    meeting = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)  # not replaced now
    recording = media.playable(meeting)
    if not meeting.is_published:
        raise NotCut(_("Clips can be cut once the meeting is published."))
    if recording is None or recording.duration_ms is None:
        raise NotCut(_("This meeting has no recording that can be played now. Try again later."))
    settled_spans = settled(spans, duration_ms=recording.duration_ms)
    described = Clip.objects.owned_by(owner).filter(recording=recording, **said_of_it)
    for clip in described.filter(created_at__gt=now - ONE_PRESS).prefetch_related("spans"):
        if sorted(Span(one.start_ms, one.end_ms) for one in clip.spans.all()) == settled_spans:
            return clip
    if _cut_today(owner, now) >= settings.CLIPS_A_DAY:
        raise NotCut(
            _("You have cut %d clips in the last day. The next one is welcome tomorrow.")
            % settings.CLIPS_A_DAY
        )
    transcript = transcripts.current(meeting)
    said = []
    if transcript is not None:
        ends = settled_spans[0].start_ms, settled_spans[-1].end_ms
        said = words_in(queries.segments_over(transcript, *ends), settled_spans)
    clip = Clip.objects.create(
        owner=owner,
        meeting=meeting,
        recording=recording,
        transcript=transcript,
        transcript_version=transcript.version if transcript else None,
        language=transcript.language if transcript else "",
        slug=secrets.token_urlsafe(Clip.SLUG_BYTES),
        words=said,
        duration_ms=length_of(settled_spans),
        created_at=now,
        changed_at=now,
        **said_of_it,
    )
    ClipSpan.objects.bulk_create(
        ClipSpan(clip=clip, position=position, start_ms=span.start_ms, end_ms=span.end_ms)
        for position, span in enumerate(settled_spans)
    )
    manifests.of(clip, now=now)  # files are added to it as they are made
    orders.ask(clip=clip, kinds=orders.QUICK if clip.is_public else orders.FIRST, now=now)
    transaction.on_commit(lambda: _nudge(tasks.make_waiting), robust=True)
    return clip


def _nudge(worker: Any) -> None:
    """`Any`: Celery's tasks have no types of their own here. Beat would find it, too."""
    worker.apply_async(ignore_result=True)


def _cut_today(owner: User, now: datetime) -> int:
    return Clip.objects.filter(owner=owner, created_at__gt=now - timedelta(days=1)).count()


@transaction.atomic
def change(
    *, clip: Clip, title: str, note: str, visibility: str, maker_name: str, now: datetime
) -> Clip:
    """Say something else of a clip. What it shows stays. Raises NotDescribed.

    One that is public now has its sound made, for the podcast; of no other one is that made.
    Raises Clip.DoesNotExist where it was deleted meanwhile.
    """
    said_of_it = told(title=title, note=note, visibility=visibility, maker_name=maker_name)
    fresh = _locked(clip)
    for field, value in said_of_it.items():
        setattr(fresh, field, value)
    fresh.changed_at = now
    fresh.save(update_fields=[*said_of_it, "changed_at"])
    if fresh.is_public:
        orders.ask(clip=fresh, kinds=[Rendering.Kind.AUDIO], now=now)
        transaction.on_commit(lambda: _nudge(tasks.make_waiting), robust=True)
    else:
        orders.cancel(clip=fresh, kind=Rendering.Kind.AUDIO)
    sounding.show_anew()
    return fresh


@transaction.atomic
def delete(*, clip: Clip, now: datetime) -> None:
    """Delete a clip with its words, files and proofs. Its address answers that it is gone.

    Whoever deletes it a second time changes nothing.
    """
    fresh = Clip.objects.select_for_update(of=("self",)).get(pk=clip.pk)
    if fresh.is_deleted:
        return
    fresh.renderings.all().delete()
    fresh.manifests.all().delete()
    fresh.reports.all().delete()
    fresh.owner, fresh.words = None, []
    fresh.title = fresh.note = fresh.maker_name = ""
    fresh.changed_at = fresh.deleted_at = now
    fresh.save()
    sounding.show_anew()
    transaction.on_commit(lambda: files.remove_all(fresh.slug), robust=True)


@transaction.atomic
def have_made(*, clip: Clip, kind: str, now: datetime) -> Rendering:
    """Have a worker make a file of a clip. One that is there or on its way is what is returned.

    Raises Clip.DoesNotExist where the clip was deleted meanwhile.
    """
    fresh = _locked(clip)
    (row,) = orders.ask(clip=fresh, kinds=[kind], now=now)
    worker = tasks.make_long if kind in orders.LONG else tasks.make_waiting
    transaction.on_commit(lambda: _nudge(worker), robust=True)
    return row


def call_off(*, clip: Clip, kind: str) -> bool:
    """Stop making a file. Whether it was on its way."""
    return orders.cancel(clip=clip, kind=kind)


@transaction.atomic
def take_down(*, clip: Clip, reason: str, by: User, now: datetime) -> Clip:
    """Hide a clip from everybody. Its page says that, and why. Raises NotTakenDown."""
    if not reason.strip():
        raise NotTakenDown(_("Taking a clip down takes a reason. It is shown to readers."))
    fresh = _locked(clip)
    if fresh.is_taken_down:
        raise NotTakenDown(_("This clip was taken down already."))
    fresh.taken_down_at, fresh.taken_down_by = now, by
    fresh.taken_down_reason = reason.strip()[: Clip.REASON_MAX]
    fresh.save(update_fields=["taken_down_at", "taken_down_by", "taken_down_reason"])
    sounding.show_anew()
    return fresh


@transaction.atomic
def put_back(*, clip: Clip) -> Clip:
    """Show a clip again that was taken down. Raises NotTakenDown."""
    fresh = _locked(clip)
    if not fresh.is_taken_down:
        raise NotTakenDown(_("This clip was not taken down."))
    fresh.taken_down_at = fresh.taken_down_by = None
    fresh.taken_down_reason = ""
    fresh.save(update_fields=["taken_down_at", "taken_down_by", "taken_down_reason"])
    sounding.show_anew()
    return fresh


def count_play(*, clip: Clip, visitor: str) -> None:
    """Count that a clip was played: once in half an hour by one visitor.

    `visitor` is a keyed hash of where the request came from (`articles.visitors`). It is known for
    that half hour and stored nowhere else.
    """
    if cache.add(f"clip-played:{clip.pk}:{visitor}", 1, ONE_PLAY_S):
        Clip.objects.filter(pk=clip.pk).update(plays=F("plays") + 1)


@transaction.atomic
def report(*, clip: Clip, what: str, email: str, reporter_hash: str, now: datetime) -> ClipReport:
    """Keep what somebody says is wrong, for staff to look into.

    Raises TooManyReports, and then nothing is kept.
    """
    reporting.wait_for_turn(REPORT_LOCK)
    reporting.count(ClipReport.objects.all(), reporter_hash=reporter_hash, now=now)
    return ClipReport.objects.create(
        clip=clip, what=what, email=email, created_at=now, reporter_hash=reporter_hash
    )


def _locked(clip: Clip) -> Clip:
    """The clip as it is now, so that of two at once the second sees what the first did."""
    standing = Clip.objects.filter(deleted_at__isnull=True)
    return standing.select_for_update(of=("self",)).get(pk=clip.pk)


def forget(user: User) -> None:
    """Named in `ACCOUNT_DATA_ERASERS`: the clips go, and reports keep no address."""
    for clip in Clip.objects.owned_by(user).order_by("pk"):
        delete(clip=clip, now=timezone.now())
    ClipReport.objects.filter(email__iexact=user.email).update(email="")
