"""Notices: what readers who left an address are told, put into the outbox with what it tells of."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from portal.post import services as post

from . import public_log
from .models import Correction, ErrorReport


def decided(correction: Correction, reports: Iterable[ErrorReport], *, now: datetime) -> None:
    """Tell those who reported it what came of it: each address once, by its oldest report.

    What they wrote is not said back to them: whoever wrote it may have left another's address.
    """
    told: set[str] = set()
    entry = public_log.entry(correction)
    for report in reports:
        address = report.email.casefold()
        if not address or address in told:
            continue
        told.add(address)
        post.queue(
            key=f"report-{report.pk}-decided",
            person=person(report.pk),
            to=report.email,
            subject=_("What came of the error that you reported"),
            template="articles/decided",
            context={
                "entry": entry,
                "correction": correction,
                "article": correction.article,
                "url": settings.SITE_URL + correction.get_absolute_url(),
                "days": settings.REPORT_ADDRESS_DAYS,
            },
            now=now,
        )


def forget(report_id: int, *, now: datetime) -> None:
    """Drop the mail to whoever sent a report, once it has been sent."""
    post.forget(person=person(report_id), now=now)


def person(report_id: int) -> str:
    """By which the outbox knows who sent a report."""
    return f"report-{report_id}"
