"""Own data: the alerts of a person, what they found, and how it is told, for them to take along."""

from django.conf import settings
from django.db.models import Prefetch

from memberships.gate.entitlement import User

from .models import Alert, Channel, Match, Schedule


def alerts(user: User) -> tuple[str, list[dict[str, object]]]:
    """Named in `ACCOUNT_DATA_SOURCES`: the alerts of this person, oldest first."""
    found = Match.objects.order_by("found_at", "pk").select_related("meeting", "article")
    found = found.defer("lines")  # of a member's years these are long, and none of them is given
    own = Alert.objects.owned_by(user).prefetch_related(Prefetch("matches", found))
    return "alerts", [
        {
            "name": one.name,
            "search": one.query,
            "muted": one.muted,
            "cadence": one.cadence,
            "by_email": one.by_email,
            "by_feed": one.by_feed,
            "by_webhook": one.by_webhook,
            "made_at": one.created_at,
            "changed_at": one.changed_at,
            "paused_at": one.paused_at,
            "matches": [
                {
                    "url": settings.SITE_URL + match.url,
                    "found_at": match.found_at,
                    "read_at": match.read_at,
                }
                for match in one.matches.all()
            ],
        }
        for one in own.order_by("created_at", "pk")
    ]


def ways_of_telling(user: User) -> tuple[str, list[dict[str, object]]]:
    """Named in `ACCOUNT_DATA_SOURCES`: when and how this person is told.

    Secrets are left out: the file may be handed on, and opens nothing.
    """
    told: list[dict[str, object]] = [
        {"kind": "digests", "hour": one.hour, "weekday": one.weekday, "zone": one.time_zone}
        for one in Schedule.objects.filter(owner=user.pk)
    ]
    for channel in Channel.objects.owned_by(user).prefetch_related("digests").order_by("kind"):
        messages = sorted(channel.digests.all(), key=lambda digest: digest.made_at)
        told.append(
            {
                "kind": channel.kind,
                "address": channel.address,
                "paused_at": channel.paused_at,
                "paused_reason": channel.paused_reason,
                "messages": [
                    {"made_at": one.made_at, "state": one.state, "error": one.error}
                    for one in messages
                ],
            }
        )
    return "ways_of_telling", told
