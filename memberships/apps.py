"""The app as Django sees it."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "memberships"

    def ready(self) -> None:
        from memberships.gate import checks  # noqa: F401 - registers the system checks
