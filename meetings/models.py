"""The register that Django reads: every model of this app, each from its room."""

from .records.models import AgendaItem, Body, Change, Meeting, Place
from .transcripts.models import Segment, Speaker, Transcript

__all__ = [
    "AgendaItem",
    "Body",
    "Change",
    "Meeting",
    "Place",
    "Segment",
    "Speaker",
    "Transcript",
]
