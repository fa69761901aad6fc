"""What the pages of a member show: papers, and the account with all that was bought."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.accounts.queries import has_second_factor
from memberships.purchases import cards, guarantee, numbers
from memberships.purchases.amounts import written
from memberships.purchases.models import Membership, Purchase, PurchaseQuerySet
from memberships.purchases.queries import latest_membership
from memberships.refunds.models import IN_FLIGHT, Refund

State = Purchase.State


def receipts(user: User) -> PurchaseQuerySet:
    """The purchases whose receipt this person may read: their own, and all for staff."""
    numbered = Purchase.objects.filter(receipt_number__isnull=False).select_related("plan", "user")
    return numbered if _reads_all(user) else numbered.owned_by(user)


def credit_notes(user: User) -> QuerySet[Refund]:
    """The refunds whose credit note this person may read."""
    numbered = Refund.objects.filter(credit_note_number__isnull=False)
    numbered = numbered.select_related("purchase__plan", "purchase__user")
    return numbered if _reads_all(user) else numbered.filter(purchase__user=user)


def _reads_all(user: User) -> bool:
    """Staff, signed in as staff must be."""
    return user.is_staff and (not settings.STAFF_SECOND_FACTOR or has_second_factor(user))


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditNote:
    """A refund's paper: its row, its number, and whether it still counts."""

    refund: Refund
    number: str
    amount: str
    is_void: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Bought:
    """A purchase as its buyer sees it: what became of it, in a sentence, and what can be done."""

    purchase: Purchase
    says: str
    receipt: str  # its number; empty where there is none
    left: str  # what has not gone back
    credit_notes: tuple[CreditNote, ...]
    refund_under_way: Refund | None
    guaranteed_until: date | None  # while the button is there; a bank that decides takes it away
    bank_decides: bool
    is_unpaid: bool  # and can still be paid


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What a person holds, and all that was bought, the newest first."""

    membership: Membership | None
    bought: tuple[Bought, ...]

    @property
    def guaranteed(self) -> Bought | None:
        """The purchase whose money can be asked back now."""
        return next((one for one in self.bought if one.guaranteed_until), None)

    @property
    def refund_under_way(self) -> Refund | None:
        return next((one.refund_under_way for one in self.bought if one.refund_under_way), None)

    @property
    def bank_decides(self) -> bool:
        return any(one.bank_decides for one in self.bought)


def account(user: User) -> Account:
    """What the account page shows, in four queries at most however much was bought."""
    in_time = ExpressionWrapper(Q(refundable_until__gte=Now()), output_field=BooleanField())
    refunds = Refund.objects.order_by("-requested_at", "-pk")
    purchases = (
        Purchase.objects.owned_by(user)
        .select_related("plan")
        .prefetch_related(Prefetch("refunds", refunds))
        .annotate(is_in_time=in_time)
        .order_by("-created_at")
    )
    return Account(
        membership=latest_membership(user), bought=tuple(_bought(one) for one in purchases)
    )


def _bought(purchase: Purchase) -> Bought:
    refunds = list(purchase.refunds.all())
    under_way = next((one for one in refunds if one.state in IN_FLIGHT), None)
    number = purchase.receipt_number
    until = purchase.refundable_until
    may_ask = (
        getattr(purchase, "is_in_time", False)
        and purchase.state == State.PAID
        and purchase.amount_left > 0
        and (under_way is None or under_way.origin == Refund.Origin.DASHBOARD)
    )
    return Bought(
        purchase=purchase,
        says=_says(purchase, refunds),
        receipt="" if number is None else numbers.receipt(number),
        left=written(purchase.amount_left, purchase.currency),
        credit_notes=tuple(_credit_note(one, purchase) for one in refunds if one.credited_at),
        refund_under_way=under_way,
        guaranteed_until=guarantee.last_day(until) if until and may_ask else None,
        bank_decides=purchase.state == State.DISPUTED,
        is_unpaid=purchase.state in {State.CREATED, State.OPEN},
    )


def _credit_note(refund: Refund, purchase: Purchase) -> CreditNote:
    return CreditNote(
        refund=refund,
        number=numbers.credit_note(refund.credit_note_number or 0),
        amount=written(refund.amount, purchase.currency),
        is_void=refund.state != Refund.State.SUCCEEDED,
    )


def _says(purchase: Purchase, refunds: list[Refund]) -> str:
    """What became of a purchase, in a sentence or two."""
    words = {
        "paid": written(purchase.amount_total, purchase.currency),
        "back": written(purchase.amount_refunded, purchase.currency),
        "day": _day(purchase),
        "card": cards.said(purchase),
    }
    not_paid = _("Begun on %(day)s, and not paid yet.")
    says = {
        State.CREATED: not_paid,
        State.OPEN: not_paid,
        State.PROCESSING: _on_its_way(purchase),
        State.PAID: _paid(purchase) + _failed(refunds),
        State.REFUND_PENDING: _paid(purchase) + " " + _("Your refund is on its way."),
        State.REFUNDED: _("You paid %(paid)s on %(day)s, and all of it was sent back."),
        State.DISPUTED: _paid(purchase)
        + " "
        + _("Your bank was asked to take it back, and decides about it now."),
        State.CHARGED_BACK: _paid(purchase) + " " + _("Your bank took it back."),
        State.EXPIRED: _("Begun on %(day)s and not paid in time. Nothing was taken."),
        State.PAYMENT_FAILED: _("Begun on %(day)s. The payment failed, and nothing was taken."),
    }
    if purchase.state == State.PAYMENT_FAILED and purchase.payment_intent_id and refunds:
        return _("What you paid was sent back.")
    return says[State(purchase.state)] % words


def _failed(refunds: list[Refund]) -> str:
    """About the refund that was asked for last, where it came back."""
    if not refunds or refunds[0].state != Refund.State.FAILED:
        return ""
    return " " + _("A refund of it did not go through, and we are looking into it.")


def _on_its_way(purchase: Purchase) -> str:
    if purchase.attention:
        return _(
            "Your payment came, and something about it is not as it should be. We look into it "
            "and write to you. Nothing is lost."
        )
    return _(
        "Your payment of %(paid)s is on its way. Some banks take days; everything opens when it "
        "arrives."
    )


def _paid(purchase: Purchase) -> str:
    says = _("You paid %(paid)s on %(day)s.")
    if purchase.card_last4:
        says = _("You paid %(paid)s on %(day)s with %(card)s.")
    if purchase.amount_refunded:
        says += " " + _("%(back)s of it was sent back.")
    return says


def _day(purchase: Purchase) -> str:
    return date_format(localtime(purchase.paid_at or purchase.created_at), "DATE_FORMAT")
