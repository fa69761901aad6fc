"""Selling: from the button of the offer to Stripe's page, once for each buyer.

The purchase is committed, with its place held, before Stripe is called. Whoever presses again, in
another tab or after a crash, comes to the same session; a new one is made only when Stripe says
that the old one is over, or was never made.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.gateway.client import Patience
from memberships.gateway.refusals import StripeRefused, TryAgainLater
from memberships.purchases import stock
from memberships.purchases.models import (
    Membership,
    Plan,
    PlanQuerySet,
    Purchase,
    PurchaseQuerySet,
)

from . import openings
from .granting import PAID_FOR
from .settling import StillMoving, settle

log = structlog.get_logger(__name__)

ROUNDS_MAX = 6  # how often others, or Stripe, may turn the sale another way
UNKNOWN = (TryAgainLater, StillMoving)

State = Purchase.State


class CannotSell(Exception):
    """Nothing was begun and nothing taken. The message is for the reader."""


class NothingOnOffer(CannotSell):
    """No plan is on offer, or no key of Stripe is set."""

    def __init__(self) -> None:
        super().__init__(_("No membership is on sale at the moment. Nothing was taken."))


class OfferChanged(CannotSell):
    """The page that was read showed other terms than those on offer now."""

    def __init__(self) -> None:
        super().__init__(
            _("The offer has changed since you opened the page. Nothing was taken: read it again.")
        )


class SoldOut(CannotSell):
    """Every place is sold, or held by somebody at Checkout."""

    def __init__(self, *, held: int) -> None:
        super().__init__(
            _(
                "Every place is taken at the moment. Some are held by people who are paying just "
                "now, so one may be free again within half an hour. Nothing was taken from you."
            )
            if held
            else _("Every place is sold. Nothing was taken from you.")
        )


class AlreadyMember(CannotSell):
    """This person holds a membership that a purchase would not better."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(
            _("Your membership is paused. You can buy again when that has ended.")
            if membership.status == Membership.Status.SUSPENDED
            else _("You are a member already. You need not pay again.")
        )


class PaymentUnderWay(CannotSell):
    """They have paid, and the money is on its way: `purchase`."""

    def __init__(self, purchase: Purchase) -> None:
        self.purchase = purchase
        super().__init__(_("Your payment is on its way. You need not pay again."))


class CannotSellNow(CannotSell):
    """Stripe cannot be asked, or gave no session."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Stripe’s page for paying could not be opened. Nothing was taken just now. "
                "Try again in a few minutes."
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkout:
    """Where the buyer pays, and the purchase that is paid there."""

    url: str
    purchase: Purchase


def terms_of(plan: Plan) -> str:
    """What a reader of the offer relies on, as the form hands it back."""
    return f"{plan.amount} {plan.currency} {plan.guarantee_days}"


def stands_in_the_way(membership: Membership, *, now: datetime) -> bool:
    """Would its holder gain nothing by buying? What was given for a time makes room."""
    if membership.status == Membership.Status.ENDED:
        return False
    if membership.lasts_until is None:
        return True
    return membership.source in PAID_FOR and membership.lasts_until > now


def begin(
    *, user: User, plan_id: int, return_to: str, now: datetime, terms: str | None = None
) -> Checkout:
    """Where this person pays for the plan: the session that is open for them, or a new one.

    `plan_id` and `terms` (of `terms_of`) are what the buyer read: a plan that nobody has begun to
    buy can still be edited. `return_to` is a path of this site, where they go on reading; an empty
    one leaves what was wanted before. Called however often, in whatever tabs, it leads to one
    session. No transaction may be open around it. Raises the kinds of CannotSell.
    """
    for _round in range(ROUNDS_MAX):
        try:
            purchase = _begun(user, now=now)
            _refuse_members(user, now=now)
            plan = _on_offer(Plan.objects.all(), plan_id, terms)
            if purchase is None:
                purchase = _new(user, plan_id, terms, return_to=return_to, now=now)
            elif purchase.plan_id != plan.pk:
                openings.call_off(purchase, now=now)
                continue
            opened = purchase and openings.open_for(purchase, email=user.email, now=now)
        except (StripeRefused, StillMoving, openings.NoSession) as reason:
            log.warning("checkout_not_opened", why=repr(reason))
            raise CannotSellNow from reason
        if opened:
            return _lead(opened, return_to=return_to)
    raise CannotSellNow


def under_way(user: User) -> PurchaseQuerySet:
    """What this person has begun to buy for themselves, and not ended: one, or none."""
    return Purchase.objects.owned_by(user).filter(kind=Purchase.Kind.SELF).under_way()


def _begun(user: User, *, now: datetime) -> Purchase | None:
    """What this person has begun and not ended, as Stripe has it now. Raises PaymentUnderWay.

    Where Stripe is silent, a session whose time is not over is taken as it was.
    """
    purchase = under_way(user).select_related("plan").first()
    if purchase is None or purchase.checkout_session_id is None:
        return purchase
    try:
        settle(purchase.pk, now=now, patience=Patience.WEB)
    except UNKNOWN:
        if purchase.state == State.OPEN and not openings.is_over(purchase, now=now):
            return purchase
        if purchase.state != State.PROCESSING:
            raise
    purchase = under_way(user).select_related("plan").first()
    if purchase is not None and purchase.state == State.PROCESSING:
        raise PaymentUnderWay(purchase)
    return purchase


def _refuse_members(user: User, *, now: datetime) -> None:
    for membership in Membership.objects.live().owned_by(user):
        if stands_in_the_way(membership, now=now):
            raise AlreadyMember(membership)


def _on_offer(plans: PlanQuerySet, plan_id: int, terms: str | None) -> Plan:
    """The plan on offer, if it is what the buyer read."""
    plan = None
    if settings.STRIPE_SECRET_KEY:
        # Who waited for a plan that was succeeded sees its heir only when asking once more.
        plan = plans.on_offer().first() or plans.on_offer().first()
    if plan is None:
        raise NothingOnOffer
    if plan.pk != plan_id or (terms is not None and terms != terms_of(plan)):
        raise OfferChanged
    return plan


def _new(
    user: User, plan_id: int, terms: str | None, *, return_to: str, now: datetime
) -> Purchase | None:
    """A new purchase with its place held; None where another click was faster.

    The plan is held until the commit, so that its terms cannot change under the sale. Whether the
    buyer is a member is asked after the row is in: a payment that was just settled is seen.
    """
    try:
        with transaction.atomic():
            plan = _on_offer(Plan.objects.select_for_update(no_key=True), plan_id, terms)
            purchase = Purchase(
                user=user,
                plan=plan,
                amount_total=plan.amount,
                currency=plan.currency,
                livemode=settings.STRIPE_LIVEMODE,
                return_to=return_to,
                expires_at=now + openings.LASTS,
            )
            purchase.save(force_insert=True)
            _refuse_members(user, now=now)
            _hold_place(purchase)
    except IntegrityError as error:
        if "one_open_purchase_per_user" in str(error):
            return None
        if not User.objects.filter(pk=user.pk).exists():  # the account was closed meanwhile
            raise CannotSellNow from error
        raise
    return purchase


def _hold_place(purchase: Purchase) -> None:
    try:
        stock.hold(purchase)
    except stock.SoldOut:
        raise SoldOut(held=purchase.plan.stock.held) from None
    purchase.version += 1
    purchase.save(update_fields=["place", "version"])


def _lead(purchase: Purchase, *, return_to: str) -> Checkout:
    """To the page for paying; the newest way back counts."""
    if return_to and return_to != purchase.return_to:
        Purchase.objects.filter(pk=purchase.pk).update(
            return_to=return_to, version=F("version") + 1
        )
        purchase.refresh_from_db(fields=["return_to", "version"])
    return Checkout(url=purchase.checkout_url, purchase=purchase)
