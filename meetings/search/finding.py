"""A search from end to end: a page of moments, grouped by meeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings.records.models import Meeting

from .hits import Hit, Order, Question, count_by_meeting, find
from .moments import Moment, moments
from .reading import Opened

MEETINGS_A_PAGE = 20
MOMENTS_A_MEETING = 3
LAST_PAGE = 25
_SPARE = 2  # hits read beyond those shown, because one that may not be shown leaves a gap
_DEPTH = 200  # hits looked at for each page


@dataclass(frozen=True, slots=True)
class Group:
    """The moments of one meeting, and how many more there are."""

    meeting: Meeting
    moments: Sequence[Moment]
    more: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search."""

    groups: Sequence[Group]
    total: int
    """How many passages meet the search, on all pages."""
    has_next: bool

    @property
    def moments(self) -> list[Moment]:
        """All moments on the page, in their order."""
        return [moment for group in self.groups for moment in group.moments]


def search(
    opened: Opened, question: Question, *, order: Order = Order.RELEVANCE, page: int = 1
) -> Found:
    """The `page` of meetings, from 1, with their best moments first.

    A meeting stands where its best hit stands. Raises ValueError for a page that never is.
    """
    if not 1 <= page <= LAST_PAGE:
        raise ValueError(f"There is no page {page}.")
    found = find(opened, question, order=order, limit=_DEPTH * page)
    by_meeting: dict[int, list[Hit]] = {}
    for hit in found.hits:
        by_meeting.setdefault(hit.meeting, []).append(hit)
    first = (page - 1) * MEETINGS_A_PAGE
    here = [*by_meeting][first : first + MEETINGS_A_PAGE]
    most = MOMENTS_A_MEETING + _SPARE
    shown: dict[int, list[Moment]] = {}
    for moment in moments(question.tree, [hit for pk in here for hit in by_meeting[pk][:most]]):
        shown.setdefault(moment.meeting.pk, []).append(moment)
    counts = {pk: len(by_meeting[pk]) for pk in shown}
    if found.total > len(found.hits):
        counts |= count_by_meeting(opened, question, [*shown])
    groups = [
        Group(
            meeting=several[0].meeting,
            moments=several[:MOMENTS_A_MEETING],
            more=_more(several, counts[pk], read=len(by_meeting[pk][:most])),
        )
        for pk, several in shown.items()
    ]
    has_next = len(by_meeting) > first + MEETINGS_A_PAGE and page < LAST_PAGE
    return Found(groups, found.total, has_next)


def _more(several: Sequence[Moment], count: int, *, read: int) -> int:
    """Hits of the meeting that are not shown, without those that turned out to be none."""
    dropped = read - len(several)
    return max(0, count - dropped - min(len(several), MOMENTS_A_MEETING))
