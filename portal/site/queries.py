"""Reading what the site shows on every page."""

from datetime import datetime

from .models import Announcement


def announcement(*, now: datetime, closed: int | None) -> Announcement | None:
    """The newest running announcement, unless this visitor has closed it."""
    newest = Announcement.objects.running(at=now).order_by("-active_from", "-id").first()
    if newest is None or (newest.dismissible and newest.pk == closed):
        return None
    return newest
