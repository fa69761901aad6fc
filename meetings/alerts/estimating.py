"""How often an alert would have fired in the last 90 days: told before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from meetings.search.finding import search
from meetings.search.hits import Order, Question, count, facets
from meetings.search.moments import Moment
from meetings.search.reading import Opened
from meetings.search.tree import Field, Name, Node, all_of, fields

DAYS = 90
LAST = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the last 90 days would have brought."""

    moments: int
    meetings: int
    last: Sequence[Moment]
    """The newest, of one meeting each."""
    narrowing: str = ""
    """Where it is too broad, a sentence with the number and a way out."""

    @property
    def is_too_broad(self) -> bool:
        return bool(self.narrowing)

    @property
    def a_week(self) -> float:
        """Meetings in a week."""
        return self.meetings * 7 / DAYS


class TooBroad(Exception):
    """The alert would tell so much that nobody could read it. The message says the number."""


def estimate(opened: Opened, tree: Node, *, today: date) -> Estimate:
    """What the alert would have told of meetings that were held in the last 90 days."""
    since = today - timedelta(days=DAYS)
    recent = all_of([tree, Field(Name.AFTER, since.isoformat())]) or tree
    question = Question(recent)
    moments = count(opened, question)
    newest = search(opened, question, order=Order.NEWEST, each=1)
    return Estimate(
        moments=moments,
        meetings=_meetings(opened, question) if moments else 0,
        last=newest.moments[:LAST],
        narrowing=_narrowing(opened, question, moments),
    )


def _meetings(opened: Opened, question: Question) -> int:
    query = question.query(opened)
    counted = opened.searcher.aggregate(query, {"meetings": {"cardinality": {"field": "meeting"}}})
    return round(float(counted["meetings"]["value"]))


def _narrowing(opened: Opened, question: Question, moments: int) -> str:
    """Why it is refused and what would help; empty where it is not."""
    most = settings.ALERT_MOST_MOMENTS
    if moments <= most:
        return ""
    told = _(
        "This would have found %(moments)s moments in the last 90 days, and %(most)s is the most"
        " that anybody could read."
    ) % {"moments": f"{moments:,}", "most": f"{most:,}"}
    return f"{told} {_way_out(opened, question, most)}"


def _way_out(opened: Opened, question: Question, most: int) -> str:
    named = {field.name for field in fields(question.tree)}
    if not named & {Name.BODY, Name.PLACE}:
        for slug, moments in facets(opened, question)["body"]:
            if moments <= most:
                return _(
                    "Choose one body: with body:/%(body)s it would have been %(moments)s. Or add a"
                    " word."
                ) % {"body": slug, "moments": f"{moments:,}"}
        return _("Choose one body, or add a word that must be near.")
    return _("Add a word that must be near, or put the words into quotation marks.")
