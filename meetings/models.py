"""The register that Django reads: every model of this app, each from its room."""

from .articles.models import (
    Article,
    ArticleVersion,
    Check,
    Correction,
    ErrorReport,
    Evidence,
    Insight,
    InsightEvidence,
    Sentence,
    Writing,
)
from .clips.models import Clip, ClipReport, ClipSpan, Manifest, Rendering
from .intake.models import Import, Step
from .media.models import Recording, Upload
from .records.models import AgendaItem, Body, Change, Follower, Meeting, Place
from .search.models import FruitlessSearch
from .transcripts.models import Recognition, RecognizedPart, Segment, Speaker, Transcript

__all__ = [
    "AgendaItem",
    "Article",
    "ArticleVersion",
    "Body",
    "Change",
    "Check",
    "Clip",
    "ClipReport",
    "ClipSpan",
    "Correction",
    "ErrorReport",
    "Evidence",
    "Follower",
    "FruitlessSearch",
    "Import",
    "Insight",
    "InsightEvidence",
    "Manifest",
    "Meeting",
    "Place",
    "Recognition",
    "RecognizedPart",
    "Recording",
    "Rendering",
    "Segment",
    "Sentence",
    "Speaker",
    "Step",
    "Transcript",
    "Upload",
    "Writing",
]
