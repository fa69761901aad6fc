"""The app as Django sees it."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        # Importing them registers the system checks.
        from meetings.clips import checks as checks_of_clips  # noqa: F401
        from meetings.data import checks as checks_of_data  # noqa: F401
        from meetings.media import checks as checks_of_media  # noqa: F401
        from meetings.transcripts import checks  # noqa: F401
