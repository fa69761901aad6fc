"""Quiet times: staff turn sending off while they bring much in at once, and on again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User
from portal.post.models import UNDER_WAY, Mail

from .channels import TEMPLATE
from .models import ChannelKind, Quiet
from .telling import untold


class NoReason(Exception):
    """Sending is not turned off without a reason. The message is for the reader."""

    def __init__(self) -> None:
        super().__init__(_("Turning sending off takes a reason. Other staff will read it."))


@dataclass(frozen=True, slots=True)
class Ahead:
    """What goes out as soon as sending is on."""

    moments: int
    members: int
    mails: int
    """Those that wait in the outbox."""


def be_quiet(*, by: User, reason: str, now: datetime, is_kept: bool = False) -> Quiet:
    """From now on nothing is sent, until `speak`. Again, and the first one stands.

    Of what comes in meanwhile nobody is ever told, unless it `is_kept`. Raises NoReason.
    """
    if not reason.strip():
        raise NoReason
    try:
        with transaction.atomic():
            return Quiet.objects.create(
                started_at=now, reason=reason.strip(), started_by=by, is_kept=is_kept
            )
    except IntegrityError:
        running = running_now()
        if running is None:
            raise
        return running


def speak(*, now: datetime) -> bool:
    """Send again. False where sending is on."""
    return bool(Quiet.objects.filter(ended_at__isnull=True).update(ended_at=now))


def running_now() -> Quiet | None:
    """The quiet time that nobody has ended."""
    return Quiet.objects.filter(ended_at__isnull=True).first()


def ahead(*, now: datetime) -> Ahead:
    """What would go out by mail if sending were turned on now. Three queries."""
    waiting = untold(ChannelKind.EMAIL, now=now)
    return Ahead(
        moments=waiting.count(),
        members=waiting.values("alert__owner").distinct().count(),
        mails=Mail.objects.filter(template=TEMPLATE, state__in=UNDER_WAY).count(),
    )
