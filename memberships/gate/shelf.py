"""Where public pages are kept: in Redis for a minute, in this process for a second.

What was kept carries the stamps of its path and of the whole site as they were before the page was
made. `drop` sets a new stamp, and what carries an older one is never shown again, in any variant
and in any process.
"""

import hashlib
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

KEPT_S = 60
COPY_S = 1.0
COPIES = 256
STAMP_S = 3600  # far longer than any page is kept or in the making
PAUSE_S = 5.0  # how long Redis is left alone after it did not answer

_FORM = "page1"  # changes with the shape of Kept, so that no process reads what another one wrote
_SITE = f"{_FORM}:stamp:site"


class Kept(NamedTuple):
    """A page as it was sent."""

    headers: list[tuple[str, str]]
    body: bytes
    made_at: float  # seconds since the epoch


class Ticket(NamedTuple):
    """The state of the shelf before a page was made: needed to put the page there."""

    stamps: tuple[str | None, str | None]
    drops: int
    started: float
    started_at: float


@dataclass
class _Copy:
    page: Kept
    path: str
    until: float


@dataclass
class Shelf:
    """One for each process. Safe in threads: each step is a single operation on a dict."""

    _copies: dict[str, _Copy] = field(default_factory=dict)
    _drops: int = 0
    _silent_until: float = 0.0
    _is_silent: bool = False

    def look(self, path: str, key: str) -> tuple[Kept | None, Ticket | None]:
        """The page if it is kept; else a ticket to put it there; neither without Redis."""
        now = time.monotonic()
        copy = self._copies.get(key)
        if copy is not None and now < copy.until:
            return copy.page, None
        if now < self._silent_until:
            return None, None
        drops = self._drops
        names = (_SITE, _stamp_of(path), _page_of(key))
        try:
            found = cache.get_many(names)
        except RedisError as error:
            self._fall_silent(error)
            return None, None
        self._speak_again()
        stamps = (found.get(_SITE), found.get(names[1]))
        ticket = Ticket(stamps, drops, now, time.time())
        kept: tuple[tuple[str | None, str | None], Kept] | None = found.get(names[2])
        if kept is None or kept[0] != stamps or ticket.started_at - kept[1].made_at >= KEPT_S:
            return None, ticket
        self._copy(path, key, kept[1], ticket)
        return kept[1], None

    def put(self, path: str, key: str, page: Kept, ticket: Ticket) -> None:
        """Keep a page for what is left of its minute, counted from when its making began."""
        left = KEPT_S - (time.monotonic() - ticket.started)
        if left < 1:
            return
        try:
            cache.set(_page_of(key), (ticket.stamps, page), timeout=int(left))
        except RedisError as error:
            self._fall_silent(error)
            return
        self._copy(path, key, page, ticket)

    def drop(self, paths: Iterable[str]) -> None:
        """Never show these paths as they were: here at once, elsewhere within a second."""
        wanted = set(paths)
        self._forget(wanted)
        self._stamp([_stamp_of(path) for path in wanted])

    def drop_all(self) -> None:
        """The same for every page of the site."""
        self._forget(None)
        self._stamp([_SITE])

    def _copy(self, path: str, key: str, page: Kept, ticket: Ticket) -> None:
        if ticket.drops != self._drops:
            return  # something was dropped meanwhile: the next reader asks Redis
        now = time.monotonic()
        if len(self._copies) >= COPIES:
            self._copies = {k: c for k, c in list(self._copies.items()) if now < c.until}
            if len(self._copies) >= COPIES:
                self._copies = {}
        until = now + min(COPY_S, KEPT_S - (time.time() - page.made_at))
        self._copies[key] = _Copy(page, path, until)

    def _forget(self, paths: set[str] | None) -> None:
        self._drops += 1
        self._copies = {
            key: copy
            for key, copy in list(self._copies.items())
            if paths is not None and copy.path not in paths
        }

    def _stamp(self, names: list[str]) -> None:
        stamp = uuid.uuid4().hex
        try:
            cache.set_many(dict.fromkeys(names, stamp), timeout=STAMP_S)
        except RedisError as error:
            log.warning("pages_not_dropped", names=names, error=str(error), shown_for_s=KEPT_S)

    def _fall_silent(self, error: RedisError) -> None:
        self._silent_until = time.monotonic() + PAUSE_S
        if not self._is_silent:  # once for each time that Redis goes away
            self._is_silent = True
            log.warning("pages_not_kept", reason="Redis does not answer", error=str(error))

    def _speak_again(self) -> None:
        if self._is_silent:
            self._is_silent = False
            log.info("pages_kept_again")


def _stamp_of(path: str) -> str:
    return f"{_FORM}:stamp:{hashlib.sha256(path.encode()).hexdigest()}"


def _page_of(key: str) -> str:
    return f"{_FORM}:{key}"


shelf = Shelf()
