"""The words of a clip: those of a transcript that are said in its spans. Pure.

A word is in a span when its middle is. Where the transcript does not know when a word is said, it
is reckoned as the reader's page reckons it (`timed`).
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TypedDict

from meetings.transcripts.models import Segment

from .timed import Span, timed


class Words(TypedDict):
    """What one segment says in a clip, on the recording's clock. `key` names the segment."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    key: str


def words_in(segments: Sequence[Segment], spans: Iterable[Span]) -> list[Words]:
    """The words of each segment that are said in the spans, in order.

    A segment that two spans cut into appears once for each. Times are those of the words that are
    left, and never outside of the span.
    """
    words = timed(segments)
    found: list[Words] = []
    for span in spans:
        inside = [word for word in words if span.start_ms <= word.middle < span.end_ms]
        for line, run in groupby(inside, key=attrgetter("line")):
            said, segment = list(run), segments[line]
            whole = len(said) == len(segment.text.split())
            ends_at = segment.end_ms if whole else said[-1].end_ms
            found.append(
                Words(
                    speaker=segment.speaker_name,
                    start_ms=max(said[0].start_ms, span.start_ms),
                    end_ms=min(max(ends_at, said[0].start_ms), span.end_ms),
                    text=" ".join(word.text for word in said),
                    key=segment.key,
                )
            )
    return found


def on_clip_clock(words: Iterable[Words], spans: Sequence[Span]) -> list[Words]:
    """The same words at the times at which the clip says them: its spans follow without a gap."""
    shifted, passed = [], 0
    waiting = list(words)
    for span in spans:
        inside = [one for one in waiting if span.start_ms <= one["start_ms"] < span.end_ms]
        shift = passed - span.start_ms
        shifted += [
            Words(**{**one, "start_ms": one["start_ms"] + shift, "end_ms": one["end_ms"] + shift})
            for one in inside
        ]
        passed += span.end_ms - span.start_ms
    return shifted
