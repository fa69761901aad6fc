"""The podcast: the feed of public clips with their sound, and its cover."""

from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from memberships.gate.audience import public

from .. import cover as covers
from .. import podcast, queries
from .feeds import tagged

log = structlog.get_logger(__name__)

SEEN = "podcast-as-it-is"
SEEN_FOR_S = 30 * 24 * 3600


@public(cached=True)
@require_safe
def clips(request: HttpRequest) -> HttpResponse:
    """The newest public clips, for podcast players."""
    now = timezone.now()
    episodes = [podcast.Episode(row) for row in queries.sounding_clips(now=now)]
    written = podcast.rss(episodes, path=request.path)
    answer = tagged(HttpResponse(written, content_type=podcast.TYPE))
    since = _since(answer.headers["ETag"], now=now)
    if since is not None:
        answer.headers["Last-Modified"] = http_date(since.timestamp())
    return answer


@public(cached=True)
@require_safe
def cover(request: HttpRequest) -> HttpResponse:
    """The picture that players show for the podcast."""
    return tagged(HttpResponse(covers.cover(), content_type="image/png"))


def _since(etag: str, *, now: datetime) -> datetime | None:
    """When the feed was first seen as it is. None where nobody remembers.

    No time of a row says it: a clip leaves the feed when its owner is no member any more, too. It
    always grows, by a second at least, which is as exact as the header is.
    """
    try:
        before: tuple[str, datetime] | None = cache.get(SEEN)
        if before is not None and before[0] == etag:
            return before[1]
        since = now if before is None else max(now, before[1] + timedelta(seconds=1))
        cache.set(SEEN, (etag, since), timeout=SEEN_FOR_S)
    except RedisError as error:
        log.warning("podcast_not_dated", why=str(error))
        return None
    return since
