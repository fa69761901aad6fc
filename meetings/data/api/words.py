"""Recordings, transcripts, speakers and segments: what was said, for members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router

from meetings.media import playback, tokens
from meetings.media.models import Recording
from meetings.records.models import Meeting, State
from meetings.transcripts.models import Origin, Segment, SegmentQuerySet, Speaker, Transcript

from . import lists, problems
from .callers import CallerRequest, MemberToken
from .describing import FOR_MEMBERS, One, Row, page_of
from .lists import Asked, AskedSince, ById, Id
from .segments import SegmentRow, segment_row

router = Router(tags=["Words"], auth=MemberToken("read"))


class RecordingRow(Row):
    """The video or audio of a meeting."""

    id: int = Field(examples=[12])
    meeting: int = Field(examples=[42])
    duration_ms: int | None = Field(None, examples=[5_400_000])
    width: int | None = Field(None, examples=[1280])
    height: int | None = Field(None, examples=[720])
    has_video: bool | None = None
    sha256: str | None = Field(None, description="Of the file that it was made from.")
    gone: bool = Field(False, description="It is no longer public.")


class PlayableRow(RecordingRow):
    """A recording, and where it plays."""

    playlist_url: str | None = Field(None, description="HLS. Whoever has the address may play it.")
    playlist_expires_at: datetime | None = None


class TranscriptRow(Row):
    """All words of a meeting in one language, at one version. Versions are added, never changed."""

    id: int = Field(examples=[77])
    meeting: int = Field(examples=[42])
    language: str | None = Field(None, examples=["en"])
    version: int | None = Field(None, examples=[2])
    is_current: bool | None = None
    origin: str | None = Field(None, description=f"One of {', '.join(Origin.values)}.")
    made_from: int | None = Field(None, description="The version that it corrects.")
    format: str | None = Field(None, examples=["webvtt"])
    segment_count: int | None = Field(None, examples=[1520])
    word_count: int | None = Field(None, examples=[21_340])
    speaker_count: int | None = Field(None, examples=[14])
    first_ms: int | None = Field(None, examples=[1_000])
    last_ms: int | None = Field(None, examples=[5_390_000])
    created_at: datetime | None = None
    reviewed_at: datetime | None = None
    gone: bool = Field(False, description="It is no longer public: drop its segments.")


class SpeakerRow(Row):
    """Somebody who speaks in a meeting, by the name that the transcript gives."""

    id: int = Field(examples=[55])
    meeting: int = Field(examples=[42])
    name: str = Field(examples=["Chair Ruiz"])


class OfMeeting(AskedSince):
    meeting: ById = Field(None, description="The id of a meeting.")


class AskedTranscripts(OfMeeting):
    is_current: bool | None = Field(None, description="Only what readers see, or only the rest.")
    language: str | None = Field(None, max_length=35, description="BCP 47, such as `en`.")


@router.get("/recordings", response=page_of(RecordingRow, members=True), summary="Recordings")
def recordings(request: CallerRequest, asked: Annotated[OfMeeting, Query()]) -> HttpResponse:
    """Recordings that can be played."""
    synced = lists.synced_until(asked)
    rows = Recording.objects.current().ready().defer("segment_ends_ms").select_related("meeting")
    page = lists.keyset(rows.filter(_of(asked)), asked, name="recordings", shown=_recording)
    return lists.answer(request, page, asked, RecordingRow, synced=synced)


@router.get(
    "/recordings/{number}",
    response={200: PlayableRow, **FOR_MEMBERS},
    summary="A recording to play",
)
def recording(request: CallerRequest, number: Id, one: Annotated[One, Query()]) -> HttpResponse:
    """A recording with the signed address of its playlist, which opens for some minutes."""
    rows = Recording.objects.current().ready().select_related("meeting")
    row = rows.filter(pk=number, meeting__state=State.PUBLISHED).first()
    if row is None:
        raise problems.not_found()
    token = playback.token_for(row, now=timezone.now())
    until = datetime.fromtimestamp(
        tokens.read(token).expires_at, tz=timezone.get_default_timezone()
    )
    playable = {
        "playlist_url": lists.address_of(reverse("api-playlist", args=[token])),
        "playlist_expires_at": until,
    }
    return lists.one(_recording(row) | playable, one.fields, PlayableRow)


@router.get("/transcripts", response=page_of(TranscriptRow, members=True), summary="Transcripts")
def transcripts(
    request: CallerRequest, asked: Annotated[AskedTranscripts, Query()]
) -> HttpResponse:
    """Transcripts in all their versions."""
    synced = lists.synced_until(asked)
    rows = Transcript.objects.filter(_of(asked)).select_related("meeting")
    if asked.is_current is not None:
        rows = rows.filter(is_current=asked.is_current)
    if asked.language is not None:
        rows = rows.filter(language=asked.language)
    page = lists.keyset(rows, asked, name="transcripts", shown=_transcript)
    return lists.answer(request, page, asked, TranscriptRow, synced=synced)


@router.get(
    "/transcripts/{number}", response={200: TranscriptRow, **FOR_MEMBERS}, summary="A transcript"
)
def transcript(request: CallerRequest, number: Id, one: Annotated[One, Query()]) -> HttpResponse:
    """What is known of one version of a transcript."""
    return lists.one(_transcript(_readable(number)), one.fields, TranscriptRow)


@router.get(
    "/transcripts/{number}/segments",
    response=page_of(SegmentRow, members=True),
    summary="The words of a transcript",
)
def words(request: CallerRequest, number: Id, asked: Annotated[Asked, Query()]) -> HttpResponseBase:
    """The segments of a transcript in their order, whichever version it is.

    With `Accept: application/x-ndjson` all of them at once, a segment on each line, sent while
    they are read; the header `Segment-Count` says how many lines there are. If something fails
    on the way, the last line is a problem document, which has a `status`.
    """
    transcript = _readable(number)
    rows = Segment.objects.filter(transcript=transcript)
    rows = rows.select_related("speaker", "transcript__meeting")
    if _wants_lines(request):
        wanted = lists.wanted_fields(asked.fields, SegmentRow)
        stream = StreamingHttpResponse(
            _lines(rows, wanted, path=request.path), content_type="application/x-ndjson"
        )
        stream.headers["Segment-Count"] = str(transcript.segment_count)
        return stream
    page = lists.keyset(
        rows, asked, name="transcript", shown=segment_row, narrowed={"transcript": number}
    )
    return lists.answer(request, page, asked, SegmentRow)


@router.get("/speakers", response=page_of(SpeakerRow, members=True), summary="Speakers")
def speakers(request: CallerRequest, asked: Annotated[OfMeeting, Query()]) -> HttpResponse:
    """Who speaks in meetings."""
    synced = lists.synced_until(asked)
    rows = Speaker.objects.filter(_of(asked), meeting__state=State.PUBLISHED)
    page = lists.keyset(rows, asked, name="speakers", shown=_speaker)
    return lists.answer(request, page, asked, SpeakerRow, synced=synced)


def _of(asked: OfMeeting) -> Q:
    """Of published meetings; with `updated_since` of those that changed, gone ones among them."""
    of = Q() if asked.meeting is None else Q(meeting=asked.meeting)
    if asked.since is None:
        return of & Q(meeting__state=State.PUBLISHED)
    known = Q(meeting__state__in=[State.PUBLISHED, State.WITHDRAWN])
    known |= Q(meeting__in=lists.taken_back_since(asked.since))
    changed = Meeting.objects.filter(pk__in=lists.changed_since(asked.since))
    return of & known & Q(meeting__in=changed)


def _readable(pk: int) -> Transcript:
    rows = Transcript.objects.filter(meeting__state=State.PUBLISHED).select_related("meeting")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise problems.not_found()
    return row


def _wants_lines(request: CallerRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return "application/x-ndjson" in accepted or "application/jsonl" in accepted


def _lines(rows: SegmentQuerySet, wanted: frozenset[str] | None, *, path: str) -> Iterator[str]:
    try:
        for segment in rows.in_order().iterator(chunk_size=500):
            yield json.dumps(lists.picked(segment_row(segment), wanted), ensure_ascii=False) + "\n"
    except Exception:
        # Servers end an answer that failed as they end a whole one, so it says so itself.
        yield json.dumps(problems.broken_off().document(path), ensure_ascii=False) + "\n"
        raise


def _recording(recording: Recording) -> lists.Row:
    if recording.meeting.state != State.PUBLISHED:
        return {"id": recording.pk, "meeting": recording.meeting_id, "gone": True}
    return {
        "id": recording.pk,
        "meeting": recording.meeting_id,
        "duration_ms": recording.duration_ms,
        "width": recording.width,
        "height": recording.height,
        "has_video": recording.has_video,
        "sha256": recording.sha256,
    }


def _transcript(transcript: Transcript) -> lists.Row:
    if transcript.meeting.state != State.PUBLISHED:
        return {"id": transcript.pk, "meeting": transcript.meeting_id, "gone": True}
    return {
        "id": transcript.pk,
        "meeting": transcript.meeting_id,
        "language": transcript.language,
        "version": transcript.version,
        "is_current": transcript.is_current,
        "origin": transcript.origin,
        "made_from": transcript.made_from,
        "format": transcript.format,
        "segment_count": transcript.segment_count,
        "word_count": transcript.word_count,
        "speaker_count": transcript.speaker_count,
        "first_ms": transcript.first_ms,
        "last_ms": transcript.last_ms,
        "created_at": transcript.created_at,
        "reviewed_at": transcript.reviewed_at,
    }


def _speaker(speaker: Speaker) -> lists.Row:
    return {"id": speaker.pk, "meeting": speaker.meeting_id, "name": speaker.name}
