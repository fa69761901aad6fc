"""Making alerts and changing them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.search.folder import Folder
from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.reading import Opened, reader, searched
from meetings.search.tree import And, Field, Name, Node, all_of, without
from meetings.search.words import words
from meetings.search.writing import Unusable
from memberships.gate.entitlement import User

from .estimating import Estimate, TooBroad, estimate
from .filing import Rarity, by_length
from .models import Alert, Cadence, Channel, Schedule, StoredTree
from .models.match import MatchQuerySet
from .stored import by_index, store

log = logging.getLogger(__name__)

_EDITED = (
    *("tree", "query", "muted", "name", "changed_at"),
    *("cadence", "by_email", "by_feed", "by_webhook"),
)
_LOCK = 8_431_003  # of PostgreSQL's advisory locks: who counts the alerts of a person

# Rows are locked in one order wherever alerts are written: a person (`_LOCK`), channels, alerts by
# their numbers, stored trees by theirs. Whoever writes what an alert found, or what is told of it,
# holds the alert meanwhile, so that it is not deleted under them.


class NotAnAlert(Exception):
    """What was asked for cannot be an alert. The message is for the reader."""


class TooMany(Exception):
    """The member has as many alerts as one may have."""

    def __init__(self) -> None:
        super().__init__(
            _("You have %(count)s alerts, which is the most. Delete one to make another.")
            % {"count": settings.ALERTS_A_MEMBER}
        )


class Known(Exception):
    """The member has this very alert already: `alert`."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(_("You have an alert for this already."))
        self.alert = alert


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search and muted words, as they were understood."""

    query: str
    """The search in canonical form."""
    muted: tuple[str, ...]
    tree: Node
    """Both in one."""

    @property
    def mark(self) -> str:
        """What names the whole search, in a few letters."""
        return hashlib.sha256(canonical(self.tree).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Telling:
    """How an alert is told."""

    cadence: Cadence = Cadence.DAILY
    by_email: bool = True
    by_feed: bool = False
    by_webhook: bool = False


def understood(typed: Node | str, muted: Sequence[str] = ()) -> Wanted:
    """The alert for a search, as a tree or as it is typed, and words that are muted.

    Raises NotAnAlert.
    """
    tree = parse(typed).tree if isinstance(typed, str) else typed
    if tree is None:
        raise NotAnAlert(_("There is no word in this search. Type at least one."))
    quiet = tuple(dict.fromkeys(" ".join(words(one)) for one in muted if words(one)))
    if len(quiet) > Alert.MUTED_MAX or any(len(one) > Alert.WORD_MAX for one in quiet):
        raise NotAnAlert(
            _("Mute %(count)s words at most, none longer than %(length)s letters.")
            % {"count": Alert.MUTED_MAX, "length": Alert.WORD_MAX}
        )
    silenced = [without(one) for word in quiet if (one := _quoted(word)) is not None]
    whole = all_of([tree, *silenced]) or tree
    query = canonical(tree)
    # What cannot be read again as it was written would find something else one day.
    if len(query) > Alert.QUERY_MAX or parse(canonical(whole)).tree != whole:
        raise NotAnAlert(_("This search is too long for an alert. Leave some words out."))
    return Wanted(query, quiet, whole)


def look_ahead(wanted: Wanted, *, now: datetime) -> Estimate | None:
    """How often it would have fired; None where no index can tell just now.

    Whoever writes the index is asked to look at one that could not be searched.
    """
    opened = _opened()
    if opened is None:
        return None
    try:
        with searched():
            return estimate(opened, wanted.tree, today=now.date())
    except Unusable:
        log.warning("The index cannot be searched for an alert", exc_info=True)
        Folder(Path(settings.INDEX_ROOT)).doubt()
        return None


def make(*, owner: User, wanted: Wanted, telling: Telling, now: datetime, name: str = "") -> Alert:
    """A new alert of this member. It speaks of what comes from now on.

    Raises NotAnAlert, TooBroad, TooMany, or Known, which names the one that is there.
    """
    rarity = _accepted(wanted, now=now)
    with transaction.atomic():
        _one_by_one(owner.pk)
        tree = _stored(wanted.tree, rarity)
        own = Alert.objects.owned_by(owner)
        known = own.filter(tree=tree).first()
        if known is not None:
            raise Known(known)
        if own.count() >= settings.ALERTS_A_MEMBER:
            raise TooMany
        return Alert.objects.create(
            owner=owner,
            tree=tree,
            name=_name(name, wanted),
            query=wanted.query,
            muted=[*wanted.muted],
            cadence=telling.cadence,
            by_email=telling.by_email,
            by_feed=telling.by_feed,
            by_webhook=telling.by_webhook,
            created_at=now,
            changed_at=now,
        )


def edit(*, alert: Alert, wanted: Wanted, telling: Telling, now: datetime, name: str = "") -> Alert:
    """Change what an alert looks for and how it is told. Its matches stay.

    Raises TooBroad where it looks for something else, NotAnAlert, Known where another alert of the
    member asks for the same, or Alert.DoesNotExist where it was deleted meanwhile.
    """
    stored = StoredTree.objects.filter(pk=alert.tree_id, canonical=canonical(wanted.tree))
    rarity = by_length if stored.exists() else _accepted(wanted, now=now)
    with transaction.atomic():
        _one_by_one(alert.owner_id)
        former = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk).tree_id
        tree = _stored(wanted.tree, rarity)
        same = Alert.objects.filter(owner=alert.owner_id, tree=tree).exclude(pk=alert.pk).first()
        if same is not None:
            raise Known(same)
        alert.tree, alert.query, alert.muted = tree, wanted.query, [*wanted.muted]
        alert.name, alert.changed_at = _name(name, wanted), now
        alert.cadence, alert.by_email = telling.cadence, telling.by_email
        alert.by_feed, alert.by_webhook = telling.by_feed, telling.by_webhook
        alert.save(update_fields=_EDITED)  # it may have been paused meanwhile
    if former != alert.tree_id:
        _drop(former)
    return alert


def change_cadence(*, alert: Alert, cadence: Cadence, now: datetime) -> None:
    """Tell of it at once, daily or weekly from now on."""
    Alert.objects.filter(pk=alert.pk).update(cadence=cadence, changed_at=now)


def pause(*, alert: Alert, now: datetime) -> None:
    """Nothing is matched or told until it is resumed.

    What was found before and not told yet is told then, unless it is older than
    `telling.TOLD_WITHIN` by that time.
    """
    Alert.objects.filter(pk=alert.pk, paused_at__isnull=True).update(paused_at=now)


def resume(*, alert: Alert) -> None:
    """Match again, from what comes next."""
    Alert.objects.filter(pk=alert.pk).update(paused_at=None)


def delete(*, alert: Alert) -> None:
    """The alert and all that it found. Doing it again changes nothing."""
    with transaction.atomic():
        one = Alert.objects.select_for_update().filter(pk=alert.pk).first()
        if one is None:
            return
        tree = one.tree_id
        one.delete()
    _drop(tree)


def read(*, matches: MatchQuerySet, now: datetime) -> None:
    """Say that these were read. Those that were read before keep their time."""
    matches.unread().update(read_at=now)


def unread(*, matches: MatchQuerySet) -> None:
    """Say that these are to be read again."""
    matches.update(read_at=None)


@transaction.atomic
def forget(user: User) -> None:
    """Named in `ACCOUNT_DATA_ERASERS`: all alerts of a person, what they found, and how to tell."""
    _one_by_one(user.pk)
    channels = Channel.objects.owned_by(user).order_by("pk").select_for_update()
    Channel.objects.filter(pk__in=[channel.pk for channel in channels]).delete()
    alerts = [*Alert.objects.owned_by(user).order_by("pk").select_for_update()]
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).delete()
    for tree in sorted({alert.tree_id for alert in alerts}):
        _drop(tree)
    Schedule.objects.filter(owner=user.pk).delete()


def _accepted(wanted: Wanted, *, now: datetime) -> Rarity:
    """How rare words are, if the search is not too broad. Without an index nobody can tell."""
    _may_come(wanted, now=now)
    found = look_ahead(wanted, now=now)
    if found is not None and found.is_too_broad:
        raise TooBroad(found.narrowing)
    opened = _opened() if found is not None else None
    return by_index(opened) if opened is not None else by_length


def _may_come(wanted: Wanted, *, now: datetime) -> None:
    """What is to be of days that are gone is never met any more."""
    last = now.date() - timedelta(days=settings.ALERT_MAX_AGE_DAYS)
    every = wanted.tree.children if isinstance(wanted.tree, And) else (wanted.tree,)
    for one in every:
        if isinstance(one, Field) and one.name is Name.BEFORE and one.value <= last.isoformat():
            raise NotAnAlert(
                _("Only meetings before %(day)s are looked for, and no new one is. Leave that out.")
                % {"day": date_format(date.fromisoformat(one.value), "DATE_FORMAT")}
            )


def _stored(tree: Node, rarity: Rarity) -> StoredTree:
    """The row of the tree, which stays until the transaction ends."""
    while True:
        row = store(tree, rarity)
        if StoredTree.objects.select_for_update().filter(pk=row.pk).exists():
            return row  # and else the last who asked for it has just let it go


def _opened() -> Opened | None:
    try:
        return reader().open()
    except Unusable:
        return None


def _quoted(word: str) -> Node | None:
    return parse(f'"{word}"' if " " in word else word).tree


def _name(name: str, wanted: Wanted) -> str:
    return (name.strip() or wanted.query)[: Alert.NAME_MAX]


@transaction.atomic
def _drop(tree: int) -> None:
    """A tree that nobody asks for any more. One that is asked for again just now stays.

    Whoever asks for it holds its row (`_stored`), so who has it here sees everybody.
    """
    StoredTree.objects.select_for_update().filter(pk=tree).first()
    if not Alert.objects.filter(tree=tree).exists():
        StoredTree.objects.filter(pk=tree).delete()


def _one_by_one(owner: int) -> None:
    """Of one person's alerts, what is made and edited at the same moment comes one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, owner % 2**31])
