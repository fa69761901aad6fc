"""Offering: what the offer says to whoever looks at it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from memberships.accounts.models import User
from memberships.gate.middleware import is_path
from memberships.payments import selling
from memberships.purchases.amounts import written
from memberships.purchases.models import Membership, Plan, Purchase

LONGEST_WAY = 500  # characters, as a purchase keeps it


class Standing(StrEnum):
    """How whoever looks stands to the offer."""

    VISITOR = "visitor"
    BUYER = "buyer"  # may buy
    AT_CHECKOUT = "at_checkout"  # has begun to
    PAYING = "paying"  # the money is on its way
    MEMBER = "member"
    PAUSED = "paused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What is on sale, if anything, and to whom. `left` is None where places are not counted."""

    plan: Plan | None
    left: int | None
    standing: Standing
    purchase: Purchase | None = None
    membership: Membership | None = None

    @property
    def price(self) -> str:
        """With its sign, tax included."""
        return written(self.plan.amount, self.plan.currency) if self.plan else ""

    @property
    def terms(self) -> str:
        """What the form hands back, so that nobody pays for other terms than they read."""
        return selling.terms_of(self.plan) if self.plan else ""

    @property
    def is_sold_out(self) -> bool:
        return self.left is not None and self.left <= 0


def offer_to(user: AbstractBaseUser | AnonymousUser, *, now: datetime) -> Offer:
    """Three queries at most; one for a visitor."""
    plan = None
    if settings.STRIPE_SECRET_KEY:
        plan = Plan.objects.on_offer().select_related("stock").first()
    stock = getattr(plan, "stock", None)
    left = max(stock.left, 0) if stock else None
    if not isinstance(user, User):
        return Offer(plan=plan, left=left, standing=Standing.VISITOR)
    membership = Membership.objects.live().owned_by(user).first()
    if membership is not None and selling.stands_in_the_way(membership, now=now):
        is_paused = membership.status == Membership.Status.SUSPENDED
        standing = Standing.PAUSED if is_paused else Standing.MEMBER
        return Offer(plan=plan, left=left, standing=standing, membership=membership)
    purchase = selling.under_way(user).first()
    standing = Standing.BUYER
    if purchase is not None and purchase.state == Purchase.State.PROCESSING:
        standing = Standing.PAYING
    elif purchase is not None and plan is not None and purchase.plan_id == plan.pk:
        standing = Standing.AT_CHECKOUT
    return Offer(plan=plan, left=left, standing=standing, purchase=purchase, membership=membership)


def kind_of_money() -> str:
    """Whether buying moves any: "real", "test" with test keys of Stripe, "sandbox" beside it."""
    if settings.STRIPE_SANDBOX:
        return "sandbox"
    return "test" if settings.STRIPE_SECRET_KEY and not settings.STRIPE_LIVEMODE else "real"


def checked_way(wanted: str) -> str:
    """A path of this site to come back to, fit to be kept; empty for anything else."""
    is_fit = is_path(wanted) and wanted.isprintable() and len(wanted) <= LONGEST_WAY
    return wanted if is_fit else ""


def address_of_offer(back: str) -> str:
    """The path of the offer, which leads back to where the reader was."""
    return reverse("membership") + (f"?{urlencode({'next': back})}" if back else "")
