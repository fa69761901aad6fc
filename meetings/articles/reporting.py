"""How many reports of readers are taken: of one household, and of all together.

What is reported (articles, clips) keeps its reports itself; how they are counted is the same.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)

AN_HOUR, A_DAY = 5, 20
"""Of one household."""
AN_HOUR_OF_ALL = 200


class TooManyReports(Exception):
    """The limit of reports is reached. The message is a sentence for the reader."""


def wait_for_turn(lock: int) -> None:
    """From here to the end of the transaction nobody else counts reports of this kind.

    `lock` is a number of PostgreSQL's advisory locks, one for each kind.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def count(reports: QuerySet[M], *, reporter_hash: str, now: datetime) -> None:
    """Raise TooManyReports where one more is too many. To be called in one's turn.

    `reports` are all of one kind, with `reporter_hash` (`visitors`) and `created_at`.
    """
    own = reports.filter(reporter_hash=reporter_hash)
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    if own.filter(created_at__gt=hour).count() >= AN_HOUR:
        raise TooManyReports(
            _("You have sent %d reports in the last hour. The next one is welcome in an hour.")
            % AN_HOUR
        )
    if own.filter(created_at__gt=day).count() >= A_DAY:
        raise TooManyReports(
            _("You have sent %d reports in the last day. The next one is welcome tomorrow.") % A_DAY
        )
    if reports.filter(created_at__gt=hour).count() >= AN_HOUR_OF_ALL:
        raise TooManyReports(
            _("We have received very many reports in the last hour. Send yours again in an hour.")
        )
