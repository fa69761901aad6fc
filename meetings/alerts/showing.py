"""What a page shows of moments: the words around what matched, shortened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings.search.moments import Moment, Part

from .composing import Quote, quote, shortened
from .estimating import Estimate
from .models import Match


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment that an alert would have told of."""

    moment: Moment
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Entry:
    """A match in the reading list."""

    match: Match
    quote: Quote


def samples(found: Estimate) -> list[Sample]:
    """The newest moments of an estimate; of what has no words, the meetings alone."""
    return [Sample(one, shortened(_parts(one)) if found.has_words else ()) for one in found.last]


def entries(matches: Sequence[Match]) -> list[Entry]:
    """Matches as the reading list has them. They come with alert, article, and meeting's body."""
    return [Entry(one, quote(one)) for one in matches]


def _parts(moment: Moment) -> list[Part]:
    return [part for line in moment.lines for part in (*line.parts, Part(" "))]
