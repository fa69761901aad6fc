"""The app as Django sees it."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        # Importing it registers the system checks.
        from meetings.transcripts import checks  # noqa: F401
