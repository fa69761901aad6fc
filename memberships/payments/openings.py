"""Openings: the Checkout session of a purchase: asked for, found again, written down, called off.

The purchase was committed with its key and its times before Stripe was called, and no lock is held
meanwhile: asking again under the same key gives the same session. What Stripe did not answer is
unknown, so a purchase without a session ends only when Stripe's list shows that there is none.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from memberships.gateway import checkout
from memberships.gateway.checkout import KeptPrice, PlainPrice
from memberships.gateway.client import Patience
from memberships.gateway.facts import SessionFacts
from memberships.gateway.refusals import (
    NotLetIn,
    SessionNotOpen,
    StripeRefused,
    TryAgainLater,
    WillNotHelp,
)
from memberships.purchases import stock
from memberships.purchases.models import Plan, Purchase

from .settling import settle

log = structlog.get_logger(__name__)

LASTS = timedelta(minutes=31)  # for a buyer to pay; Stripe wants 30 at least when it is asked
SOONEST = timedelta(minutes=30)
CLOCKS_DIFFER = timedelta(minutes=10)  # between our database and Stripe, at the very most

State = Purchase.State
# If one purchase ever had two sessions, the one with money is the one.
TRUEST = ["complete", "open", "expired"]


class NoSession(Exception):
    """Stripe gives no session on which this could be paid. The purchase has ended."""


def open_for(purchase: Purchase, *, email: str, now: datetime) -> Purchase | None:
    """The purchase with its session open; None where it has to be looked at anew.

    Raises TryAgainLater, WillNotHelp, StillMoving, NoSession.
    """
    if purchase.state == State.OPEN and purchase.checkout_url:
        return purchase
    try:
        session = ask(purchase, email=email)
    except TryAgainLater as unknown:
        if Purchase.objects.filter(pk=purchase.pk, checkout_session_id__isnull=False).exists():
            return None  # another click was answered, while this one was told to wait
        if not unknown.is_replayed:
            raise
        return _look(purchase, now=now, may_ask_again=True)
    except NotLetIn:
        raise
    except WillNotHelp as no:
        log.error("checkout_refused", purchase=str(purchase.pk), code=no.code)  # noqa: TRY400 - no bug
        # Where the key was used with other words, as of an address that has changed, it is worn.
        return _look(purchase, now=now, may_ask_again=no.code == "idempotency_error")
    return _taken(purchase, session, now=now)


def _look(purchase: Purchase, *, now: datetime, may_ask_again: bool) -> Purchase | None:
    """Stripe gives nothing under the key: is there a session, or is there none?

    Without one, the next key asks again, or, where Stripe would find its time too short, the
    purchase ends and another may begin. Raises NoSession where Stripe has said no.
    """
    session = find(purchase)
    if session is not None:
        return _taken(purchase, session, now=now)
    if purchase.expires_at is not None and purchase.expires_at - now >= SOONEST:
        if may_ask_again:
            count_on(purchase)
            return None
        end(purchase)
        raise NoSession(str(purchase.pk))
    end(purchase)
    return None


def _taken(purchase: Purchase, session: SessionFacts, *, now: datetime) -> Purchase | None:
    """Written down; None where what Stripe kept for the key is old, and settling has to tell.

    One that asks for another price than the plan's, as a price at Stripe may that staff mistyped,
    is shown to nobody; nor is one whose buyer has closed the account.
    """
    opened = write_down(purchase, session)
    if opened.state != State.OPEN or session.status != "open" or is_over(opened, now=now):
        return None
    price = (session.amount_subtotal, session.currency)
    if opened.user_id is None or price != (opened.plan.amount, opened.plan.currency):
        log.error("session_not_as_offered", purchase=str(opened.pk), price=price)
        call_off(opened, now=now)
        raise NoSession(str(opened.pk))
    return opened


def is_over(purchase: Purchase, *, now: datetime) -> bool:
    """Is its time to pay over, by our clock? Whether nobody can pay any more, Stripe has to say."""
    return purchase.expires_at is None or purchase.expires_at <= now


def ask(purchase: Purchase, *, email: str) -> SessionFacts:
    """The session of a purchase, asked for under its key; what Stripe kept for it may be old.

    Raises TryAgainLater, WillNotHelp.
    """
    return checkout.open_session(
        price=_price(purchase.plan),
        reference=str(purchase.pk),
        metadata={"purchase": str(purchase.pk)},
        email=email,
        expires_at=purchase.expires_at or purchase.created_at + LASTS,
        success_url=_address("checkout_return") + "?session_id={CHECKOUT_SESSION_ID}",
        cancel_url=_address("membership"),
        idempotency_key=f"checkout-{purchase.pk}-{purchase.attempt}",
        patience=Patience.WEB,
        reckons_tax=settings.STRIPE_TAX,
    )


def _price(plan: Plan) -> KeptPrice | PlainPrice:
    if plan.stripe_price_id:
        return KeptPrice(price_id=plan.stripe_price_id)
    return PlainPrice(name=plan.name, amount=plan.amount, currency=plan.currency)


def _address(name: str) -> str:
    return str(settings.SITE_URL) + reverse(name)


def write_down(purchase: Purchase, session: SessionFacts) -> Purchase:
    """Store a session on its purchase, and give the row back as it is.

    One that has ended meanwhile, or has another session, stays as it is: then this one is closed,
    and nobody has heard of its address.
    """
    with transaction.atomic():
        held = _locked(purchase)
        if held.state in {State.CREATED, State.OPEN} and not (
            held.checkout_session_id and held.checkout_session_id != session.id
        ):
            held.state = State.OPEN
            held.checkout_session_id = session.id
            held.checkout_url = session.url or held.checkout_url
            held.version += 1
            held.save(update_fields=["state", "checkout_session_id", "checkout_url", "version"])
    if held.checkout_session_id != session.id:
        log.warning("session_not_wanted", purchase=str(held.pk), session=session.id)
        _close(session.id)
    return held


def find(purchase: Purchase) -> SessionFacts | None:
    """Its session, by what we wrote on it, where Stripe has one.

    Raises TryAgainLater, WillNotHelp.
    """
    return _by_purchase([purchase], patience=Patience.WEB).get(purchase.pk)


def call_off(purchase: Purchase, *, now: datetime) -> None:
    """Let nobody pay for this any more. What was paid before is settled as paid.

    Raises TryAgainLater, WillNotHelp, StillMoving.
    """
    if purchase.checkout_session_id is None:
        session = find(purchase)
        if session is None:
            end(purchase)
            return
        purchase = write_down(purchase, session)
    if purchase.checkout_session_id:
        try:
            checkout.expire_session(purchase.checkout_session_id, patience=Patience.WEB)
        except SessionNotOpen as because:
            log.info("session_not_called_off", status=because.session.status)
    settle(purchase.pk, now=now, patience=Patience.WEB)


def end(purchase: Purchase) -> bool:
    """End a purchase that has no session at Stripe, and let its place go.

    False where the row has moved since it was seen: then nothing changes.
    """
    with transaction.atomic():
        held = _locked(purchase)
        if not _is_as_seen(held, purchase):
            return False
        held.state = State.EXPIRED
        stock.let_go(held)
        held.version += 1
        held.save(update_fields=["state", "place", "version"])
    return True


def count_on(purchase: Purchase) -> bool:
    """Give a purchase that has no session at Stripe its next key. False where the row has moved."""
    with transaction.atomic():
        held = _locked(purchase)
        if not _is_as_seen(held, purchase):
            return False
        held.attempt += 1
        held.version += 1
        held.save(update_fields=["attempt", "version"])
    return True


def sweep() -> Iterator[uuid.UUID]:
    """Look for the sessions of purchases that never heard of one, and whose time is over.

    Those without one end. The others come back, by their ids, to be settled: the answer was lost,
    or nobody was left to write it down. Raises TryAgainLater, WillNotHelp.
    """
    waiting = list(Purchase.objects.unopened())
    if not waiting:
        return
    sessions = _by_purchase(waiting, patience=Patience.WORKER)
    for purchase in waiting:
        session = sessions.get(purchase.pk)
        if session is not None:
            log.warning("session_found_again", purchase=str(purchase.pk), session=session.id)
            yield write_down(purchase, session).pk
        elif purchase.checkout_session_id:
            yield purchase.pk
        else:
            end(purchase)


def _by_purchase(
    purchases: Iterable[Purchase], *, patience: Patience
) -> dict[uuid.UUID, SessionFacts]:
    """The sessions of these, by what we wrote on them when we asked."""
    wanted = {str(one.pk): one.pk for one in purchases}
    since = min(one.created_at for one in purchases) - CLOCKS_DIFFER
    ours = [
        one
        for one in checkout.sessions_since(since, patience=patience)
        if one.metadata.get("purchase") in wanted
    ]
    ours.sort(key=lambda one: TRUEST.index(one.status), reverse=True)
    return {wanted[one.metadata["purchase"]]: one for one in ours}


def _close(session_id: str) -> None:
    try:
        checkout.expire_session(session_id, patience=Patience.WEB)
    except StripeRefused as refusal:  # it closes by itself, and nobody knows where it is
        log.warning("session_not_closed", session=session_id, why=repr(refusal))


def _locked(purchase: Purchase) -> Purchase:
    held = Purchase.objects.select_for_update(of=("self",)).select_related("plan")
    return held.get(pk=purchase.pk)


def _is_as_seen(held: Purchase, seen: Purchase) -> bool:
    return (
        held.state == State.CREATED
        and held.checkout_session_id is None
        and held.version == seen.version
    )
