"""What the index is made from: the meetings in public, and where the log of changes stands."""

from django.db import connection
from django.db.models import QuerySet

from meetings.records.models import Meeting


def indexable() -> QuerySet[Meeting]:
    """The meetings of which something may be found, with body and place, the oldest first."""
    return Meeting.objects.in_public().select_related("body__place").order_by("held_on", "pk")


def horizon() -> tuple[int, int]:
    """The database cluster's identifier, and the oldest transaction that may still write.

    All that was written under lower numbers is committed and seen by whoever reads after this.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " FROM pg_control_system()"
        )
        system, xid = cursor.fetchone()
    return int(system), int(xid)
