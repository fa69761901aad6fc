"""What every page knows: the site's name, the experience, the announcement, its own address."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from . import preferences, queries


def site(request: HttpRequest) -> dict[str, Any]:
    """Lazy where a query is needed, so that parts of pages do not ask."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "canonical": settings.SITE_URL + request.path,
        "experience": SimpleLazyObject(lambda: preferences.experience(request)),
        "announcement": SimpleLazyObject(
            lambda: queries.announcement(
                now=timezone.now(), closed=preferences.closed_announcement(request)
            )
        ),
    }
