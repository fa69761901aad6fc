"""Runs: which segments of a recording a clip plays, and its playlist. Pure.

A clip plays at once, because its playlist is a slice of the recording's. It names the segments that
overlap a span and no others, so it holds up to a segment more at each end of a span, until the end
pieces are cut; where a span begins and ends, a line of our own says on the playlist's clock:

    #EXT-X-CLIP-SPAN:START=1.234,END=5.678

Players skip lines that they do not know (RFC 8216, section 6.3.1), and begin at the first span by
EXT-X-START (section 4.3.5.2); ours keeps to all of them (static/js/clip).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from meetings.media import segments

from .timed import Span


@dataclass(frozen=True, slots=True)
class Run:
    """Segments in a row, both included. One playback token opens them, and nothing else."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Piece:
    """An end of a span that was cut for this clip: a file by itself, with its own beginning.

    The first `init_bytes` are what a player needs before the rest of the file.
    """

    start_ms: int
    end_ms: int
    url: str
    init_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is played: a segment of the recording by its number, or a piece."""

    start_ms: int
    end_ms: int
    number: int = -1
    piece: Piece | None = None


def entries(spans: Sequence[Span], ends_ms: Sequence[int], pieces: Sequence[Piece]) -> list[Entry]:
    """What is played, in order, each segment once.

    Without pieces that fit, these are the segments that overlap a span. With them, nothing is
    played that lies outside of the spans.
    """
    exact = [_exact(span, ends_ms, pieces) for span in spans]
    if all(exact):
        return [entry for found in exact for entry in found]
    starts = [0, *ends_ms[:-1]]
    numbers = sorted({number for span in spans for number in _overlapping(span, starts, ends_ms)})
    return [Entry(starts[number], ends_ms[number], number) for number in numbers]


def runs(found: Sequence[Entry]) -> list[Run]:
    """The recording's segments among these, those in a row together."""
    numbers = sorted({entry.number for entry in found if entry.piece is None})
    together = groupby(enumerate(numbers), key=lambda placed: placed[1] - placed[0])
    rows = [[number for _place, number in row] for _gap, row in together]
    return [Run(row[0], row[-1]) for row in rows]


def playlist(
    spans: Sequence[Span], found: Sequence[Entry], *, base_of: Callable[[int], str]
) -> Iterator[str]:
    """The playlist. `base_of` gives the address below which a segment of the recording lies."""
    longest = max((entry.end_ms - entry.start_ms for entry in found), default=0)
    yield "#EXTM3U\n#EXT-X-VERSION:7\n"
    yield f"#EXT-X-TARGETDURATION:{max(ceil(longest / 1000), 1)}\n"
    yield "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    placed = list(_placed(spans, found))
    if placed:
        yield f"#EXT-X-START:TIME-OFFSET={_seconds(placed[0][0])},PRECISE=YES\n"
    for start_ms, end_ms in placed:
        yield f"#EXT-X-CLIP-SPAN:START={_seconds(start_ms)},END={_seconds(end_ms)}\n"
    before: Entry | None = None
    for entry in found:
        yield from _listed(entry, before, base_of)
        before = entry
    yield "#EXT-X-ENDLIST\n"


def _listed(entry: Entry, before: Entry | None, base_of: Callable[[int], str]) -> Iterator[str]:
    follows = before is not None and not before.piece and before.number + 1 == entry.number
    if before is not None and not follows:
        yield "#EXT-X-DISCONTINUITY\n"
    length = f"#EXTINF:{_seconds(entry.end_ms - entry.start_ms)},\n"
    if (piece := entry.piece) is not None:
        rest = piece.size_bytes - piece.init_bytes
        yield f'#EXT-X-MAP:URI="{piece.url}",BYTERANGE="{piece.init_bytes}@0"\n'
        yield f"{length}#EXT-X-BYTERANGE:{rest}@{piece.init_bytes}\n{piece.url}\n"
        return
    base = base_of(entry.number)
    if not follows:
        yield f'#EXT-X-MAP:URI="{base}{segments.INIT}"\n'
    yield f"{length}{base}{segments.name_of(entry.number)}\n"


def _placed(spans: Sequence[Span], found: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    """Where each span lies on the playlist's clock. What the package does not have is left out."""
    at, clock = [], 0
    for entry in found:
        at.append((entry, clock))
        clock += entry.end_ms - entry.start_ms
    for span in spans:
        played = [one for one in at if one[0].start_ms < span.end_ms]
        played = [one for one in played if one[0].end_ms > span.start_ms]
        if played:
            (first, begins), (last, then) = played[0], played[-1]
            end_ms = min(span.end_ms, last.end_ms)
            yield begins + span.start_ms - first.start_ms, then + end_ms - last.start_ms


def _overlapping(span: Span, starts: Sequence[int], ends_ms: Sequence[int]) -> range:
    """Segment n is from the end of the one before to its own, half-open as spans are."""
    return range(bisect_right(ends_ms, span.start_ms), bisect_left(starts, span.end_ms))


def _exact(span: Span, ends_ms: Sequence[int], pieces: Sequence[Piece]) -> list[Entry]:
    """The span out of its pieces and whole segments; nothing where they do not fill it."""
    cut = {piece.start_ms: piece for piece in pieces}
    starts = {start: number for number, start in enumerate([0, *ends_ms[:-1]])}
    found, at = [], span.start_ms
    while at < span.end_ms:
        piece, number = cut.get(at), starts.get(at)
        if piece is not None and at < piece.end_ms <= span.end_ms:
            found.append(Entry(at, piece.end_ms, piece=piece))
        elif number is not None and at < ends_ms[number] <= span.end_ms:
            found.append(Entry(at, ends_ms[number], number))
        else:
            return []
        at = found[-1].end_ms
    return found


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}"
