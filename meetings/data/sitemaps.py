"""Sitemaps (https://www.sitemaps.org/protocol.html): what there is, and when it last changed.

A file holds the rows of one range of ids, so it never has more than 50,000 addresses, and what is
new never moves what is old to another file. Files are written while they are sent. `lastmod` is
the log's, or the row's own; where we do not know, it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.urls import reverse

from meetings.articles.models import Article
from meetings.clips.models import Clip
from meetings.records.models import Body, Meeting, Place

from . import queries
from .feeds import changed_at, writable
from .queries import Stretch

AT_ONCE = 2_000
LONGEST_VIDEO_S = 28_800
TITLE_MOST, DESCRIPTION_MOST = 100, 2_000  # characters, of a video
PAGES = (
    "home",
    "bodies",
    "places",
    "coverage",
    "corrections",
    "feeds",
    "data",
    "api-docs",
    "about",
    "membership",
)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PROTOCOL = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
_VIDEO = 'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"'


@dataclass(frozen=True, slots=True)
class Kind:
    """What sitemaps list: in which files, and what stands in one, entry by entry."""

    stretches: Callable[[datetime], list[Stretch]]
    entries: Callable[[Stretch, datetime], Iterator[str]]
    spaces: str = ""


def index(*, now: datetime) -> Iterator[str]:
    """All files with the newest change in each."""
    yield f"{_HEAD}<sitemapindex {_PROTOCOL}>\n"
    for name, kind in KINDS.items():
        for stretch in kind.stretches(now):
            address = reverse("sitemap-file", args=[name, stretch.number])
            yield f"<sitemap><loc>{_whole(address)}</loc>{_lastmod(stretch.changed_at)}</sitemap>\n"
    yield "</sitemapindex>\n"


def exists(name: str, number: int, *, now: datetime) -> Stretch | None:
    """The file of this kind and number, or None where the index names none."""
    kind = KINDS.get(name)
    found = kind.stretches(now) if kind else []
    return next((stretch for stretch in found if stretch.number == number), None)


def file(name: str, stretch: Stretch, *, now: datetime) -> Iterator[str]:
    """One file, piece by piece."""
    kind = KINDS[name]
    yield f"{_HEAD}<urlset {' '.join(filter(None, (_PROTOCOL, kind.spaces)))}>\n"
    yield from kind.entries(stretch, now)
    yield "</urlset>\n"


def _pages(_stretch: Stretch, _now: datetime) -> Iterator[str]:
    for name in PAGES:
        yield _url(reverse(name), None)


def _articles(stretch: Stretch, _now: datetime) -> Iterator[str]:
    rows = queries.within(queries.public_articles(), stretch).only(
        "slug", "updated_at", "published_at"
    )
    for article in rows.iterator(AT_ONCE):
        yield _url(article.get_absolute_url(), changed_at(article))


def _news(_stretch: Stretch, now: datetime) -> Iterator[str]:
    """https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap."""
    for article in queries.newest_articles(now=now):
        yield _url(article.get_absolute_url(), changed_at(article), _as_news(article))


def _meetings(stretch: Stretch, _now: datetime) -> Iterator[str]:
    changed = queries.changes_within(stretch)
    rows = queries.within(Meeting.objects.in_public(), stretch).only("slug", "published_at")
    for meeting in rows.iterator(AT_ONCE):
        yield _url(meeting.get_absolute_url(), changed.get(meeting.pk, meeting.published_at))


def _bodies(stretch: Stretch, _now: datetime) -> Iterator[str]:
    changed = queries.changes_by_body()
    for body in queries.within(Body.objects.only("slug"), stretch).iterator(AT_ONCE):
        yield _url(body.get_absolute_url(), changed.get(body.pk))


def _places(stretch: Stretch, _now: datetime) -> Iterator[str]:
    changed = queries.changes_by_place()
    for place in queries.within(Place.objects.only("slug"), stretch).iterator(AT_ONCE):
        yield _url(place.get_absolute_url(), changed.get(place.pk))


def _videos(stretch: Stretch, now: datetime) -> Iterator[str]:
    """Public clips, which anybody may play. Meetings are played by members, so they are pages."""
    for clip in queries.within(queries.public_clips(now=now), stretch).iterator(AT_ONCE):
        # mypy does not see what a query annotates
        is_video = clip.recording.has_video and clip.is_pictured  # type: ignore[attr-defined]
        yield _url(clip.get_absolute_url(), clip.changed_at, _as_video(clip) if is_video else "")


def _as_news(article: Article) -> str:
    language = article.language.lower()
    if language not in {"zh-cn", "zh-tw"}:
        language = language.split("-")[0]
    return (
        "<news:news><news:publication>"
        f"<news:name>{_text(settings.SITE_NAME)}</news:name>"
        f"<news:language>{_text(language)}</news:language>"
        "</news:publication>"
        f"<news:publication_date>{_instant(article.published_at)}</news:publication_date>"
        f"<news:title>{_text(article.headline)}</news:title></news:news>"
    )


def _as_video(clip: Clip) -> str:
    """https://developers.google.com/search/docs/crawling-indexing/sitemaps/video-sitemaps."""
    told = clip.note or f"{clip.meeting.title}, {clip.meeting.body}"
    poster = _whole(reverse("clip-poster", args=[clip.slug]))
    player = _whole(reverse("clip-embed", args=[clip.slug]))
    seconds = max(1, min(round(clip.duration_ms / 1000), LONGEST_VIDEO_S))
    return (
        "<video:video>"
        f"<video:thumbnail_loc>{poster}</video:thumbnail_loc>"
        f"<video:title>{_text(clip.title[:TITLE_MOST])}</video:title>"
        f"<video:description>{_text(told[:DESCRIPTION_MOST])}</video:description>"
        f"<video:player_loc>{player}</video:player_loc>"
        f"<video:duration>{seconds}</video:duration>"
        f"<video:publication_date>{_instant(clip.created_at)}</video:publication_date>"
        "</video:video>"
    )


def _url(path: str, changed_at: datetime | None, more: str = "") -> str:
    return f"<url><loc>{_whole(path)}</loc>{_lastmod(changed_at)}{more}</url>\n"


def _lastmod(at: datetime | None) -> str:
    return f"<lastmod>{_instant(at)}</lastmod>" if at else ""


def _instant(at: datetime | None) -> str:
    """As the profile of ISO 8601 by the W3C has it; to the second, which is all that it needs."""
    return at.isoformat(timespec="seconds") if at else ""


def _whole(path: str) -> str:
    return escape(settings.SITE_URL + path)


def _text(words: str) -> str:
    return escape(writable(words))


def _of_meetings(_now: datetime) -> list[Stretch]:
    logged = queries.changes_by_stretch()
    found = queries.stretches(Meeting.objects.in_public(), "published_at")
    return [Stretch(one.number, logged.get(one.number, one.changed_at)) for one in found]


def _of_news(now: datetime) -> list[Stretch]:
    newest = queries.newest_articles(now=now).first()
    return [Stretch(1, newest.published_at)] if newest else []


KINDS = {
    "pages": Kind(lambda _now: [Stretch(1)], _pages),
    "articles": Kind(
        lambda _now: queries.stretches(queries.public_articles(), "changed_at"), _articles
    ),
    "news": Kind(_of_news, _news, _NEWS),
    "meetings": Kind(_of_meetings, _meetings),
    "bodies": Kind(lambda _now: queries.stretches(Body.objects.all(), None), _bodies),
    "places": Kind(lambda _now: queries.stretches(Place.objects.all(), None), _places),
    "video": Kind(
        lambda now: queries.stretches(queries.public_clips(now=now), "changed_at"), _videos, _VIDEO
    ),
}
