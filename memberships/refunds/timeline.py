"""Timeline: how far a refund is, in the words of whoever waits for the money."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from memberships.purchases import numbers
from memberships.purchases.amounts import written

from .models import Refund
from .queries import latest_refund

State = Refund.State
BANK_DAYS = 10  # business days that a bank may take, by what Stripe says of card refunds


class Mark(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    LATER = "later"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step: what it is, since when, and what it means."""

    says: str
    mark: Mark
    at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """A refund and its steps, in order."""

    refund: Refund
    title: str
    amount: str
    steps: tuple[Step, ...]

    @property
    def credit_note(self) -> str:
        """The number of its paper; empty until the money was sent."""
        number = self.refund.credit_note_number
        return "" if number is None else numbers.credit_note(number)

    @property
    def may_say_why(self) -> bool:
        return _is_own(self.refund) and not self.refund.reason and not _is_in_trouble(self.refund)


def timeline(refund: Refund) -> Timeline:
    """How far this refund is. Costs a query where it was not needed any more."""
    received = Step(
        says=_("Request received") if _is_own(refund) else _("Begun"),
        mark=Mark.DONE,
        at=refund.requested_at,
    )
    return Timeline(
        refund=refund,
        title=_title(refund),
        amount=written(refund.amount, refund.purchase.currency),
        steps=(received, *_after(refund)),
    )


def shown_by(settled_at: datetime) -> date:
    """The day by which a bank shows the money: ten days later that are no Saturday or Sunday."""
    day, left = localtime(settled_at).date(), BANK_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _is_own(refund: Refund) -> bool:
    return refund.origin == Refund.Origin.SELF_SERVICE


def _title(refund: Refund) -> str:
    if refund.state == State.SUCCEEDED:
        return _("Your refund was sent to your bank")
    if _is_in_trouble(refund):
        return _("Your refund did not go through")
    if refund.state == State.CANCELED:
        return _("This refund was not needed any more")
    return _("We received your request") if _is_own(refund) else _("Your refund is on its way")


def _is_in_trouble(refund: Refund) -> bool:
    """It failed, or Stripe had it and called it off. (Without Stripe's id it was never begun.)"""
    was_called_off = refund.state == State.CANCELED and refund.stripe_refund_id is not None
    return refund.state == State.FAILED or was_called_off


def _after(refund: Refund) -> tuple[Step, ...]:
    if _is_in_trouble(refund):
        return (
            Step(
                says=_("Did not go through"),
                mark=Mark.FAILED,
                at=refund.settled_at,
                text=_trouble(refund),
            ),
        )
    if refund.state == State.CANCELED:
        return (
            Step(says=_("Not needed"), mark=Mark.DONE, at=refund.settled_at, text=_other(refund)),
        )
    shown = _("On your statement")
    if refund.state == State.SUCCEEDED and refund.settled_at is not None:
        day = date_format(shown_by(refund.settled_at), "DATE_FORMAT")
        by = _("Banks take 5 to 10 business days: look for it by %(day)s.") % {"day": day}
        return (
            Step(says=_("Sent to your bank"), mark=Mark.DONE, at=refund.settled_at),
            Step(says=shown, mark=Mark.NOW, text=by),
        )
    return (
        Step(says=_("Being sent to your bank"), mark=Mark.NOW, text=_waits_for(refund)),
        Step(says=shown, mark=Mark.LATER, text=_("5 to 10 business days after that.")),
    )


def _waits_for(refund: Refund) -> str:
    if refund.state == State.REQUIRES_ACTION:
        return _(
            "Our payment service needs something from you and has written to you. When you have "
            "answered its mail, the money is sent."
        )
    if refund.state == State.PENDING:
        return _("Our payment service has it, and sends it as soon as it can. This may take days.")
    if refund.error:
        return _(
            "Our payment service does not answer just now. We keep trying. Your request counts "
            "from the time above, and you need do nothing."
        )
    return _("It is being sent, which takes a few minutes. You need do nothing.")


def _trouble(refund: Refund) -> str:
    if refund.failure_reason == "charge_disputed":
        return _(
            "The payment was disputed with your bank before the refund reached it. The bank "
            "decides about the money now, and tells you."
        )
    return _(
        "The money is with us, not lost. We look into it, send it another way if we must, and "
        "write to you. You need do nothing."
    )


def _other(refund: Refund) -> str:
    """What made this one unnecessary, where it is known."""
    other = latest_refund(refund.purchase)
    if other is None or other.pk == refund.pk:
        return _("The money had gone back already.")
    return _("The money went back by another refund, of %(amount)s.") % {
        "amount": written(other.amount, refund.purchase.currency)
    }
