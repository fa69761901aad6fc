"""Spans: runs of segments, by their keys, that something rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meetings.transcripts.utterances import Spoken

# Cited segments with no more than this between them are one run: the words between belong to them.
NEAR = 1


@dataclass(frozen=True, slots=True)
class Span:
    """The segments from `first_key` to `last_key`, which is included, and their time."""

    first_key: str
    last_key: str
    start_ms: int
    end_ms: int


def runs(positions: Iterable[int]) -> list[range]:
    """Neighboring positions as runs, in order."""
    found: list[range] = []
    for position in sorted(set(positions)):
        if found and position - found[-1].stop <= NEAR:
            found[-1] = range(found[-1].start, position + 1)
        else:
            found.append(range(position, position + 1))
    return found


def span(lines: Sequence[Spoken], run: range) -> Span:
    """The span of a run of positions in a transcript."""
    held = lines[run.start : run.stop]
    return Span(
        first_key=held[0].key,
        last_key=held[-1].key,
        start_ms=held[0].start_ms,
        end_ms=max(line.end_ms for line in held),
    )
