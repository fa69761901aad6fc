"""A search page from end to end: what this reader may see of what was asked.

Members search every word. Everybody else searches articles and agendas, and of transcripts is told
a step at most (see `estimating`). All that they see besides (suggestions, facets, order) is taken
from articles and agendas alone, so it tells nothing of what was said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from meetings.media import queries as media
from meetings.media.models import Recording

from .estimating import Step, step
from .finding import MOMENTS_A_MEETING, Found, Group, search
from .hits import EVERYTHING, Order, Question, by_month
from .hits import facets as counted_facets
from .months import Chart, chart
from .narrowing import Asked, Facet, facets
from .parsing import Parsed
from .printing import canonical
from .reading import Opened, searched
from .suggesting import suggestion
from .tree import Kind, Name, Node, fields, has_words

FREE = (Kind.ARTICLES, Kind.AGENDAS)
MOMENTS_OF_ONE = 100
"""Moments shown of a meeting that is searched alone."""


ORDER_LABELS = {
    Order.RELEVANCE: _("relevance"),
    Order.NEWEST: _("newest"),
    Order.OLDEST: _("oldest"),
}


@dataclass(frozen=True, slots=True)
class Sort:
    """One way to sort, and where it leads."""

    label: StrOrPromise
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that the page shows of a search that has a tree."""

    asked: Asked
    found: Found
    orders: Sequence[Order]
    order: Order
    facets: Sequence[Facet]
    did_you_mean: str = ""
    """The search with its unknown words replaced, as text."""
    chart: Chart | None = None
    step: Step | None = None
    """For those who are not members: about how many moments transcripts hold, where it is told."""
    recordings: Mapping[int, Recording] = field(default_factory=dict)
    """For members: what can be played of the meetings shown, by meeting."""
    is_fruitless: bool = False
    """Nothing was found in anything, wherever one looks."""
    is_about: bool = False
    """There are no more than counted, and maybe fewer: whether the speaker who was asked for says
    the words, or somebody beside them, is only seen when a moment is shown."""

    @property
    def is_empty(self) -> bool:
        """There is nothing to show, however far one turns the pages."""
        return _is_empty(self.asked, self.found)

    @property
    def is_counted(self) -> bool:
        """The number is exact: as the index counts them, or because all of them are shown."""
        return not self.is_about or self._shows_all

    @property
    def total(self) -> int:
        return len(self.found.moments) if self.is_about and self._shows_all else self.found.total

    @property
    def _shows_all(self) -> bool:
        is_one_page = self.asked.page == 1 and not self.found.has_next
        return is_one_page and not any(group.more for group in self.found.groups)

    @property
    def chosen(self) -> list[Facet]:
        """What the search was narrowed to."""
        return [facet for facet in self.facets if facet.chosen]

    @property
    def open_facets(self) -> list[Facet]:
        """What it could be narrowed to."""
        return [facet for facet in self.facets if not facet.chosen]

    @property
    def meant(self) -> str:
        """Where the suggestion leads."""
        return self.asked.query(text=self.did_you_mean)

    @property
    def sorts(self) -> list[Sort]:
        return [
            Sort(ORDER_LABELS[order], self.asked.query(order=order), order is self.order)
            for order in self.orders
        ]

    @property
    def previous(self) -> str:
        return self.asked.query(page=self.asked.page - 1) if self.asked.page > 1 else ""

    @property
    def next(self) -> str:
        return self.asked.query(page=self.asked.page + 1) if self.found.has_next else ""

    @property
    def is_narrowed(self) -> bool:
        """Something besides the words keeps moments out."""
        return bool(self.asked.chosen or self.asked.meeting)


def answer(
    opened: Opened, asked: Asked, parsed: Parsed, *, is_member: bool, may_estimate: bool = True
) -> Answer | None:
    """The answer for a member, or for somebody else; None where there is nothing to look for.

    Raises Unusable where the index fails while it is searched.
    """
    if parsed.tree is None:
        return None
    with searched():
        return _answer(opened, asked, parsed.tree, is_member=is_member, may_estimate=may_estimate)


def _answer(
    opened: Opened, asked: Asked, words: Node, *, is_member: bool, may_estimate: bool
) -> Answer:
    tree = asked.narrowed(words)
    kinds: Collection[Kind] = EVERYTHING if is_member else FREE
    question = Question(tree, kinds, asked.meeting.pk if asked.meeting else None)
    # By relevance a word counts for more the fewer passages have it, transcripts included; so that
    # is an order for those who may read them.
    orders: list[Order] = [*Order] if is_member else [Order.NEWEST, Order.OLDEST]
    order: Order = next((one for one in orders if one == asked.order), orders[0])
    each = MOMENTS_OF_ONE if asked.meeting else MOMENTS_A_MEETING
    found = search(opened, question, order=order, page=asked.page, each=each)
    is_empty = _is_empty(asked, found)
    counted = {} if is_empty else dict(counted_facets(opened, question))
    if not is_member:
        counted.pop("speaker", None)
    better = suggestion(opened, Question(words, kinds)) if is_empty else None
    estimate = None
    if not is_member and may_estimate and asked.meeting is None:
        estimate = step(opened, tree)
    months = None
    if is_member and not is_empty and has_words(tree):
        said = Question(tree, (Kind.TRANSCRIPTS,), question.meeting)
        months = chart(by_month(opened, said))
    recordings = {}
    if is_member and found.groups:
        recordings = media.playable_of([group.meeting.pk for group in found.groups])
    is_whole = tree == words and asked.meeting is None and asked.page == 1
    return Answer(
        asked=asked,
        found=_in_order(found) if asked.meeting else found,
        orders=orders,
        order=order,
        facets=facets(asked, counted, total=found.total),
        did_you_mean=canonical(better),
        chart=months,
        step=estimate,
        recordings=recordings,
        is_fruitless=(
            is_whole and is_empty and has_words(words) and (is_member or estimate is Step.NONE)
        ),
        is_about=(has_words(tree) and any(field.name is Name.SPEAKER for field in fields(tree))),
    )


def _is_empty(asked: Asked, found: Found) -> bool:
    return not found.groups and (asked.page == 1 or not found.total)


def _in_order(found: Found) -> Found:
    """Of one meeting, the moments as they were said."""
    groups = [
        Group(
            group.meeting,
            sorted(group.moments, key=lambda moment: moment.start_ms or 0),
            group.more,
        )
        for group in found.groups
    ]
    return Found(groups, found.total, found.has_next)
