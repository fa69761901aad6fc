"""The cached public pages follow the log: whatever it tells of, they are shown anew."""

from collections.abc import Sequence

from meetings.records.models import Change
from memberships.gate import pages


def drop_pages(changes: Sequence[Change]) -> None:
    """Once more, after the service that made the change: it may have been killed before it could.

    All of them, because a meeting stands on many: its own, its articles', its body's, home.
    """
    pages.drop_all()
