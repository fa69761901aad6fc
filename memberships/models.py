"""The register of this app's models, where Django looks for them."""

from memberships.accounts.models import Token, User
from memberships.payments.models import StripeEvent
from memberships.purchases.models import Membership, NumberSeries, Plan, PlanStock, Purchase
from memberships.refunds.models import Dispute, Refund

__all__ = [
    "Dispute",
    "Membership",
    "NumberSeries",
    "Plan",
    "PlanStock",
    "Purchase",
    "Refund",
    "StripeEvent",
    "Token",
    "User",
]
