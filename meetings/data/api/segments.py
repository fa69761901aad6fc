"""Segments of all meetings in one list, which stays whole while meetings come, change and go.

The list is of the moment at which its first page was read: the cursor holds the newest transcript
that there was. Versions are added and never changed, so what was current then is there to the end,
and what was withdrawn since is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.http import HttpResponse
from ninja import Field, Query, Router

from meetings.records.models import State
from meetings.transcripts.models import Segment, Transcript

from . import cursors, lists, problems
from .callers import CallerRequest, MemberToken
from .describing import Row, page_of
from .lists import AskedSince, ById

router = Router(tags=["Words"], auth=MemberToken("read"))

NAME = "segments"
AT_A_TIME = 200  # transcripts that are looked at together


class SegmentRow(Row):
    """A run of words by one speaker. `key` names it across versions while it stays the same."""

    meeting: int = Field(examples=[42])
    transcript: int = Field(examples=[77])
    position: int = Field(examples=[12])
    key: str = Field(examples=["1f2e3d4c5b6a7988"])
    speaker: str | None = Field(examples=["Chair Ruiz"])
    start_ms: int = Field(examples=[61_200])
    end_ms: int = Field(examples=[64_900])
    text: str = Field(examples=["The motion carries."])
    confidence: float | None = Field(description="From 0 to 1, where a machine said it.")
    url: str = Field(examples=["https://example.org/meetings/42/regular-meeting/?t=61.2#moment"])


class AskedSegments(AskedSince):
    meeting: ById = Field(None, description="The id of a meeting.")
    speaker: ById = Field(None, description="The id of a speaker, who speaks in one meeting.")
    language: str | None = Field(None, max_length=35, description="BCP 47, such as `en`.")
    from_ms: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Only what is said after this time of the meeting."
    )
    to_ms: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Only what begins before this time of the meeting."
    )

    @property
    def within(self) -> Q:
        """What is asked of a segment itself."""
        asked = Q()
        if self.speaker is not None:
            asked &= Q(speaker=self.speaker)
        if self.from_ms is not None:
            asked &= Q(end_ms__gt=self.from_ms)
        if self.to_ms is not None:
            asked &= Q(start_ms__lt=self.to_ms)
        return asked


@dataclass(frozen=True, slots=True)
class _Place:
    """After this segment, of the transcripts that there were when the list began."""

    newest: int
    transcript: int = 0
    position: int = -1


@router.get("/segments", response=page_of(SegmentRow, members=True), summary="Segments")
def segments(request: CallerRequest, asked: Annotated[AskedSegments, Query()]) -> HttpResponse:
    """What was said in all meetings or in one, as readers see it, by transcript and position."""
    if asked.meeting is None and (asked.from_ms is not None or asked.to_ms is not None):
        raise problems.bad_request("A range of time is of one meeting: say which with `meeting`.")
    synced = lists.synced_until(asked)
    page = _page(asked)
    return lists.answer(request, page, asked, SegmentRow, synced=synced)


def _page(asked: AskedSegments) -> lists.Page:
    place = _place(asked)
    wanted = asked.limit + 1
    found: list[Segment] = []
    there = _transcripts(asked, newest=place.newest)
    while len(found) < wanted:
        some = list(
            there.filter(pk__gte=place.transcript)
            .order_by("pk")
            .values_list("pk", "segment_count")[:AT_A_TIME]
        )
        if not some:
            break
        taken, expected = [], 0
        for pk, count in some:  # no more of them than the page needs
            taken.append(pk)
            expected += count - (place.position + 1 if pk == place.transcript else 0)
            if asked.within == Q() and expected >= wanted - len(found):
                break
        found += _read(asked, place, taken, limit=wanted - len(found))
        place = _Place(place.newest, taken[-1] + 1)
    rows = [segment_row(segment) for segment in found[: asked.limit]]
    if len(found) <= asked.limit:
        return lists.Page(rows, None)
    last = found[asked.limit - 1]
    key = [place.newest, last.transcript_id, last.position]
    return lists.Page(rows, cursors.written(NAME, asked.filters, key))


def _place(asked: AskedSegments) -> _Place:
    if asked.cursor is not None:
        return _Place(*cursors.read(asked.cursor, NAME, asked.filters, length=3))
    return _Place(Transcript.objects.aggregate(newest=Max("pk"))["newest"] or 0)


def _transcripts(asked: AskedSegments, *, newest: int) -> QuerySet[Transcript]:
    """Those that were current when the list began, of meetings that are published now."""
    newer = Transcript.objects.filter(
        meeting=OuterRef("meeting"), language=OuterRef("language"), version__gt=OuterRef("version")
    )
    rows = Transcript.objects.filter(
        Q(is_current=True) | Exists(newer.filter(pk__gt=newest)),  # current now, or until lately
        ~Exists(newer.filter(pk__lte=newest)),
        meeting__state=State.PUBLISHED,
        pk__lte=newest,
    )
    if asked.meeting is not None:
        rows = rows.filter(meeting=asked.meeting)
    if asked.speaker is not None:
        rows = rows.filter(meeting__speakers=asked.speaker)
    if asked.language is not None:
        rows = rows.filter(language=asked.language)
    if asked.since is not None:
        rows = rows.filter(meeting__in=lists.changed_since(asked.since))
    return rows


def _read(
    asked: AskedSegments, place: _Place, transcripts: list[int], *, limit: int
) -> list[Segment]:
    """Segments of these transcripts, after the place where it lies in the first of them."""
    rest = [pk for pk in transcripts if pk != place.transcript]
    where = Q(transcript__in=rest)
    if len(rest) < len(transcripts):
        where |= Q(transcript=place.transcript, position__gt=place.position)
    rows = Segment.objects.filter(where, asked.within).order_by("transcript", "position")
    return list(rows.select_related("speaker", "transcript__meeting")[:limit])


def segment_row(segment: Segment) -> lists.Row:
    """`segment` comes with its speaker, and with its transcript and meeting."""
    meeting = segment.transcript.meeting
    return {
        "meeting": meeting.pk,
        "transcript": segment.transcript_id,
        "position": segment.position,
        "key": segment.key,
        "speaker": segment.speaker_name or None,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "text": segment.text,
        "confidence": segment.confidence,
        "url": lists.moment_of(meeting.get_absolute_url(), segment.start_ms),
    }
