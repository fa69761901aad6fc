"""Leaving: what a person has here, and would give up by closing the account."""

import hashlib
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from memberships.accounts.models import User
from memberships.purchases import guarantee
from memberships.purchases.amounts import written
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Refund

State = Purchase.State
AT_CHECKOUT = [State.CREATED, State.OPEN]


@dataclass(frozen=True, kw_only=True, slots=True)
class AtStake:
    """What a person has here that closing the account ends, or lets go on without them."""

    membership: Membership | None = None
    guaranteed: Purchase | None = None  # its money can still be asked back
    refunds: list[Refund] = field(default_factory=list)  # on their way
    arriving: list[Purchase] = field(default_factory=list)  # paid, and the money is on its way
    has_checkout: bool = False
    has_bought: bool = False
    is_last_superuser: bool = False

    @property
    def told(self) -> str:
        """What the page said, in short: who confirms it confirms this and nothing else."""
        held = self.membership and (self.membership.pk, self.membership.status)
        money = [self.guaranteed, *self.refunds, *self.arriving]
        text = repr((held, [str(one.pk) for one in money if one]))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def last_day(self) -> date | None:
        """Until when the money can be asked back, the day included, in any time zone."""
        until = self.guaranteed and self.guaranteed.refundable_until
        return guarantee.last_day(until) if until else None

    @property
    def returning(self) -> list[str]:
        """The amounts on their way back, as people read them."""
        return [written(one.amount, one.purchase.currency) for one in self.refunds]

    @property
    def coming(self) -> list[str]:
        """The amounts on their way to us, as people read them."""
        return [written(one.amount_total, one.currency) for one in self.arriving]


def at_stake(user: User) -> AtStake:
    """What closing this account would cost now. Seven queries at most."""
    purchases = Purchase.objects.owned_by(user)
    return AtStake(
        membership=Membership.objects.owned_by(user).live().first(),
        guaranteed=purchases.refundable_by_member().order_by("paid_at").last(),
        refunds=list(
            Refund.objects.in_flight()
            .filter(purchase__user=user)
            .select_related("purchase")
            .order_by("pk")
        ),
        arriving=list(purchases.filter(state=State.PROCESSING).order_by("pk")),
        has_checkout=purchases.filter(state__in=AT_CHECKOUT).exists(),
        has_bought=purchases.bought().exists(),
        is_last_superuser=user.is_superuser and not _other_superusers(user).exists(),
    )


def _other_superusers(user: User) -> QuerySet[User]:
    return User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
