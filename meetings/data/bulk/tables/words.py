"""What was said: transcripts in all versions."""

from meetings.transcripts.models import Segment, Speaker, Transcript

from ..columns import column
from .table import INSIDE, STAFF, Table

TABLES = (
    Table(
        "transcripts",
        "The words of a meeting in one language. Versions are added, never changed.",
        Transcript,
        (
            column("id", "integer", "Number of the transcript."),
            column("meeting_id", "integer", "Its meeting."),
            column("language", "text", "Language tag (BCP 47), such as en."),
            column("version", "integer", "Counted from 1 for a meeting and a language."),
            column("is_current", "boolean", "Whether it is the version that readers see."),
            column("format", "text", "What it came in as, such as webvtt."),
            column("origin", "text", "taken_in, recognized, corrected or brought_back."),
            column("made_from", "integer?", "The version that it was made from."),
            column("change_count", "integer?", "How many segments were changed from that one."),
            column("segment_count", "integer", "How many segments it has."),
            column("word_count", "integer", "How many words."),
            column("speaker_count", "integer", "How many speakers."),
            column("first_ms", "integer", "When the first word is said."),
            column("last_ms", "integer", "When the last word has been said."),
            column("created_at", "instant", "When this version was made."),
            column("reviewed_at", "instant?", "When somebody compared it with the recording."),
        ),
        lambda meetings, _at: Transcript.objects.filter(meeting__in=meetings),
        without={
            "note": "for staff",
            "doubts": "for staff",
            "draft": INSIDE,
            **dict.fromkeys(("made_by", "made_by_name", "reviewed_by", "reviewed_by_name"), STAFF),
        },
    ),
    Table(
        "speakers",
        "People who speak in a meeting, by the name that the transcript gives.",
        Speaker,
        (
            column("id", "integer", "Number of the speaker, in this meeting alone."),
            column("meeting_id", "integer", "Its meeting."),
            column("name", "text", "The name."),
        ),
        lambda meetings, _at: Speaker.objects.filter(meeting__in=meetings),
    ),
    Table(
        "segments",
        "The words: runs of speech by one speaker, in order, of every version.",
        Segment,
        (
            column("meeting_id", "integer", "Its meeting.", lookup="transcript__meeting_id"),
            column("transcript_id", "integer", "The version of the transcript."),
            column("position", "integer", "Its place in the transcript, from 0."),
            column("key", "text", "Names it across versions while it stays the same."),
            column("speaker_id", "integer?", "Who speaks, where that is known."),
            column("speaker", "text?", "That speaker's name.", lookup="speaker__name"),
            column("start_ms", "integer", "When it begins in the recording."),
            column("end_ms", "integer", "When it ends."),
            column("text", "text", "What is said."),
            column("confidence", "number?", "How sure a machine was of it, from 0 to 1."),
            column("word_starts_ms", "integers?", "When each word begins, counted from start_ms."),
            column("word_confidences", "integers?", "How sure each word is, in percent."),
        ),
        # Numbers and no join, so that PostgreSQL reads by the index however little it knows.
        lambda meetings, _at: Segment.objects.filter(
            transcript__in=list(
                Transcript.objects.filter(meeting__in=meetings).values_list("pk", flat=True)
            )
        ),
        order=("transcript_id", "position"),
        without={"id": "the key names it"},
    ),
)
