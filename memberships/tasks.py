"""The register of this app's tasks, where Celery looks for them."""

from memberships.payments.tasks import drop_old_payloads, reconcile, reconcile_all, take_up
from memberships.purchases.tasks import end_what_ran_out

__all__ = ["drop_old_payloads", "end_what_ran_out", "reconcile", "reconcile_all", "take_up"]
