"""How often a program may ask: counted in Redis, for a token or for an address.

A window of a minute, counted by one script, so that of many at once none is counted twice or not
at all. What is over its limit is remembered in the process until its window ends, and then costs
nothing but the refusal. Where Redis does not answer, tokens are not limited, and addresses are
counted by each process alone, a quarter of the limit each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from typing import cast

import structlog
from django.conf import settings
from django.core.cache import caches
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

WINDOW_S = 60
PAUSE_S = 5.0  # how long Redis is left alone after it did not answer
ALONE = 4  # a process that counts alone gives an address this fraction of the limit
KEYS = 10_000  # that a process remembers

_COUNT = """
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests a minute for each of one kind of callers."""

    name: str
    most: int

    @property
    def header(self) -> str:
        """`RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.name}";q={self.most};w={WINDOW_S}'


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands after this request."""

    policy: Policy
    left: int
    """Requests left in this window; below 0, this one is one too many."""
    seconds: int
    """Until the window ends."""

    @property
    def is_over(self) -> bool:
        return self.left < 0

    @property
    def headers(self) -> dict[str, str]:
        left = max(self.left, 0)
        return {
            "RateLimit-Policy": self.policy.header,
            "RateLimit": f'"{self.policy.name}";r={left};t={self.seconds}',
        }


def of_members() -> Policy:
    return Policy("member", settings.API_MEMBER_A_MINUTE)


def of_visitors() -> Policy:
    return Policy("visitor", settings.API_VISITOR_A_MINUTE)


@dataclass
class Counter:
    """One for each process. Safe in threads: each step is a single operation on a dict."""

    _over: dict[str, float] = field(default_factory=dict)
    _alone: dict[str, tuple[float, int]] = field(default_factory=dict)
    _silent_until: float = 0.0

    def spend(self, policy: Policy, who: str) -> Standing:
        """Count one request. `who` is a name that gives nobody away: it is kept for a minute."""
        over = self.over(policy, who)
        if over is not None:
            return over
        key, now = f"{policy.name}:{who}", time.monotonic()
        if now < self._silent_until:
            return self._without_redis(policy, key, now)
        name = f"{caches['default'].key_prefix}:api:{key}"
        try:
            script = _redis().register_script(_COUNT)
            count, left_ms = cast("list[int]", script(keys=[name], args=[WINDOW_S * 1000]))
        except RedisError as error:
            self._silent_until = now + PAUSE_S
            log.warning("api_not_counted", reason="Redis does not answer", error=str(error))
            return self._without_redis(policy, key, now)
        seconds = max(1, ceil(left_ms / 1000))
        if count > policy.most:
            self._remember(key, now + left_ms / 1000)
        return Standing(policy, policy.most - count, seconds)

    def over(self, policy: Policy, who: str) -> Standing | None:
        """The refusal of whoever was over the limit in this window when last counted here; None for
        everybody else. It counts nothing and asks nobody.
        """
        until = self._over.get(f"{policy.name}:{who}", 0.0)
        left = until - time.monotonic()
        return Standing(policy, -1, max(1, ceil(left))) if left > 0 else None

    def _remember(self, key: str, until: float) -> None:
        if len(self._over) >= KEYS:
            self._over = {}
        self._over[key] = until

    def _without_redis(self, policy: Policy, key: str, now: float) -> Standing:
        if policy.name == "member":
            return Standing(policy, policy.most, WINDOW_S)
        if len(self._alone) >= KEYS:
            self._alone = {}
        began, count = self._alone.get(key, (now, 0))
        if now - began >= WINDOW_S:
            began, count = now, 0
        self._alone[key] = (began, count + 1)
        most = max(1, policy.most // ALONE)
        return Standing(policy, most - count - 1, max(1, ceil(began + WINDOW_S - now)))


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


counter = Counter()
