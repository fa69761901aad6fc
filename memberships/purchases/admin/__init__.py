"""Plans, purchases and memberships in the administration."""

from .ledger import LookOnlyAdmin, NumberSeriesAdmin, PurchaseAdmin
from .membership import MembershipAdmin
from .plan import PlanAdmin

__all__ = ["LookOnlyAdmin", "MembershipAdmin", "NumberSeriesAdmin", "PlanAdmin", "PurchaseAdmin"]
