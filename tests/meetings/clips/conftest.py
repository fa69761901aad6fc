"""A small real recording, and a folder of media for each test."""

from tests.meetings.media.conftest import council, made, media

__all__ = ["council", "made", "media"]
