"""The register that Celery reads: every task of this app, each from its room."""

from .intake.tasks import take_up_waiting

__all__ = ["take_up_waiting"]
