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
from meetings.search.schema import KINDS
from meetings.search.tree import Field, Name, Node, all_of, fields, has_words

DAYS = 90
LAST = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the last 90 days would have brought."""

    moments: int
    """Where no words are looked for, agenda items, transcripts and articles."""
    meetings: int
    last: Sequence[Moment]
    """The newest, of one meeting each."""
    narrowing: str = ""
    """Where it is too broad, a sentence with the number and a way out."""
    body: str = ""
    """The address of one body in which it would not be too broad, where there is one."""
    has_words: bool = True
    """Without any, all of a body or place is followed."""

    @property
    def is_too_broad(self) -> bool:
        return bool(self.narrowing)

    @property
    def a_week(self) -> float:
        """Meetings in a week."""
        return self.meetings * 7 / DAYS

    @property
    def days_apart(self) -> int:
        """From one meeting to the next, where there are any."""
        return round(DAYS / self.meetings) if self.meetings else 0


class TooBroad(Exception):
    """The alert would tell so much that nobody could read it. The message says the number."""


def estimate(opened: Opened, tree: Node, *, today: date) -> Estimate:
    """What the alert would have told of meetings that were held in the last 90 days."""
    since = today - timedelta(days=DAYS)
    recent = all_of([tree, Field(Name.AFTER, since.isoformat())]) or tree
    question = Question(recent)
    moments = _moments(opened, question)
    narrowing, body = _narrowing(opened, question, moments)
    newest = search(opened, question, order=Order.NEWEST, each=1)
    return Estimate(
        moments=moments,
        meetings=_meetings(opened, question) if moments else 0,
        last=newest.moments[:LAST],
        narrowing=narrowing,
        body=body,
        has_words=has_words(tree),
    )


def _moments(opened: Opened, question: Question) -> int:
    """Of a search without words one moment of each text is told, however long the text is."""
    if has_words(question.tree):
        return count(opened, question)
    items = {"items": {"cardinality": {"field": "item"}}}
    kinds = {"kinds": {"terms": {"field": "kind", "size": len(KINDS)}, "aggs": items}}
    found = opened.searcher.aggregate(question.query(opened), kinds)
    return sum(round(float(one["items"]["value"])) for one in found["kinds"]["buckets"])


def _meetings(opened: Opened, question: Question) -> int:
    query = question.query(opened)
    counted = opened.searcher.aggregate(query, {"meetings": {"cardinality": {"field": "meeting"}}})
    return round(float(counted["meetings"]["value"]))


def _narrowing(opened: Opened, question: Question, moments: int) -> tuple[str, str]:
    """Why it is refused, what would help, and the body that would; empty where it is not."""
    most = settings.ALERT_MOST_MOMENTS
    if moments <= most:
        return "", ""
    told = _(
        "This would have found %(moments)s moments in the last 90 days, and %(most)s is the most"
        " that anybody could read."
    ) % {"moments": f"{moments:,}", "most": f"{most:,}"}
    way_out, body = _way_out(opened, question, most)
    return f"{told} {way_out}", body


def _way_out(opened: Opened, question: Question, most: int) -> tuple[str, str]:
    named = {field.name for field in fields(question.tree)}
    if named & {Name.BODY, Name.PLACE}:
        return _("Add a word that must be near, or put the words into quotation marks."), ""
    for slug, _passages in facets(opened, question)["body"]:
        one = all_of([question.tree, Field(Name.BODY, f"/{slug}")]) or question.tree
        if (moments := _moments(opened, Question(one))) <= most:
            sentence = _(
                "Choose one body: with body:/%(body)s it would have been %(moments)s. Or add a"
                " word."
            ) % {"body": slug, "moments": f"{moments:,}"}
            return sentence, slug
    return _("Choose one body, or add a word that must be near."), ""
