"""How often somebody without a membership may search.

Counted by address, in Redis, and kept no longer than the day.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from meetings.articles.visitors import reporter_hash

MINUTE, DAY = 60, 86_400


class TooMany(Exception):
    """This address has searched often enough for now. `seconds` says when it may again."""

    def __init__(self, seconds: int) -> None:
        if seconds <= MINUTE:
            super().__init__(_("You search faster than we can follow. Wait a minute and go on."))
        else:
            super().__init__(
                _("That was the last search for today. Members search as often as they like.")
            )
        self.seconds = seconds


def spend_search(request: HttpRequest, *, now: datetime) -> bool:
    """Count one search of a visitor. Says whether it could be counted; raises TooMany.

    What cannot be counted may not be told how many moments there are: nobody could stop it.
    """
    who = salted_hmac("meetings.search.limits", reporter_hash(request), algorithm="sha256")
    at = int(now.timestamp())
    try:
        for length, most in ((MINUTE, settings.SEARCHES_A_MINUTE), (DAY, settings.SEARCHES_A_DAY)):
            key = f"search:{who.hexdigest()[:32]}:{length}:{at // length}"
            cache.add(key, 0, timeout=length * 2)  # its number is over long before it is dropped
            if cache.incr(key) > most:
                raise TooMany(length - at % length)
    except (RedisError, ValueError):  # a ValueError says that the count is gone
        return False
    return True
