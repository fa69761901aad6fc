"""Closing an account, for good.

A row of another app that hangs on a person goes with it (CASCADE) or forgets it (SET NULL); the
files of members' rows would be taken by a sweeper of their own, and there are none yet.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.gateway.refusals import NotLetIn, TryAgainLater, WillNotHelp
from memberships.payments import openings
from memberships.payments.reduction import IncompleteFacts
from memberships.payments.settling import StillMoving
from memberships.purchases import periods
from memberships.purchases.models import Membership, Purchase
from memberships.refunds import link
from memberships.refunds.models import Refund
from portal.post import services as post

from .erasing import erase
from .leaving import AT_CHECKOUT, AtStake, at_stake

log = structlog.get_logger(__name__)

ROUNDS_MAX = 4  # how often something may begin while the account is being closed
UNKNOWN = (TryAgainLater, NotLetIn, StillMoving, IncompleteFacts)


class CannotClose(Exception):
    """Nothing was deleted. The message is for the reader."""


class PaymentOpen(CannotClose):
    """A checkout is open, and Stripe could not be asked to close it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A payment of yours is open, and it could not be closed just now, so nothing was "
                "deleted. Try again in a few minutes."
            )
        )


class OtherwiseThanSaid(CannotClose):
    """What would be lost is no longer what the person was told."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Something has changed since you opened this page, so nothing was deleted. "
                "Read it once more."
            )
        )


class LastSuperuser(CannotClose):
    """Nobody else could give powers to staff any more."""

    def __init__(self) -> None:
        super().__init__(
            _("You are the last who can give powers to staff. Give them to somebody else first.")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Farewell:
    """The account is closed. `at_stake` is what was given up, empty where somebody was faster."""

    at_stake: AtStake
    email: str = ""


def close(*, user: User, told: str, now: datetime) -> Farewell:
    """Close an account for good: its person is deleted, and what stays forgets whose it was.

    An open checkout is closed at Stripe first, so that nobody can pay on it. A payment that is on
    its way goes back when it arrives, and a refund on its way goes on. `told` is the `AtStake.told`
    that the person confirmed. No transaction may be open around this. Called twice, also at the
    same moment, it closes once. Raises PaymentOpen, OtherwiseThanSaid, LastSuperuser.
    """
    if not User.objects.filter(pk=user.pk).exists():
        return Farewell(at_stake=AtStake())
    _check(at_stake(user), told)
    for _round in range(ROUNDS_MAX):
        beyond_us = _end_checkouts(user, now=now)
        with transaction.atomic():
            farewell = _delete(user, told=told, beyond_us=beyond_us, now=now)
        if farewell is not None:
            return farewell
    raise PaymentOpen


def _check(stake: AtStake, told: str) -> None:
    if stake.is_last_superuser:
        raise LastSuperuser
    if stake.told != told:
        raise OtherwiseThanSaid


def _end_checkouts(user: User, *, now: datetime) -> set[UUID]:
    """Let nobody pay any more. The ids of those about which Stripe says no whenever asked."""
    beyond_us: set[UUID] = set()
    open_ones = Purchase.objects.owned_by(user).filter(state__in=AT_CHECKOUT)
    for purchase in open_ones.order_by("pk"):
        try:
            _end_checkout(purchase, now=now)
        except UNKNOWN as unknown:
            log.warning("checkout_not_closed", purchase=str(purchase.pk), why=repr(unknown))
            raise PaymentOpen from unknown
        except WillNotHelp as no:
            # Asking again will not help, and the account is theirs: a payment would go back.
            log.error("checkout_beyond_us", purchase=str(purchase.pk), code=no.code)  # noqa: TRY400 - no bug
            beyond_us.add(purchase.pk)
    return beyond_us


def _end_checkout(purchase: Purchase, *, now: datetime) -> None:
    if purchase.checkout_session_id is None:
        session = openings.find(purchase)
        if session is None:
            openings.end(purchase)
            return
        purchase = openings.write_down(purchase, session)
    openings.call_off(purchase, now=now)


def _delete(user: User, *, told: str, beyond_us: set[UUID], now: datetime) -> Farewell | None:
    """Everything in one transaction; None where something has begun since the checkouts ended.

    Locks are taken in the one order: purchases, refunds, memberships, and the person last, because
    whoever writes a purchase or a membership has the person checked when it commits.
    """
    purchases = Purchase.objects.owned_by(user).order_by("pk")
    memberships = Membership.objects.owned_by(user).order_by("pk")
    held = list(purchases.select_for_update(of=("self",), no_key=True))
    list(Refund.objects.select_for_update().filter(purchase__in=held).order_by("pk"))
    list(memberships.select_for_update())
    if not _lock_person(user):
        return Farewell(at_stake=AtStake())  # somebody was faster
    # From here on nothing can begin: it would have to name the person.
    if purchases.filter(state__in=AT_CHECKOUT).exclude(pk__in=beyond_us).exists():
        return None
    stake = at_stake(user)
    _check(stake, told)
    periods.run_out(memberships.out_of_time(at=now).values_list("pk", flat=True))
    memberships.live().update(
        status=Membership.Status.ENDED,
        ended_at=now,
        end_reason=Membership.EndReason.ACCOUNT_DELETED,
    )
    _say_goodbye(user, stake, now=now)
    erase(user)
    User.objects.filter(pk=user.pk).delete()
    log.info("account_closed", purchases=len(held))
    return Farewell(at_stake=stake, email=user.email)


def _lock_person(user: User) -> bool:
    """Hold the person until the commit. False where the account is closed already.

    Superusers are all held, so that the last two cannot both leave at once.
    """
    people = User.objects.filter(pk=user.pk)
    if user.is_superuser:
        people |= User.objects.filter(is_superuser=True, is_active=True)
    rows = people.order_by("pk").select_for_update()
    return user.pk in rows.values_list("pk", flat=True)


def _say_goodbye(user: User, stake: AtStake, *, now: datetime) -> None:
    """The last mail. It is sent, and then forgotten with all that came before it."""
    person = f"user-{user.pk}"
    until = stake.last_day
    facts = [(_("Account"), user.email), (_("Closed"), date_format(now, "DATE_FORMAT"))]
    post.queue(
        key=f"{person}-closed",
        to=user.email,
        subject=_("Your account was closed"),
        template="member/account_closed",
        context={
            "facts": facts,
            "at_stake": stake,
            "until": until and date_format(until, "DATE_FORMAT"),
            "refund_url": _refund_url(stake.guaranteed),
        },
        name=user.display_name,
        person=person,
        now=now,
    )
    post.forget(person=person, now=now)


def _refund_url(purchase: Purchase | None) -> str:
    """Where the money can still be asked back, without an account."""
    if purchase is None:
        return ""
    token = link.token(purchase.pk)
    return str(settings.SITE_URL) + reverse("refund_by_link", args=[token])
