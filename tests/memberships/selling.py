"""One sale after another, through the gateway, for tests that need something to have been sold."""

from datetime import UTC, datetime, timedelta

from memberships.gateway import checkout, money
from memberships.gateway.client import Patience


def open_session(
    *, key, purchase="p-1", price=None, expires_at=None, patience=Patience.WEB, **more
):
    """A session for one Founder Membership."""
    return checkout.open_session(
        price=price or checkout.PlainPrice(name="Founder", amount=14900, currency="usd"),
        reference=purchase,
        metadata={"purchase": purchase},
        email="reader@example.org",
        expires_at=expires_at or datetime.now(UTC) + timedelta(minutes=31),
        success_url="http://127.0.0.1:8000/membership/return/?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="http://127.0.0.1:8000/membership/",
        idempotency_key=key,
        patience=patience,
        **more,
    )


def sold(sandbox, *, way="card", purchase="p-1"):
    """A session on whose page a buyer pressed a button."""
    session = open_session(key=f"checkout-{purchase}", purchase=purchase)
    sandbox.control("pay", session=session.id, way=way)
    return checkout.session(session.id, patience=Patience.WEB)


def ask_for_refund(session, *, amount, key, patience=Patience.WEB):
    """Money back for a session that was paid; the key is the row's name too."""
    return money.refund(
        payment_intent_id=session.payment_intent_id,
        amount=amount,
        reason="requested_by_customer",
        metadata={"refund_id": key},
        idempotency_key=key,
        patience=patience,
    )
