"""Run all that follow the log of changes."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand

from meetings.articles.following import mark_stale
from meetings.front.following import drop_pages
from meetings.records.following import Bell, Follows, InDatabase, run
from meetings.search.folder import Folder
from meetings.search.following import IndexFollower

ALIVE = "alive"
"""The file in the folder of the index that is touched after each round."""


class Command(BaseCommand):
    help = (
        "Follows the log of changes for as long as it runs: keeps the search index in step, builds"
        " it where it is missing or cannot be trusted, drops cached pages, and marks what articles"
        " say without words to rest on. Killing it loses nothing; the next one goes on where it"
        " was."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.INDEX_ROOT)
        root.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        index = IndexFollower(Folder(root), progress=lambda _documents: _alive(root))
        try:
            run(followers(index), bell=Bell(), alive=lambda: _alive(root))
        finally:
            index.leave()


def followers(index: IndexFollower) -> list[Follows]:
    """All that follow, in the order in which they take turns: what is quick comes first."""
    return [InDatabase("pages", drop_pages), InDatabase("articles", mark_stale), index]


def _alive(root: Path) -> None:
    (root / ALIVE).touch()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)
