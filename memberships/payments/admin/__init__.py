"""Money in the administration: what was bought, and what Stripe told of it."""

from .event import StripeEventAdmin
from .purchase import PurchaseAdmin

__all__ = ["PurchaseAdmin", "StripeEventAdmin"]
