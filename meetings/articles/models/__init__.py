"""The free summary, what it rests on, and what readers say is wrong with it."""

from .article import Article, ArticleQuerySet, Evidence, Part, Sentence, State
from .insight import Insight, InsightEvidence, InsightKind, InsightQuerySet
from .report import ErrorReport, ErrorReportQuerySet, ReportState
from .writing import Writing

__all__ = [
    "Article",
    "ArticleQuerySet",
    "ErrorReport",
    "ErrorReportQuerySet",
    "Evidence",
    "Insight",
    "InsightEvidence",
    "InsightKind",
    "InsightQuerySet",
    "Part",
    "ReportState",
    "Sentence",
    "State",
    "Writing",
]
