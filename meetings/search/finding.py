"""A search from end to end: a page of moments, grouped by meeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings.records.models import Meeting

from .hits import Hit, Order, Question, count_by_meeting, find
from .loading import moments
from .moments import Moment
from .reading import Opened

MEETINGS_A_PAGE = 10
MOMENTS_A_MEETING = 2
LAST_PAGE = 50
_SPARE = 6  # more hits of a meeting that are looked at where the first ones may not be shown
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
    opened: Opened,
    question: Question,
    *,
    order: Order = Order.RELEVANCE,
    page: int = 1,
    each: int = MOMENTS_A_MEETING,
) -> Found:
    """The `page` of meetings, from 1, with their best moments first, `each` so many at most.

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
    shown: dict[int, list[Moment]] = {pk: [] for pk in here}
    read = dict.fromkeys(here, 0)
    for count in (each, _SPARE):
        short = [pk for pk in here if len(shown[pk]) < min(each, len(by_meeting[pk]))]
        wanted = [hit for pk in short for hit in by_meeting[pk][read[pk] : read[pk] + count]]
        for moment in moments(question.tree, wanted) if wanted else ():
            shown[moment.meeting.pk].append(moment)
        for pk in short:
            read[pk] = min(read[pk] + count, len(by_meeting[pk]))
    shown = {pk: several for pk, several in shown.items() if several}
    counts = {pk: len(by_meeting[pk]) for pk in shown}
    if found.total > len(found.hits):
        counts |= count_by_meeting(opened, question, [*shown])
    groups = [
        Group(
            meeting=several[0].meeting,
            moments=several[:each],
            more=_more(several, counts[pk], read=read[pk], each=each),
        )
        for pk, several in shown.items()
    ]
    has_next = len(by_meeting) > first + MEETINGS_A_PAGE and page < LAST_PAGE
    return Found(groups, found.total, has_next)


def _more(several: Sequence[Moment], count: int, *, read: int, each: int) -> int:
    """Hits of the meeting that are not shown, without those that turned out to be none."""
    dropped = read - len(several)
    return max(0, count - dropped - min(len(several), each))
