"""The register that Django reads: every model of this app, each from its room."""

from .alerts.models import (
    Alert,
    Channel,
    Digest,
    Match,
    Quiet,
    Round,
    Run,
    Schedule,
    StoredTree,
    Told,
    TreeTerm,
)
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
    "Alert",
    "Article",
    "ArticleVersion",
    "Body",
    "Change",
    "Channel",
    "Check",
    "Clip",
    "ClipReport",
    "ClipSpan",
    "Correction",
    "Digest",
    "ErrorReport",
    "Evidence",
    "Follower",
    "FruitlessSearch",
    "Import",
    "Insight",
    "InsightEvidence",
    "Manifest",
    "Match",
    "Meeting",
    "Place",
    "Quiet",
    "Recognition",
    "RecognizedPart",
    "Recording",
    "Rendering",
    "Round",
    "Run",
    "Schedule",
    "Segment",
    "Sentence",
    "Speaker",
    "Step",
    "StoredTree",
    "Told",
    "Transcript",
    "TreeTerm",
    "Upload",
    "Writing",
]
