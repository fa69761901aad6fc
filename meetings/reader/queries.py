"""What the meeting page shows: the meeting, its transcript as turns, and where a moment lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from django.db.models import BooleanField, Count, F, Func, Q, Sum, Value

from meetings.articles import queries as articles
from meetings.articles.models import Article, Insight, InsightKind
from meetings.media import queries as media
from meetings.media.models import Recording
from meetings.records.models import AgendaItem, Meeting, State
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment, Transcript


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says without another coming in between."""

    speaker: str
    speaker_id: int | None
    start_ms: int
    segments: list[Segment] = field(repr=False)
    agenda: list[AgendaItem] = field(default_factory=list)
    """The agenda items that begin with this turn."""
    continues: bool = False
    """The same speaker goes on: the turn before was only broken up to be read."""


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """Everything but the transcript's words."""

    meeting: Meeting
    transcript: Transcript | None
    recording: Recording | None
    """What can be played now."""
    unready: Recording | None
    """What cannot be played yet: it waits for packaging, or packaging failed."""
    agenda: list[AgendaItem]
    articles: list[Article]
    insight_counts: list[tuple[InsightKind, int]] = field(default_factory=list)
    insights: list[Insight] = field(default_factory=list)
    """For members; visitors see how many there are."""

    @property
    def duration_ms(self) -> int:
        """How long the meeting was: by its recording, or else by its words."""
        lasting = self.recording or self.transcript
        return lasting.duration_ms or 0 if lasting else 0

    @property
    def is_long(self) -> bool:
        return self.transcript is not None and self.transcript.duration_ms > 3_600_000


def meeting_page(meeting: Meeting, *, for_staff: bool, for_member: bool) -> MeetingPage:
    """Five queries: transcript, recording, agenda, articles, insights; for members one more.

    Until a meeting is published its transcript and its recording are for staff alone.
    """
    has_words = for_staff or meeting.state == State.PUBLISHED
    recording = media.current(meeting) if has_words else None
    transcript = transcripts.current(meeting) if has_words else None
    insights = articles.insights(transcript) if transcript and for_member else []
    is_ready = recording is not None and recording.is_ready
    return MeetingPage(
        meeting=meeting,
        transcript=transcript,
        recording=recording if is_ready else None,
        unready=None if is_ready else recording,
        agenda=list(meeting.agenda.order_by("position")),
        articles=list(Article.objects.published().filter(meeting=meeting).latest_first()),
        insight_counts=(
            _counted(insights)
            if for_member or transcript is None
            else articles.insight_counts(transcript)
        ),
        insights=insights,
    )


def _counted(insights: Iterable[Insight]) -> list[tuple[InsightKind, int]]:
    counted = Counter(one.kind for one in insights)
    return [(kind, counted[kind]) for kind in InsightKind if kind in counted]


# A turn of one speaker is broken up after so many segments: a paragraph is read, a wall is not.
TURN_MAX = 6


def turns(segments: Iterable[Segment], agenda: Iterable[AgendaItem]) -> Iterator[Turn]:
    """Segments as speaker turns, in order, each with the agenda items that begin there."""
    waiting = [item for item in agenda if item.start_ms is not None]
    waiting.sort(key=lambda item: (item.start_ms or 0, item.position))

    def numbered() -> Iterator[tuple[int, Segment, list[AgendaItem]]]:
        """Each segment with the number of its turn, and the items that begin with it."""
        number, length, last = 0, 0, None
        for segment in segments:
            due = []
            while waiting and (waiting[0].start_ms or 0) <= segment.start_ms:
                due.append(waiting.pop(0))
            if due or length >= TURN_MAX or segment.speaker_id != last:
                number, length, last = number + 1, 0, segment.speaker_id
            length += 1
            yield number, segment, due

    speaker_before: str | None = None
    for _number, run in groupby(numbered(), key=itemgetter(0)):
        entries = list(run)
        _first, opening, items = entries[0]
        yield Turn(
            speaker=opening.speaker_name,
            speaker_id=opening.speaker_id,
            start_ms=opening.start_ms,
            segments=[segment for _n, segment, _due in entries],
            agenda=items,
            continues=opening.speaker_name == speaker_before and not items,
        )
        speaker_before = opening.speaker_name


# Below this, what speech recognition wrote is marked as hard to hear: single words where it told
# how sure it is of each, else the segment.
UNSURE_PERCENT = 60
UNSURE = UNSURE_PERCENT / 100
_HAS_UNSURE_WORD = Func(
    Value(UNSURE_PERCENT),
    F("word_confidences"),
    template="(%(expressions)s))",
    arg_joiner=" > ANY(",
    output_field=BooleanField(),
)
_IS_UNSURE = Q(confidence__lt=UNSURE, word_confidences__isnull=True) | Q(_HAS_UNSURE_WORD)


@dataclass(frozen=True, slots=True)
class Voice:
    """One who speaks in a transcript, and for how long."""

    pk: int
    name: str
    spoken_ms: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who is heard in a transcript, those who speak longest first, and how well."""

    voices: list[Voice]
    has_unsure_words: bool


def hearing(transcript: Transcript) -> Hearing:
    """One query over all segments."""
    rows = list(
        Segment.objects.filter(transcript=transcript)
        .values("speaker_id", "speaker__name")
        .annotate(
            spoken_ms=Sum(F("end_ms") - F("start_ms")),
            unsure=Count("pk", filter=_IS_UNSURE),
        )
        .order_by("-spoken_ms", "speaker__name")
    )
    return Hearing(
        [
            Voice(row["speaker_id"], row["speaker__name"], row["spoken_ms"])
            for row in rows
            if row["speaker_id"] is not None
        ],
        any(row["unsure"] for row in rows),
    )


def segment_at(transcript: Transcript, at_ms: int) -> Segment | None:
    """The segment that is being said at this time, or the next one after it."""
    rows = Segment.objects.filter(transcript=transcript)
    now = rows.filter(start_ms__lte=at_ms, end_ms__gt=at_ms).order_by("position").first()
    return now or rows.filter(start_ms__gte=at_ms).order_by("position").first()
