"""Plan and PlanStock: what is sold, at which price, and how many places there are."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PlanQuerySet(models.QuerySet["Plan"]):
    """Filters that read as sentences."""

    def on_offer(self) -> Self:
        """What the offer shows and Checkout charges: one plan, or none."""
        return self.filter(active=True)

    def sold(self) -> Self:
        """Those that somebody has begun to buy: their terms stand for good."""
        from .purchase import Purchase

        return self.filter(Exists(Purchase.objects.filter(plan=OuterRef("pk"))))


class Plan(models.Model):
    """Terms of a sale. Once anybody has begun to buy, they are never edited, but succeeded.

    PostgreSQL holds to that (the trigger `plan_sold_keeps_its_terms`): afterwards only `active`
    may change. The price is the gross price. Where `stripe_price_id` is empty, Checkout is told
    name, amount and currency inline.
    """

    TERMS = ("name", "amount", "currency", "stripe_price_id", "guarantee_days", "succeeds")

    name = models.CharField(_("name"), max_length=120, help_text=_("As the receipt says it."))
    amount = models.PositiveBigIntegerField(
        _("price"), help_text=_("In minor units, tax included: 19900 is $199.00.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, help_text=_("Three letters in lower case: usd.")
    )
    stripe_price_id = models.CharField(
        _("Stripe price"),
        max_length=255,
        blank=True,
        help_text=_("Begins with price_. Empty: Stripe is told name, price and currency."),
    )
    guarantee_days = models.PositiveSmallIntegerField(
        _("guarantee"), default=30, db_default=30, help_text=_("Days with the money back.")
    )
    active = models.BooleanField(
        _("on offer"), default=False, db_default=False, help_text=_("One plan at a time.")
    )
    succeeds = models.OneToOneField(
        "self",
        verbose_name=_("succeeds"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successor",
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Plan"]] = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(
                fields=["active"],
                condition=Q(active=True),
                name="one_plan_on_offer",
                violation_error_message=_("Another plan is on offer. Succeed that one instead."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="plan_costs_something",
                violation_error_message=_("A plan costs something."),
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[a-z]{3}$"),
                name="plan_currency_is_lower_case",
                violation_error_message=_("A currency is three letters in lower case, as in usd."),
            ),
            models.CheckConstraint(
                condition=Q(stripe_price_id="") | Q(stripe_price_id__startswith="price_"),
                name="plan_stripe_price_is_one",
                violation_error_message=_("Stripe's prices begin with price_."),
            ),
            models.CheckConstraint(
                condition=Q(guarantee_days__gte=1, guarantee_days__lte=365),
                name="plan_guarantee_is_a_year_at_most",
                violation_error_message=_("A guarantee lasts from 1 to 365 days."),
            ),
            models.CheckConstraint(
                condition=~Q(succeeds=F("id")), name="plan_does_not_succeed_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanStock(models.Model):
    """Places of a plan that has a cap. A plan without this row has no cap.

    Held while somebody is at Checkout, sold once paid. A place whose purchase is refunded stays
    sold: a refund can fail days later, and its member must never find the place gone. More places
    are offered by a plan that succeeds this one.
    """

    plan = models.OneToOneField(
        Plan,
        verbose_name=_("plan"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="stock",
    )
    capacity = models.PositiveIntegerField(_("places"))
    held = models.IntegerField(_("held"), default=0, db_default=0)
    sold = models.IntegerField(_("sold"), default=0, db_default=0)

    class Meta:
        verbose_name = _("places of a plan")
        verbose_name_plural = _("places of plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(held__gte=0, sold__gte=0), name="stock_is_never_negative"
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=F("held") + F("sold")), name="stock_is_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}: {self.left}"

    @property
    def left(self) -> int:
        """Places that can still be held."""
        return self.capacity - self.held - self.sold
