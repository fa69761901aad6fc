"""The register that Celery reads: every task of this app, each from its room."""

from .alerts.tasks import call_webhooks, tell
from .articles.tasks import drop_addresses
from .clips.tasks import make_long, make_waiting
from .clips.tasks import sweep as sweep_clips
from .data.tasks import take_snapshot
from .intake.tasks import take_up_long, take_up_waiting
from .media.tasks import sweep

__all__ = [
    "call_webhooks",
    "drop_addresses",
    "make_long",
    "make_waiting",
    "sweep",
    "sweep_clips",
    "take_snapshot",
    "take_up_long",
    "take_up_waiting",
    "tell",
]
