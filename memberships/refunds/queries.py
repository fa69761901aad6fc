"""What is known about money back: which purchase a person means, and which refund speaks for it."""

from memberships.accounts.models import User, normalised
from memberships.purchases.models import Purchase

from .models import IN_FLIGHT, Refund

KEY_LENGTH = len("refund-") + 36  # what comes after it counts the times that it was sent anew


def purchase_to_refund(user: User) -> Purchase | None:
    """The purchase that somebody who asks for money back means: the one that stands, or the last.

    None where nothing was ever paid.
    """
    rank = {Purchase.State.PAID: 0, Purchase.State.DISPUTED: 1, Purchase.State.REFUND_PENDING: 1}
    bought = Purchase.objects.owned_by(user).bought().select_related("plan").order_by("-paid_at")
    return min(bought, key=lambda one: rank.get(Purchase.State(one.state), 2), default=None)


def latest_refund(purchase: Purchase) -> Refund | None:
    """The refund that tells how far it is: one in flight, else the one that was asked for last."""
    refunds = list(purchase.refunds.order_by("-requested_at", "-settled_at"))
    return next((one for one in refunds if one.state in IN_FLIGHT), next(iter(refunds), None))


def speaks_for(refund: Refund) -> Refund:
    """The refund itself; where it was sent anew under another key, the one that it became."""
    if refund.state != Refund.State.CANCELED or refund.idempotency_key is None:
        return refund
    name = refund.idempotency_key[:KEY_LENGTH]
    anew = Refund.objects.filter(purchase_id=refund.purchase_id, idempotency_key__startswith=name)
    return max(anew, key=lambda one: _times(one.idempotency_key or "", name), default=refund)


def _times(key: str, name: str) -> int:
    counted = key.removeprefix(name).removeprefix("-")
    return int(counted) if counted.isdigit() else 1


def bought_with(*, receipt_number: int, email: str) -> list[Purchase]:
    """What was bought on the receipt of that number by the account of that address."""
    return list(
        Purchase.objects.bought()
        .filter(receipt_number=receipt_number, user__email=normalised(email))
        .select_related("plan", "user")
    )
