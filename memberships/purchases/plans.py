"""Putting a plan on offer, and succeeding one that is sold."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from .models import Plan, PlanStock


class SucceededAlready(Exception):
    """Another plan has taken this one's place."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            _("%(plan)s was succeeded before. Succeed the plan that took its place.")
            % {"plan": plan}
        )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a plan says. `amount` in minor units, tax included; `capacity` None for no cap."""

    name: str
    amount: int
    currency: str
    stripe_price_id: str = ""
    guarantee_days: int = 30
    capacity: int | None = None


def make(*, terms: Terms, active: bool, succeeds: Plan | None = None) -> Plan:
    """A new plan, with its places where there is a cap. Raises IntegrityError against the rules."""
    with transaction.atomic():
        plan = Plan.objects.create(
            name=terms.name,
            amount=terms.amount,
            currency=terms.currency,
            stripe_price_id=terms.stripe_price_id,
            guarantee_days=terms.guarantee_days,
            active=active,
            succeeds=succeeds,
        )
        if terms.capacity is not None:
            PlanStock.objects.create(plan=plan, capacity=terms.capacity)
    return plan


def limit(*, plan: Plan, capacity: int | None) -> None:
    """Give a plan that nobody has begun to buy so many places, or take away its cap."""
    if capacity is None:
        PlanStock.objects.filter(plan=plan).delete()
    else:
        PlanStock.objects.update_or_create(plan=plan, defaults={"capacity": capacity})


def terms_of(plan: Plan) -> dict[str, str | int | None]:
    """What a plan says, to begin other terms with."""
    stock = PlanStock.objects.filter(plan=plan).first()
    return {
        "name": plan.name,
        "amount": plan.amount,
        "currency": plan.currency,
        "guarantee_days": plan.guarantee_days,
        "capacity": stock.capacity if stock else None,
    }


def succeed(*, plan: Plan, terms: Terms) -> Plan:
    """A plan on other terms in the place of this one, on offer if this one was.

    Who bought before keeps what was sold. Raises SucceededAlready.
    """
    with transaction.atomic():
        held = Plan.objects.select_for_update().get(pk=plan.pk)
        if Plan.objects.filter(succeeds=held).exists():
            raise SucceededAlready(held)
        Plan.objects.filter(pk=held.pk).update(active=False)  # before another can be
        return make(terms=terms, active=held.active, succeeds=held)


def offer(*, plan: Plan, active: bool) -> None:
    """Put a plan on offer in place of any other, or take it off."""
    with transaction.atomic():
        if active:
            Plan.objects.on_offer().exclude(pk=plan.pk).update(active=False)
        Plan.objects.filter(pk=plan.pk).update(active=active)
    plan.refresh_from_db()
