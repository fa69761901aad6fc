"""Link: the signed way to a purchase's refund, for whoever holds the receipt.

Its holder need not sign in (Directive (EU) 2023/2673, Article 11a: no login stands before the
button). It opens nothing but the refund of this one purchase, and never ends: what may still be
done is asked of the purchase.
"""

import uuid

from django.core import signing

SALT = "memberships.refunds.link"


class Forged(Exception):
    """Nobody here wrote this link."""


def token(purchase_id: uuid.UUID) -> str:
    """The part of the address that names a purchase and proves that we wrote it."""
    return signing.Signer(salt=SALT).sign(purchase_id.hex)


def purchase_id(token: str) -> uuid.UUID:
    """Which purchase a token opens. Raises Forged. Former values of SECRET_KEY are believed."""
    try:
        return uuid.UUID(hex=signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise Forged from error
