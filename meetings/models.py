"""The register that Django reads: every model of this app, each from its room."""

from .articles.models import (
    Article,
    ArticleVersion,
    Check,
    ErrorReport,
    Evidence,
    Insight,
    InsightEvidence,
    Sentence,
    Writing,
)
from .intake.models import Import, Step
from .media.models import Recording, Upload
from .records.models import AgendaItem, Body, Change, Meeting, Place
from .transcripts.models import Recognition, RecognizedPart, Segment, Speaker, Transcript

__all__ = [
    "AgendaItem",
    "Article",
    "ArticleVersion",
    "Body",
    "Change",
    "Check",
    "ErrorReport",
    "Evidence",
    "Import",
    "Insight",
    "InsightEvidence",
    "Meeting",
    "Place",
    "Recognition",
    "RecognizedPart",
    "Recording",
    "Segment",
    "Sentence",
    "Speaker",
    "Step",
    "Transcript",
    "Upload",
    "Writing",
]
