"""Channels: closing one that its member wants no more of, or that fails for good; opening it again.

A channel that is closed says why, and the site shows it. What was found meanwhile is not told later
than `telling.TOLD_WITHIN`.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User
from portal.post import addresses
from portal.post.models import Mail
from portal.post.models import State as MailState

from .cadence import Rhythm
from .models import Channel, ChannelKind, Digest, DigestState, Schedule

LOOKED_BACK = timedelta(days=14)
TEMPLATE = "alerts/digest"


def stop_mail(*, owner: int, now: datetime) -> None:
    """No alert mail to this member any more, until they want it again. Again, and nothing changes.

    Nor does it where there is no such member: nobody gets mail then.
    """
    if not User.objects.filter(pk=owner).exists():
        return
    channel, _made = Channel.objects.get_or_create(owner_id=owner, kind=ChannelKind.EMAIL)
    pause(channel, reason=_("You stopped alert mail."), now=now)


def open_feed(*, owner: User, secret: str) -> Channel:
    """The member's feed under this secret: a new one, or the address of theirs changed."""
    channel, _made = Channel.objects.update_or_create(
        owner=owner, kind=ChannelKind.FEED, defaults={"secret": secret}
    )
    return channel


def open_webhook(*, owner: User, address: str, secret: str) -> Channel:
    """The member's webhook at this address, and open. Raises addresses.NotAllowed.

    Nobody is asked where the name leads: that is looked at each time that it is called.
    """
    addresses.parsed(address)
    channel, _made = Channel.objects.update_or_create(
        owner=owner,
        kind=ChannelKind.WEBHOOK,
        defaults={
            "address": address,
            "secret": secret,
            "failures": 0,
            "failing_since": None,
            "paused_at": None,
            "paused_reason": "",
        },
    )
    return channel


def reschedule(*, owner: User, rhythm: Rhythm) -> None:
    """When this member's digests come. A day that was told of is not told of again."""
    given = {"hour": rhythm.hour, "weekday": rhythm.weekday, "time_zone": rhythm.zone.key}
    Schedule.objects.update_or_create(owner=owner, defaults=given)


def pause(channel: Channel, *, reason: str, now: datetime) -> bool:
    """Close a channel, with a reason fit for its member. False where it is closed already."""
    return bool(
        Channel.objects.open().filter(pk=channel.pk).update(paused_at=now, paused_reason=reason)
    )


def resume(channel: Channel) -> bool:
    """Open a channel again. False where it is open."""
    closed = Channel.objects.filter(pk=channel.pk, paused_at__isnull=False)
    return bool(closed.update(paused_at=None, paused_reason="", failures=0, failing_since=None))


def heed_bounces(*, now: datetime) -> int:
    """Close the mail of members whose side refuses it, or took none for days. Says how many.

    Not where the member has another address by now: it was the old one that refused. Each message
    is heeded once, and its words stay where they are.
    """
    sent = Digest.objects.filter(key=OuterRef("key"), state=DigestState.SENT)
    failed = Mail.objects.filter(
        Exists(sent),
        template=TEMPLATE,
        state__in=[MailState.REFUSED, MailState.DEAD],
        ended_at__gt=now - LOOKED_BACK,
    )
    closed = 0
    for key, address, error in failed.order_by("ended_at").values_list("key", "address", "error"):
        digest = Digest.objects.select_related("channel__owner").filter(key=key).first()
        if digest is None:
            continue  # the account was closed just now
        if address == digest.channel.owner.email:
            closed += pause(
                digest.channel,
                reason=_("Mail to %(address)s came back: %(error)s")
                % {"address": address[:100], "error": error[:100]},
                now=now,
            )
        Digest.objects.filter(pk=digest.pk, state=DigestState.SENT).update(
            state=DigestState.FAILED, error=error
        )
    return closed
