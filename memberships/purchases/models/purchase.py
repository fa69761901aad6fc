"""Purchase: one attempt to buy, and all that became of it."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .plan import Plan

UNDER_WAY = ["created", "open", "processing"]
BOUGHT = ["paid", "refund_pending", "refunded", "disputed", "charged_back"]
GIVEN_UP = ["expired", "payment_failed"]


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    """Filters that read as sentences."""

    def owned_by(self, user: models.Model) -> Self:
        return self.filter(user_id=user.pk)

    def under_way(self) -> Self:
        """Not paid and not given up: at most one for each person who buys for themselves."""
        return self.filter(state__in=UNDER_WAY)

    def bought(self) -> Self:
        """Money came, whatever became of it since."""
        return self.filter(state__in=BOUGHT)

    def unopened(self) -> Self:
        """No session was written down, and the time is over: Stripe has to say if there is one."""
        return self.filter(state=Purchase.State.CREATED, expires_at__lt=Now())

    def past_expiry(self) -> Self:
        """Still open here, though Stripe must have closed the session: somebody has to ask."""
        return self.filter(state=Purchase.State.OPEN, expires_at__lt=Now())

    def within_guarantee(self, *, at: datetime | None = None) -> Self:
        """Those whose guarantee has not ended, by the database's clock unless told an instant.

        The last instant counts. PostgreSQL takes the time when the statement began, so whoever
        waits for a lock loses nothing.
        """
        return self.filter(refundable_until__gte=Now() if at is None else at)

    def refundable_by_member(self, *, at: datetime | None = None) -> Self:
        """Those whose buyer may press the button: paid, nothing else in the way, still in time."""
        return self.within_guarantee(at=at).filter(
            state=Purchase.State.PAID, amount_refunded__lt=F("amount_total")
        )

    def paid_without_membership(self) -> Self:
        """Money taken and nothing given: there must be none."""
        from .membership import Membership

        given = Membership.objects.filter(purchase=OuterRef("pk"))
        return self.filter(~Exists(given), state=Purchase.State.PAID)

    def waiting_for_staff(self) -> Self:
        return self.exclude(attention="")


class Purchase(models.Model):
    """One attempt to buy a membership. The row is there before Stripe is called.

    `state` is a projection of what Stripe knows and of our own refunds (payments/reduction.py).
    `version` goes up with every writing: whoever fetched before it moved has to fetch again.
    Amounts are minor units of `currency`; `amount_refunded` is what has arrived back, not what is
    on its way. `expires_at` is stored before the session is made, so that a second try says the
    same. When the account is closed, the row stays and knows nobody. `attention` and `noted` are
    sentences, one a line: what settling found that a person must see, and what somebody has seen.
    """

    class Kind(models.TextChoices):
        SELF = "self", _("for oneself")
        GIFT = "gift", _("as a gift")

    class State(models.TextChoices):
        CREATED = "created", _("created")
        OPEN = "open", _("at Checkout")
        PROCESSING = "processing", _("payment on its way")
        PAID = "paid", _("paid")
        REFUND_PENDING = "refund_pending", _("refund on its way")
        REFUNDED = "refunded", _("refunded")
        DISPUTED = "disputed", _("disputed")
        CHARGED_BACK = "charged_back", _("charged back by the bank")
        EXPIRED = "expired", _("expired")
        PAYMENT_FAILED = "payment_failed", _("payment failed")

    class Place(models.TextChoices):
        NONE = "none", _("none")
        HELD = "held", _("held")
        SOLD = "sold", _("sold")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="purchases",
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default="self")
    state = models.CharField(_("state"), max_length=16, choices=State, default="created")
    plan = models.ForeignKey(
        Plan, verbose_name=_("plan"), on_delete=models.PROTECT, related_name="purchases"
    )
    place = models.CharField(_("place"), max_length=4, choices=Place, default="none")
    attempt = models.PositiveSmallIntegerField(
        _("attempt"), default=1, help_text=_("Part of the key under which a session is asked for.")
    )
    amount_total = models.BigIntegerField(_("amount"))
    amount_tax = models.BigIntegerField(_("tax therein"), default=0)
    amount_refunded = models.BigIntegerField(_("refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    tax_breakdown = models.JSONField(_("tax lines, as Stripe reports them"), default=list)
    billing_country = models.CharField(_("country of the bill"), max_length=2, blank=True)
    card_country = models.CharField(_("country of the card"), max_length=2, blank=True)
    card_brand = models.CharField(_("card"), max_length=30, blank=True)
    card_last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    # "None yet" is no id: an empty text would be one, and there could be only one such row.
    checkout_session_id = models.CharField(_("session"), max_length=255, null=True, blank=True)  # noqa: DJ001
    payment_intent_id = models.CharField(_("payment"), max_length=255, null=True, blank=True)  # noqa: DJ001
    charge_id = models.CharField(_("charge"), max_length=255, null=True, blank=True)  # noqa: DJ001
    checkout_url = models.TextField(_("address of the checkout"), blank=True)
    receipt_url = models.TextField(_("Stripe's receipt"), blank=True)
    livemode = models.BooleanField(_("real money"), default=False)
    return_to = models.CharField(_("way back"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("checkout closes"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    refundable_until = models.DateTimeField(_("guarantee ends"), null=True, blank=True)
    legal_entity = models.CharField(_("sold by"), max_length=40, blank=True)
    receipt_number = models.PositiveBigIntegerField(_("receipt number"), null=True, blank=True)
    # As its receipt names the seller: what was written does not change when the seller moves.
    seller = models.JSONField(
        _("seller on the receipt"),
        blank=True,
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
    )
    attention = models.TextField(_("what staff must look at"), blank=True)
    noted = models.TextField(
        _("what staff took note of"),
        blank=True,
        default="",
        db_default="",
        help_text=_("These sentences are not shown again as long as they hold."),
    )
    version = models.PositiveIntegerField(_("version"), default=0)

    objects: ClassVar[models.Manager["Purchase"]] = PurchaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=UNDER_WAY),
                name="purchase_under_way",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(kind="self", state__in=UNDER_WAY, user__isnull=False),
                name="one_open_purchase_per_user",
            ),
            models.UniqueConstraint(
                fields=["checkout_session_id"], name="one_purchase_per_checkout_session"
            ),
            models.UniqueConstraint(
                fields=["payment_intent_id"], name="one_purchase_per_payment_intent"
            ),
            models.UniqueConstraint(fields=["charge_id"], name="one_purchase_per_charge"),
            models.UniqueConstraint(
                fields=["legal_entity", "receipt_number"], name="one_purchase_per_receipt_number"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*UNDER_WAY, *BOUGHT, *GIVEN_UP]),
                name="purchase_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["self", "gift"]), name="purchase_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(place="none")
                | Q(place="held", state__in=UNDER_WAY)
                | Q(place="sold", state__in=BOUGHT),
                name="purchase_place_fits_its_state",
            ),
            models.CheckConstraint(
                condition=Q(amount_total__gt=0), name="purchase_costs_something"
            ),
            models.CheckConstraint(
                condition=Q(amount_tax__gte=0, amount_tax__lte=F("amount_total")),
                name="purchase_tax_is_part_of_the_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount_refunded__gte=0, amount_refunded__lte=F("amount_total")),
                name="purchase_refunds_never_exceed",
            ),
            models.CheckConstraint(
                condition=~Q(state="refunded") | Q(amount_refunded=F("amount_total")),
                name="purchase_refunded_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[a-z]{3}$"), name="purchase_currency_is_lower_case"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "processing"])
                | Q(checkout_session_id__isnull=False, expires_at__isnull=False),
                name="purchase_open_has_a_session",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=BOUGHT)
                | Q(
                    paid_at__isnull=False,
                    payment_intent_id__isnull=False,
                    refundable_until__isnull=False,
                ),
                name="purchase_bought_has_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(refundable_until__isnull=True) | Q(refundable_until__gt=F("paid_at")),
                name="purchase_guarantee_outlasts_payment",
            ),
            models.CheckConstraint(
                condition=Q(receipt_number__isnull=True)
                | (~Q(legal_entity="") & Q(paid_at__isnull=False)),
                name="purchase_receipt_has_seller_and_payment",
            ),
            # A path on this site, and no way to another: "//host" and "/\host" are addresses.
            models.CheckConstraint(
                condition=Q(return_to__regex=r"^(/([^/\\[:cntrl:]][^[:cntrl:]]*)?)?$"),
                name="purchase_returns_to_this_site",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def amount_left(self) -> int:
        """What has not been refunded, in minor units."""
        return self.amount_total - self.amount_refunded
