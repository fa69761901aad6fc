"""The register that Celery reads: every task of this app, each from its room."""

from .intake.tasks import take_up_long, take_up_waiting
from .media.tasks import sweep

__all__ = ["sweep", "take_up_long", "take_up_waiting"]
