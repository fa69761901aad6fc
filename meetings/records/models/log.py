"""Change and Follower: the log of what became of meetings, and how far who follows it has come."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Func, Q


class CurrentTransaction(Func):
    """The id of the transaction that writes, by which followers read in order of commit."""

    template = "(pg_current_xact_id()::text)::bigint"
    output_field = models.BigIntegerField()


class CurrentSystem(Func):
    """The identifier of the database cluster: a restored dump lies in another one."""

    template = "(pg_control_system()).system_identifier"
    output_field = models.BigIntegerField()


class Horizon(Func):
    """The oldest transaction that may still write: all below it is committed and seen, or gone."""

    template = "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"
    output_field = models.BigIntegerField()


class ChangeQuerySet(models.QuerySet["Change"]):
    def settled(self) -> Self:
        """Those before which no other will ever appear. A former system's log is closed."""
        return self.filter(Q(xid__lt=Horizon()) | ~Q(system=CurrentSystem()))

    def beyond(self, *, xid: int, change: int) -> Self:
        """Those that come after this one in the order of the log."""
        return self.filter(Q(xid__gt=xid) | Q(id__gt=change), xid__gte=xid)

    def in_order(self) -> Self:
        return self.order_by("xid", "id")


class Change(models.Model):
    """One row of the log that higher rooms follow. Written by `changes.record` alone.

    `meeting_id` is a bare number: the log outlives what it speaks of. `xid` counts within `system`.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published"
        EDITED = "edited"
        WITHDRAWN = "withdrawn"
        AGENDA = "agenda"

    system = models.BigIntegerField(db_default=CurrentSystem(), editable=False)
    xid = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    meeting_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["xid", "id"], name="change_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["published", "edited", "withdrawn", "agenda"]),
                name="change_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"meeting {self.meeting_id} {self.kind}"


class Follower(models.Model):
    """How far one of those who follow the log has come: it has done all up to this change."""

    name = models.CharField(max_length=30, primary_key=True)
    system = models.BigIntegerField()
    xid = models.BigIntegerField()
    change = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name
