"""Alerts for tests, as a member makes them."""

from datetime import UTC, datetime

from meetings.alerts import services
from meetings.alerts.models import Alert
from meetings.alerts.stored import store
from tests.memberships.factories import MembershipFactory

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def alert(typed: str, *muted: str, owner=None, **given) -> Alert:
    """An alert for what is typed, of a member; made without asking an index."""
    wanted = services.understood(typed, muted)
    values = {
        "owner": owner or MembershipFactory(started_at=LONG_AGO).user,
        "tree": store(wanted.tree),
        "name": typed[:100],
        "query": wanted.query,
        "muted": [*wanted.muted],
        "created_at": LONG_AGO,
        "changed_at": LONG_AGO,
    }
    return Alert.objects.create(**(values | given))
