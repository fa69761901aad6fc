"""Plans and memberships in the administration, and what all rows of money there have in common."""

from .ledger import LookOnlyAdmin, LookOnlyInline, NumberSeriesAdmin
from .membership import MembershipAdmin
from .plan import PlanAdmin

__all__ = ["LookOnlyAdmin", "LookOnlyInline", "MembershipAdmin", "NumberSeriesAdmin", "PlanAdmin"]
