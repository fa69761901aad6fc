"""What is sold, what was bought, and the right to read."""

from .membership import Membership, MembershipQuerySet
from .numbering import NumberSeries
from .plan import Plan, PlanQuerySet, PlanStock
from .purchase import Purchase, PurchaseQuerySet

__all__ = [
    "Membership",
    "MembershipQuerySet",
    "NumberSeries",
    "Plan",
    "PlanQuerySet",
    "PlanStock",
    "Purchase",
    "PurchaseQuerySet",
]
