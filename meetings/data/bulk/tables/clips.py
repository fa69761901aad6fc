"""Clips that members showed to everybody."""

from meetings.clips.models import Clip, ClipSpan

from ..columns import column
from .table import INSIDE, Table

TABLES = (
    Table(
        "clips",
        "Moments that members shared with everybody. Private and unlisted ones are not here.",
        Clip,
        (
            column("id", "integer", "Number of the clip."),
            column("meeting_id", "integer", "Its meeting."),
            column("recording_id", "integer", "The recording that it is cut from."),
            column("slug", "text", "Its address: /clips/<slug>/."),
            column("title", "text", "Its title."),
            column("note", "text", "What its maker says about it."),
            column("maker_name", "text", "The name that its maker shows; empty for none."),
            column("language", "text", "Language of its words; empty where it has none."),
            column("transcript_version", "integer?", "The version that its words are from."),
            column("words", "json", "The words: speaker, start_ms, end_ms, text, key."),
            column("duration_ms", "integer", "How long it lasts."),
            column("created_at", "instant", "When it was cut."),
        ),
        lambda meetings, at: Clip.objects.listed(at=at).filter(meeting__in=meetings),
        without={
            "owner": "an account",
            "transcript": "the version says it",
            "visibility": "all are public",
            **dict.fromkeys(
                ("changed_at", "deleted_at", "taken_down_at", "taken_down_by", "plays"), INSIDE
            ),
            "taken_down_reason": "none was taken down",
        },
    ),
    Table(
        "clip_spans",
        "The stretches of the recording that a clip shows, in order.",
        ClipSpan,
        (
            column("clip_id", "integer", "The clip."),
            column("position", "integer", "Its place in the clip."),
            column("start_ms", "integer", "When it begins in the recording."),
            column("end_ms", "integer", "When it ends."),
        ),
        lambda meetings, at: ClipSpan.objects.filter(
            clip__in=Clip.objects.listed(at=at).filter(meeting__in=meetings)
        ),
        without={"id": "clip and position name it"},
    ),
)
