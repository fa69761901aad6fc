"""Own data: everything that we know about a person, for them to keep.

One object; docs/own-data.md describes it key by key. Keys are only ever added. Instants are ISO
8601 in UTC, amounts are integers in minor units of the currency beside them, and what is not there
is null. Secrets (passwords, keys of second factors) are in no file.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.module_loading import import_string

from memberships.accounts.models import Token, User
from memberships.purchases import numbers
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Dispute, Refund
from portal.post.models import Mail

Row = dict[str, Any]  # JSON, at the boundary

FORMAT = "citizen-portal-own-data/1"


def of(user: User, *, now: datetime) -> Row:
    """All of it. `ACCOUNT_DATA_SOURCES` names functions `(user) -> (key, rows)` of other rooms.

    Raises ValueError where two name the same key.
    """
    data = {
        "format": FORMAT,
        "site": settings.SITE_URL,
        "made_at": now,
        "account": _account(user),
        "sign_in": _sign_in(user),
        "tokens": [_token(one) for one in Token.objects.owned_by(user).order_by("pk")],
        "memberships": [_membership(one) for one in _memberships(user)],
        "purchases": [_purchase(one) for one in _purchases(user)],
        "mails": [_mail(one) for one in _mails(user)],
    }
    for name in settings.ACCOUNT_DATA_SOURCES:
        source: Callable[[User], tuple[str, list[Row]]] = import_string(name)
        key, rows = source(user)
        if key in data:
            raise ValueError(f"{name} gives {key!r}, which is there already.")
        data[key] = rows
    return data


def _account(user: User) -> Row:
    return {
        "email": user.email,
        "name": user.display_name,
        "layout": user.experience or None,
        "is_staff": user.is_staff,
        "joined_at": user.joined_at,
        "last_sign_in_at": user.last_login,
    }


def _sign_in(user: User) -> Row:
    """By what one signs in, and nothing that would let another do it."""
    factors = list(Authenticator.objects.filter(user=user).order_by("pk"))
    kinds = Authenticator.Type
    return {
        "addresses": [
            {"email": one.email, "is_verified": one.verified}
            for one in EmailAddress.objects.filter(user=user).order_by("pk")
        ],
        "has_password": user.has_usable_password(),
        "passkeys": [
            {
                "name": one.data.get("name", ""),
                "added_at": one.created_at,
                "last_used_at": one.last_used_at,
            }
            for one in factors
            if one.type == kinds.WEBAUTHN
        ],
        "has_authenticator_app": any(one.type == kinds.TOTP for one in factors),
        "has_recovery_codes": any(one.type == kinds.RECOVERY_CODES for one in factors),
    }


def _token(token: Token) -> Row:
    """What it is called and may do. What it is nobody knows but its owner."""
    return {
        "name": token.name,
        "begins_with": token.hint,
        "scopes": token.scopes,
        "made_at": token.created_at,
        "ends_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }


def _memberships(user: User) -> list[Membership]:
    return list(Membership.objects.owned_by(user).order_by("started_at", "pk"))


def _membership(one: Membership) -> Row:
    return {
        "status": one.status,
        "source": one.source,
        "started_at": one.started_at,
        "lasts_until": one.lasts_until,
        "ended_at": one.ended_at,
        "end_reason": one.end_reason,
        "purchase": one.purchase_id,
    }


def _purchases(user: User) -> list[Purchase]:
    return list(
        Purchase.objects.owned_by(user)
        .select_related("plan")
        .prefetch_related("refunds", "disputes")
        .order_by("created_at", "pk")
    )


def _purchase(one: Purchase) -> Row:
    number = one.receipt_number
    return {
        "id": one.pk,
        "plan": one.plan.name,
        "kind": one.kind,
        "state": one.state,
        "amount": one.amount_total,
        "tax": one.amount_tax,
        "refunded": one.amount_refunded,
        "currency": one.currency,
        "begun_at": one.created_at,
        "paid_at": one.paid_at,
        "refundable_until": one.refundable_until,
        "receipt": None if number is None else numbers.receipt(number),
        "card": one.card_brand or None,
        "card_last4": one.card_last4 or None,
        "card_country": one.card_country or None,
        "billing_country": one.billing_country or None,
        "came_from": one.return_to or None,
        "stripe_payment": one.payment_intent_id,
        "refunds": [_refund(refund) for refund in one.refunds.all()],
        "disputes": [_dispute(dispute) for dispute in one.disputes.all()],
    }


def _refund(one: Refund) -> Row:
    number = one.credit_note_number
    return {
        "amount": one.amount,
        "state": one.state,
        "origin": one.origin,
        "reason": one.reason if one.origin == Refund.Origin.SELF_SERVICE else None,
        "requested_at": one.requested_at,
        "settled_at": one.settled_at,
        "credit_note": None if number is None else numbers.credit_note(number),
    }


def _dispute(one: Dispute) -> Row:
    return {
        "status": one.status,
        "reason": one.reason,
        "amount": one.amount,
        "currency": one.currency,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
    }


def _mails(user: User) -> list[Mail]:
    return list(Mail.objects.filter(person=f"user-{user.pk}").order_by("queued_at", "pk"))


def _mail(one: Mail) -> Row:
    return {
        "subject": one.subject,
        "to": one.address,
        "state": one.state,
        "queued_at": one.queued_at,
        "ended_at": one.ended_at,
        "kept_until": one.keep_until,
    }
