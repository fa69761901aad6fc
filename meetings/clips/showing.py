"""What a clip's page shows: its words as turns, the words around it, what was corrected since."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from meetings.articles.models import Article
from meetings.transcripts import comparing
from meetings.transcripts.captions import captions
from meetings.transcripts.lines import Line
from meetings.transcripts.models import Segment, Transcript

from . import embedding, playing, queries
from .captioned import said
from .models import Clip
from .snapshot import Words, on_clip_clock, words_in
from .spans import length_of
from .timed import Span


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in one span without another coming in between."""

    speaker: str
    start_ms: int
    """When it begins, on the clock of the clip."""
    lines: list[Words] = field(repr=False)
    left_out_ms: int = 0
    """How much of the meeting lies between this turn's span and the one before; else 0."""


@dataclass(frozen=True, slots=True)
class Correction:
    """How the transcript that readers see now differs from the one that the clip was cut from."""

    version: int
    pieces: list[list[comparing.Piece]]
    reassigned: list[comparing.Reassigned]


@dataclass(frozen=True, slots=True)
class ClipPage:
    """Everything on a clip's page."""

    clip: Clip
    spans: list[Span]
    turns: list[Turn]
    before: list[Words]
    after: list[Words]
    correction: Correction | None
    article: Article | None
    poster: embedding.Poster | None

    @property
    def start_ms(self) -> int:
        return self.spans[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.spans[-1].end_ms

    @property
    def for_player(self) -> dict[str, Any]:
        """For the player's script: the captions, in milliseconds of the clip."""
        shown = captions(said(self.clip, self.spans))
        return {"cues": [[one.start_ms, one.end_ms, "\n".join(one.lines)] for one in shown]}

    @property
    def context_url(self) -> str:
        """The meeting, opened at the moment with which the clip begins."""
        seconds = f"{self.start_ms / 1000:.3f}".rstrip("0").rstrip(".")
        return f"{self.clip.meeting.get_absolute_url()}?t={seconds}#moment"


def clip_page(clip: Clip) -> ClipPage:
    """Five queries: spans, transcript, segments, article, poster. The clip comes `with_source`."""
    spans = playing.spans_of(clip)
    start_ms, end_ms = spans[0].start_ms, spans[-1].end_ms
    source = queries.source_of(clip, start_ms, end_ms)
    ahead = Span(max(start_ms - queries.AROUND_MS, 0), start_ms)
    behind = Span(end_ms, end_ms + queries.AROUND_MS)
    return ClipPage(
        clip=clip,
        spans=spans,
        turns=turns(clip.words, spans),
        before=words_in(source.segments, [ahead]),
        after=words_in(source.segments, [behind]),
        correction=_correction(clip, spans, source.transcript, source.segments),
        article=source.article,
        poster=embedding.poster_of(clip),
    )


def turns(words: Sequence[Words], spans: Sequence[Span]) -> list[Turn]:
    """Words as turns on the clip's clock. A turn does not reach from one span into the next."""
    begins = [length_of(spans[:number]) for number in range(len(spans))]

    def place(one: Words) -> tuple[int, str]:
        return bisect_right(begins, one["start_ms"]) - 1, one["speaker"]

    found: list[Turn] = []
    last = 0
    for (number, speaker), run in groupby(on_clip_clock(words, spans), key=place):
        lines = list(run)
        gap = spans[number].start_ms - spans[number - 1].end_ms if number > last else 0
        found.append(Turn(speaker, lines[0]["start_ms"], lines, left_out_ms=gap))
        last = number
    return found


def _correction(
    clip: Clip, spans: Sequence[Span], transcript: Transcript | None, segments: Sequence[Segment]
) -> Correction | None:
    """None where the words of the clip are the ones that readers see today."""
    if transcript is None or transcript.pk == clip.transcript_id:
        return None
    compared = comparing.compared(_lines(clip.words), _lines(words_in(segments, spans)))
    if not (compared.runs or compared.reassigned):
        return None
    pieces = [comparing.pieces(run) for run in compared.runs]
    return Correction(transcript.version, pieces, compared.reassigned)


def _lines(words: Sequence[Words]) -> list[Line]:
    """With ids that are the same where the words are. A segment may be in two spans."""
    seen: Counter[str] = Counter()
    lines = []
    for one in words:
        name = f"{one['key']}.{seen[one['key']]}"
        seen[one["key"]] += 1
        lines.append(Line(name, one["start_ms"], one["end_ms"], one["text"], one["speaker"]))
    return lines
