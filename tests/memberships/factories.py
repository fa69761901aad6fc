"""Makers of people, plans, purchases, memberships, refunds, disputes and events."""

import uuid
from datetime import timedelta

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone

from memberships.accounts import services
from memberships.models import (
    Dispute,
    Membership,
    NumberSeries,
    Plan,
    PlanStock,
    Purchase,
    Refund,
    StripeEvent,
    User,
)
from memberships.purchases import guarantee


class UserFactory(factory.django.DjangoModelFactory):
    """A person whose address is confirmed, without a password."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"reader{n}@example.org")
    display_name = factory.Faker("name")

    @classmethod
    def _create(cls, model_class, *args, **fields):
        return model_class.objects.create_user(*args, **fields)

    @factory.post_generation
    def address(self, create, confirmed, **fields):
        if create and confirmed is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class StaffFactory(UserFactory):
    """Staff with every permission."""

    is_staff = True
    is_superuser = True


class PlanFactory(factory.django.DjangoModelFactory):
    """The Founder Membership for $199, not on offer and without a cap."""

    class Meta:
        model = Plan

    name = "Founder Membership"
    amount = 19_900
    currency = "usd"


class PlanStockFactory(factory.django.DjangoModelFactory):
    """Ten places, all free."""

    class Meta:
        model = PlanStock

    plan = factory.SubFactory(PlanFactory)
    capacity = 10


class NumberSeriesFactory(factory.django.DjangoModelFactory):
    """Receipts, none written yet."""

    class Meta:
        model = NumberSeries

    legal_entity = "portal-inc"
    kind = NumberSeries.Kind.RECEIPT


class PurchaseFactory(factory.django.DjangoModelFactory):
    """One attempt to buy, before Stripe was called."""

    class Meta:
        model = Purchase

    user = factory.SubFactory(UserFactory)
    plan = factory.SubFactory(PlanFactory)
    amount_total = factory.SelfAttribute("plan.amount")
    currency = factory.SelfAttribute("plan.currency")


class OpenPurchaseFactory(PurchaseFactory):
    """At Checkout, for half an hour yet."""

    state = Purchase.State.OPEN
    checkout_session_id = factory.Sequence(lambda n: f"cs_test_{n}")
    checkout_url = factory.LazyAttribute(lambda one: f"https://pay.test/{one.checkout_session_id}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=31))


class PaidPurchaseFactory(OpenPurchaseFactory):
    """Paid a moment ago, the guarantee running."""

    state = Purchase.State.PAID
    payment_intent_id = factory.Sequence(lambda n: f"pi_{n}")
    charge_id = factory.Sequence(lambda n: f"ch_{n}")
    card_brand = "visa"
    card_last4 = "4242"
    paid_at = factory.LazyFunction(timezone.now)
    refundable_until = factory.LazyAttribute(lambda one: guarantee.ends_at(one.paid_at, days=30))


class RefundedPurchaseFactory(PaidPurchaseFactory):
    """Paid, and the whole amount sent back."""

    state = Purchase.State.REFUNDED
    amount_refunded = factory.SelfAttribute("amount_total")


class MembershipFactory(factory.django.DjangoModelFactory):
    """Active, for life, granted a day ago."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    source = Membership.Source.GRANT
    started_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class RefundedMembershipFactory(MembershipFactory):
    """Bought, and ended with the money back."""

    source = Membership.Source.PURCHASE
    purchase = factory.SubFactory(RefundedPurchaseFactory, user=factory.SelfAttribute("..user"))
    status = Membership.Status.ENDED
    end_reason = Membership.EndReason.REFUNDED
    ended_at = factory.LazyFunction(timezone.now)


class RefundFactory(factory.django.DjangoModelFactory):
    """The member's own, for the whole amount, not sent yet."""

    class Meta:
        model = Refund

    purchase = factory.SubFactory(PaidPurchaseFactory)
    amount = factory.SelfAttribute("purchase.amount_total")
    origin = Refund.Origin.SELF_SERVICE
    idempotency_key = factory.LazyAttribute(lambda one: f"refund-{one.id}")
    id = factory.LazyFunction(uuid.uuid4)


class SucceededRefundFactory(RefundFactory):
    """Stripe says that it arrived."""

    state = Refund.State.SUCCEEDED
    stripe_refund_id = factory.Sequence(lambda n: f"re_{n}")
    settled_at = factory.LazyFunction(timezone.now)


class CreditNoteFactory(SucceededRefundFactory):
    """Arrived, and both papers numbered alike: `number` is the receipt's and the credit note's."""

    class Params:
        number = 1

    purchase = factory.SubFactory(
        RefundedPurchaseFactory,
        receipt_number=factory.SelfAttribute("..number"),
        legal_entity="main",
        seller={"name": "Portal Inc.", "address": "1 Ferry Street\nOsier Ferry 00000"},
    )
    legal_entity = "main"
    credit_note_number = factory.SelfAttribute("number")
    credited_at = factory.LazyFunction(timezone.now)


class DisputeFactory(factory.django.DjangoModelFactory):
    """A chargeback that waits for our answer."""

    class Meta:
        model = Dispute

    stripe_dispute_id = factory.Sequence(lambda n: f"du_{n}")
    purchase = factory.SubFactory(PaidPurchaseFactory)
    status = Dispute.Status.NEEDS_RESPONSE
    reason = "fraudulent"
    amount = factory.SelfAttribute("purchase.amount_total")
    currency = factory.SelfAttribute("purchase.currency")
    opened_at = factory.LazyFunction(timezone.now)


class StripeEventFactory(factory.django.DjangoModelFactory):
    """Just received by the webhook, and nobody has looked."""

    class Meta:
        model = StripeEvent

    event_id = factory.Sequence(lambda n: f"evt_{n:06}")
    type = "checkout.session.completed"
    source = StripeEvent.Source.WEBHOOK
    created_at = factory.LazyFunction(timezone.now)
    livemode = False
    api_version = "2026-10-28.endive"
    object_id = "cs_test_1"
    payload = factory.Dict({"object": "event"})
    sha256 = "0" * 64


def token_of(user, *, scopes=("read", "search", "clips", "alerts"), lasts=None, now=None):
    """A token of this person as it is written, good for everything unless said otherwise."""
    now = now or timezone.now()
    return services.make_token(owner=user, name="A test", scopes=scopes, lasts=lasts, now=now)
