"""Who follows the log of changes too slowly, and what holds it up: for /readyz and the desk.

The outbox follows no log, and stands still in the same way: what is due is not taken up.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from meetings.records import changes
from meetings.records.changes import Lag, Transaction
from meetings.records.models import Follower
from meetings.search.following import lag
from meetings.search.reading import reader
from meetings.search.writing import Unusable
from portal.post.models import Mail

LATE_S = 2.0
OUTBOX_LATE_S = 180.0  # beat calls for it each minute, and a round may take half of one


@dataclass(frozen=True, slots=True)
class Late:
    """A follower, and how many seconds it is late; None where its index is not there."""

    name: str
    seconds: int | None = None
    held_by: Transaction | None = None

    def __str__(self) -> str:
        """In a line for everybody: a transaction by the number of its process, and no more."""
        if self.seconds is None:
            return "no index"
        if self.held_by is None:
            return f"{self.seconds} s behind"
        return f"{self.seconds} s behind, waits for {_in_short(self.held_by)}"

    @property
    def sentence(self) -> str:
        """For staff, with what to do."""
        if self.seconds is None:
            return _(
                "The search index is missing or cannot be read. The process indexer builds it; if"
                " this stays, look whether it runs and has room on its disk."
            )
        if self.name == "outbox":
            return _(
                "Mail has been due in the outbox for %(seconds)d seconds and nobody sends it. Look"
                " whether the processes worker and beat run."
            ) % {"seconds": self.seconds}
        behind = _("%(who)s is %(seconds)d seconds behind what was changed.") % {
            "who": self.title,
            "seconds": self.seconds,
        }
        if self.held_by is None:
            return behind + " " + _("The process indexer does not keep up, or does not run.")
        return behind + " " + _("It waits for a transaction: %s.") % _in_full(self.held_by)

    @property
    def title(self) -> str:
        titles = {
            "search": _("Search"),
            "pages": _("The dropping of cached pages"),
            "articles": _("The marking of stale sentences"),
            "alerts": _("The holding of meetings against alerts"),
        }
        return titles.get(self.name, self.name)


def followers(*, now: datetime) -> dict[str, Late | None]:
    """Each follower by name, and None where it keeps up. At most six queries for each.

    The outbox is the last of them.
    """
    lags: dict[str, Late | None] = {}
    try:
        lags["search"] = _late("search", lag(reader(), now=now))
    except Unusable:
        lags["search"] = Late("search")
    for row in Follower.objects.order_by("name"):
        lags[row.name] = _late(row.name, changes.lag(changes.place_of(row), now=now))
    lags["outbox"] = _outbox(now=now)
    return lags


def _outbox(*, now: datetime) -> Late | None:
    """Late where mail is due that no worker takes. What waits for its next try is not due."""
    due = Mail.objects.due(at=now).order_by("due_at", "id").values_list("due_at", flat=True).first()
    if due is None or (seconds := (now - due).total_seconds()) <= OUTBOX_LATE_S:
        return None
    return Late("outbox", int(seconds))


def _late(name: str, found: Lag | None) -> Late | None:
    if found is None or found.seconds <= LATE_S:
        return None
    return Late(name, int(found.seconds), found.held_by)


def _in_short(held_by: Transaction) -> str:
    who = f"process {held_by.process}" if held_by.process else "a prepared transaction"
    return f"{who}, open since {held_by.since:%H:%M:%S} UTC" if held_by.since else who


def _in_full(held_by: Transaction) -> str:
    if held_by.process:
        who = _("PostgreSQL's process %(process)d in the database %(database)s")
    else:
        who = _("one that was prepared in the database %(database)s and never finished")
    named = who % {"process": held_by.process or 0, "database": held_by.database}
    if held_by.since is None:
        return named
    return _("%(transaction)s, open since %(time)s UTC") % {
        "transaction": named,
        "time": f"{held_by.since:%B %-d, %H:%M:%S}",
    }
