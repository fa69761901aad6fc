"""Who met, where and when, and what was recorded."""

from meetings.media.models import Recording
from meetings.records.models import AgendaItem, Body, Meeting, Place

from ..columns import column
from .table import INSIDE, Table

TABLES = (
    Table(
        "places",
        "Jurisdictions: countries, states, counties, cities, school districts.",
        Place,
        (
            column("id", "integer", "Number of the place."),
            column("name", "text", "Its name."),
            column("slug", "text", "The readable part of its address: /places/<slug>/."),
            column("level", "text", "country, state, county, city or school_district."),
            column("parent_id", "integer?", "The place that it lies in."),
        ),
        lambda _meetings, _at: Place.objects.all(),
        is_monthly=False,
        without={"sort_name": "the name as it sorts"},
    ),
    Table(
        "bodies",
        "Organizations that meet, such as city councils.",
        Body,
        (
            column("id", "integer", "Number of the body."),
            column("place_id", "integer", "The place that it belongs to."),
            column("name", "text", "Its name."),
            column("slug", "text", "The readable part of its address: /bodies/<slug>/."),
            column("description", "text", "What it is, where somebody wrote that down."),
        ),
        lambda _meetings, _at: Body.objects.all(),
        is_monthly=False,
        without={"sort_name": "the name as it sorts", "glossary": "for speech recognition"},
    ),
    Table(
        "meetings",
        "Sittings of a body that are published.",
        Meeting,
        (
            column("id", "integer", "Number of the meeting."),
            column("body_id", "integer", "The body that met."),
            column("title", "text", "Its title."),
            column("slug", "text", "The readable part of its address: /meetings/<id>/<slug>/."),
            column("held_on", "day", "The day on which it was held."),
            column("published_at", "instant", "When it was published here."),
        ),
        lambda meetings, _at: Meeting.objects.filter(pk__in=meetings),
        without={
            "state": "all are published",
            "withdrawn_reason": "none is withdrawn",
            "created_at": INSIDE,
        },
    ),
    Table(
        "agenda_items",
        "Titled stretches of a meeting; with a start they are chapters of the recording.",
        AgendaItem,
        (
            column("id", "integer", "Number of the item. A changed agenda gets new ones."),
            column("meeting_id", "integer", "Its meeting."),
            column("position", "integer", "Its place in the agenda, from the first."),
            column("title", "text", "Its title."),
            column("start_ms", "integer?", "Where it begins in the recording."),
        ),
        lambda meetings, _at: AgendaItem.objects.filter(meeting__in=meetings),
    ),
    Table(
        "recordings",
        "The video or audio that a meeting has now: what it is, by its fingerprint.",
        Recording,
        (
            column("id", "integer", "Number of the recording."),
            column("meeting_id", "integer", "Its meeting."),
            column("sha256", "text", "SHA-256 of the file as it was handed in."),
            column("size_bytes", "integer", "The size of that file."),
            column("duration_ms", "integer?", "How long it lasts."),
            column("width", "integer?", "Width of the picture; empty for audio."),
            column("height", "integer?", "Height of the picture."),
            column("video_codec", "text", "Such as h264; empty for audio."),
            column("audio_codec", "text", "Such as aac."),
            column("added_at", "instant", "When it came in."),
        ),
        lambda meetings, _at: Recording.objects.current().ready().filter(meeting__in=meetings),
        without={
            "key": "it stands in tokens of playback",
            "original": "where the file lies is nobody's business",
            "original_name": "it may name a person's folder",
            **dict.fromkeys(
                (
                    "is_current",
                    "state",
                    "error",
                    "progress",
                    "package_version",
                    "segment_ends_ms",
                    "has_poster",
                    "packaged_at",
                    "removed_at",
                ),
                INSIDE,
            ),
        },
    ),
)
