"""Asking for money back: who may, until when, and what it changes at once.

Numbers in names are rows of the matrix.
"""

import pytest
from django.utils import timezone

from memberships.models import Membership, Purchase, Refund
from memberships.payments.requesting import (
    RefundUnderWay,
    request_refund,
)
from portal.post.models import Mail
from tests.memberships.factories import (
    MembershipFactory,
    PaidPurchaseFactory,
)

pytestmark = pytest.mark.django_db

SELF = Refund.Origin.SELF_SERVICE
STAFF = Refund.Origin.STAFF


def having(**purchase):
    """A paid purchase and its membership."""
    bought = PaidPurchaseFactory(**purchase)
    MembershipFactory(user=bought.user, purchase=bought, source="purchase")
    return bought


def ask(purchase, **how):
    return request_refund(
        purchase_id=purchase.pk,
        **{"origin": SELF, "by": purchase.user, "now": timezone.now(), **how},
    )


def everything():
    """All that a request could have changed."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Purchase, Membership, Refund, Mail)
    ]


@pytest.fixture
def refused():
    """Ask, be refused, and find that nothing has changed and nobody was told."""

    def run(purchase, kind, **how):
        before = everything()
        with pytest.raises(kind) as refusal:
            ask(purchase, **how)
        assert everything() == before
        return refusal.value

    return run


def test_request_writes_all_at_once():
    purchase = having()
    refund = ask(purchase)
    purchase.refresh_from_db()
    assert (refund.state, refund.amount, refund.origin) == ("requested", 19_900, "self_service")
    assert refund.idempotency_key == f"refund-{refund.pk}"
    assert refund.requested_by == purchase.user
    assert (purchase.state, purchase.version) == ("refund_pending", 1)
    assert Membership.objects.get().status == "suspended"
    assert Refund.objects.to_send().get() == refund


def test_row_12_second_request_sees_the_first(refused):
    purchase = having()
    first = ask(purchase)
    assert refused(purchase, RefundUnderWay).refund == first
