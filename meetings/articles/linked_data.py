"""What an article says of itself to machines: schema.org in JSON-LD."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse

from .public_log import Entry
from .showing import ArticlePage


def news_article(page: ArticlePage, corrections: Iterable[Entry] = ()) -> dict[str, Any]:
    """The article as a NewsArticle, free as a whole; the recording that it rests on is not.

    https://schema.org/NewsArticle; which part is free: `isAccessibleForFree` with `hasPart`, as
    search engines ask for where a page shows less than it speaks of.
    """
    article, meeting = page.article, page.article.meeting
    publisher = {"@type": "Organization", "name": settings.SITE_NAME, "url": settings.SITE_URL}
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "description": article.standfirst,
        "inLanguage": article.language,
        "url": settings.SITE_URL + article.get_absolute_url(),
        "image": settings.SITE_URL + reverse("article-share", args=[article.pk]),
        "mainEntityOfPage": settings.SITE_URL + article.get_absolute_url(),
        "datePublished": article.published_at,
        "dateModified": article.updated_at,
        "author": publisher,
        "publisher": publisher,
        "about": {
            "@type": "Event",
            "name": meeting.title,
            "startDate": meeting.held_on,
            "url": settings.SITE_URL + meeting.get_absolute_url(),
            "organizer": {"@type": "GovernmentOrganization", "name": meeting.body.name},
            "location": {"@type": "Place", "name": meeting.body.place.name},
        },
        "isAccessibleForFree": True,
        "hasPart": {
            "@type": "WebPageElement",
            "isAccessibleForFree": True,
            "cssSelector": ".article-text",
        },
        "isBasedOn": {
            "@type": "CreativeWork",
            "name": meeting.title,
            "url": settings.SITE_URL + meeting.get_absolute_url(),
            "isAccessibleForFree": False,
        },
        "correction": [_correction(one) for one in corrections],
    }


def _correction(entry: Entry) -> dict[str, Any]:
    """https://schema.org/CorrectionComment; before and after stand at its address."""
    correction = entry.correction
    return {
        "@type": "CorrectionComment",
        "text": correction.reason,
        "datePublished": correction.decided_at,
        "url": settings.SITE_URL + correction.get_absolute_url(),
    }
