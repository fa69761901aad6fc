"""The app as Django sees it."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "memberships"

    def ready(self) -> None:
        # Importing them registers the system checks.
        from memberships.gate import checks  # noqa: F401
        from memberships.payments import checks as checks_of_payments  # noqa: F401
