"""Playing a clip: its spans and end pieces as rows, and the playlist with tokens for its runs."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from meetings.media import segments, tokens

from . import queries, runs
from .models import Clip
from .timed import Span


def spans_of(clip: Clip) -> list[Span]:
    """The spans in order. One query."""
    rows = clip.spans.order_by("position").values_list("start_ms", "end_ms")
    return [Span(*row) for row in rows]


def playlist(clip: Clip, *, now: datetime) -> Iterator[str]:
    """The playlist of a clip whose recording is ready. Two queries."""
    recording, spans = clip.recording, spans_of(clip)
    ends_ms = recording.segment_ends_ms
    found = runs.entries(spans, ends_ms, _pieces(clip))
    bases: dict[int, str] = {}
    for run in runs.runs(found):
        leave = tokens.leave(
            recording=recording.key,
            version=recording.package_version,
            first=run.first,
            last=run.last,
            is_whole=False,
            now=now,
        )
        address = reverse("playback", args=[tokens.issue(leave), segments.INIT])
        base = address.removesuffix(segments.INIT)
        bases.update(dict.fromkeys(range(run.first, run.last + 1), base))
    return runs.playlist(spans, found, base_of=bases.__getitem__)


def _pieces(clip: Clip) -> list[runs.Piece]:
    """The end pieces, where the worker has cut them. What does not fit any more is not played."""
    row = queries.ends_of(clip)
    if row is None:
        return []
    return [
        runs.Piece(
            start_ms=part["start_ms"],
            end_ms=part["end_ms"],
            url=reverse("clip-piece", args=[clip.slug, row.pk, number]),
            init_bytes=part["init_bytes"],
            size_bytes=part["size_bytes"],
        )
        for number, part in enumerate(row.parts)
    ]
