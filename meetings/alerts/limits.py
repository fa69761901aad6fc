"""How often a member may have a test sent to their server: it is our machine that calls."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from memberships.gate.entitlement import User

SECONDS = 15


class TooSoon(Exception):
    """A test was sent just now."""

    def __init__(self) -> None:
        super().__init__(
            _("A test was sent just now. Wait %(seconds)s seconds for the next.")
            % {"seconds": SECONDS}
        )


def spend_test(user: User) -> None:
    """Count one test of a member. Raises TooSoon; also where nobody can count."""
    try:
        is_first = cache.add(f"alerts:test:{user.pk}", 1, timeout=SECONDS)
    except RedisError as error:
        raise TooSoon from error
    if not is_first:
        raise TooSoon
