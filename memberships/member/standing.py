"""Standing: what a buyer may do about a purchase today, and how far a refund of it is."""

from dataclasses import dataclass
from datetime import date

from memberships.payments import requesting
from memberships.payments.requesting import CannotRefund, NothingLeft, RefundUnderWay, WithStaff
from memberships.purchases import cards, guarantee, numbers
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase
from memberships.refunds.models import Refund
from memberships.refunds.queries import latest_refund


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A purchase and its guarantee: `left` can be asked for, or `refusal` says why nothing can."""

    purchase: Purchase
    left: str = ""
    refusal: CannotRefund | None = None
    last_refund: Refund | None = None
    has_access: bool = False

    @property
    def follows(self) -> Refund | None:
        """The refund to follow instead of asking: one is on its way, or all has gone back."""
        if isinstance(self.refusal, RefundUnderWay):
            return self.refusal.refund
        is_gone = isinstance(self.refusal, NothingLeft) and not isinstance(self.refusal, WithStaff)
        return self.last_refund if is_gone else None

    @property
    def failed_before(self) -> Refund | None:
        """The last refund, where it failed: then another can be asked for."""
        last = self.last_refund
        return last if last is not None and last.state == Refund.State.FAILED else None

    @property
    def paid(self) -> str:
        return written(self.purchase.amount_total, self.purchase.currency)

    @property
    def came_back(self) -> str:
        """What has arrived back so far; empty where nothing has."""
        gone = self.purchase.amount_refunded
        return written(gone, self.purchase.currency) if gone else ""

    @property
    def card(self) -> str:
        """The card that it goes back to; empty where it was not paid by one."""
        return cards.said(self.purchase)

    @property
    def receipt(self) -> str:
        number = self.purchase.receipt_number
        return numbers.receipt(number) if number is not None else ""

    @property
    def last_day(self) -> date | None:
        until = self.purchase.refundable_until
        return guarantee.last_day(until) if until else None

    @property
    def email(self) -> str:
        """The account's address, so that its owner knows it and nobody else can use it."""
        return masked(self.purchase.user.email) if self.purchase.user else ""


def of(purchase: Purchase) -> Standing:
    """Where a purchase stands now, by the database's clock."""
    left, refusal = "", None
    try:
        left = written(requesting.left_for_buyer(purchase), purchase.currency)
    except CannotRefund as no:
        refusal = no
    return Standing(
        purchase=purchase,
        left=left,
        refusal=refusal,
        last_refund=latest_refund(purchase),
        has_access=purchase.memberships.live().exists(),
    )


def masked(email: str) -> str:
    """An address of which only its first letter and its domain are shown: a•••@example.org."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"
