"""The free summary, what it rests on, and what readers say is wrong with it."""

from .article import Article, ArticleQuerySet, Evidence, Part, Sentence, State
from .check import Check, CheckKind, CheckQuerySet
from .correction import CHANGING, Correction, CorrectionQuerySet, Outcome
from .insight import Insight, InsightEvidence, InsightKind, InsightQuerySet
from .report import ErrorReport, ErrorReportQuerySet, ReportState
from .version import ArticleVersion, ArticleVersionQuerySet, public_name
from .writing import Writing

__all__ = [
    "CHANGING",
    "Article",
    "ArticleQuerySet",
    "ArticleVersion",
    "ArticleVersionQuerySet",
    "Check",
    "CheckKind",
    "CheckQuerySet",
    "Correction",
    "CorrectionQuerySet",
    "ErrorReport",
    "ErrorReportQuerySet",
    "Evidence",
    "Insight",
    "InsightEvidence",
    "InsightKind",
    "InsightQuerySet",
    "Outcome",
    "Part",
    "ReportState",
    "Sentence",
    "State",
    "Writing",
    "public_name",
]
