"""Purchases that really stand in the sandbox, and what tests do with them."""

import uuid
from datetime import timedelta

from django.utils import timezone

from memberships.gateway import checkout, events, money
from memberships.gateway.client import Patience
from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import inbox, sending, taking_up
from memberships.payments.settling import settle
from memberships.purchases import stock
from tests.memberships.factories import PlanFactory, PurchaseFactory, UserFactory

WEB = Patience.WEB


def at_checkout(*, user=None, plan=None, price=None, currency="usd", reckons_tax=False):
    """A purchase whose session is open in the sandbox."""
    plan = plan or PlanFactory()
    purchase = PurchaseFactory(
        user=user or UserFactory(), plan=plan, expires_at=timezone.now() + timedelta(minutes=31)
    )
    session = checkout.open_session(
        price=checkout.PlainPrice(name="Founder", amount=price or plan.amount, currency=currency),
        reference=str(purchase.pk),
        metadata={"purchase": str(purchase.pk)},
        email=purchase.user.email,
        expires_at=purchase.expires_at,
        success_url="http://127.0.0.1:8000/membership/return/?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="http://127.0.0.1:8000/membership/",
        idempotency_key=f"checkout-{purchase.pk}-1",
        patience=WEB,
        reckons_tax=reckons_tax,
    )
    stock.hold(purchase)
    purchase.state = Purchase.State.OPEN
    purchase.checkout_session_id = session.id
    purchase.checkout_url = session.url
    purchase.save()
    return purchase


def bought(sandbox, **how):
    """A purchase that was paid by card, and settled."""
    purchase = at_checkout(**how)
    pay(sandbox, purchase)
    return settled(purchase)


def pay(sandbox, purchase, way="card"):
    sandbox.control("pay", session=purchase.checkout_session_id, way=way)


def settled(purchase):
    """The purchase after settling."""
    return settle(purchase.pk, now=timezone.now(), patience=WEB).purchase


def refund_of(purchase, *, amount=None, **fields):
    """A refund row that waits to be sent, as the member's button leaves it."""
    refund_id = uuid.uuid4()
    return Refund.objects.create(
        id=refund_id,
        purchase=purchase,
        amount=amount or purchase.amount_total,
        **{"origin": "self_service", "idempotency_key": f"refund-{refund_id}", **fields},
    )


def sent(*, times=1, now=None):
    """Claim and send what waits, however long it should have waited."""
    for _again in range(times):
        Refund.objects.in_flight().update(next_try_at=timezone.now() - timedelta(days=1))
        refund = sending.claim()
        sending.send(refund, now=now or timezone.now())


def at_stripe(purchase):
    """The refunds that Stripe has of a purchase."""
    return money.refunds_of(purchase.payment_intent_id, patience=WEB)


def told(purchase):
    """All events that Stripe has, oldest first."""
    return events.events_since(purchase.created_at - timedelta(minutes=1), patience=WEB)


def put_in(event, *, source=StripeEvent.Source.WEBHOOK):
    return inbox.keep(event, source=source, livemode=False, handled=events.HANDLED)


def take_up():
    taking_up.take_up(clock=timezone.now)


def status(purchase):
    """The membership of a purchase: its status and why it ended; None where there is none."""
    found = Membership.objects.filter(purchase=purchase).first()
    return found and (found.status, found.end_reason)


def access(purchase):
    """Does its buyer read?"""
    return Membership.objects.running(at=timezone.now()).filter(user=purchase.user).exists()
