"""The free summary, what it rests on, and what readers say is wrong with it."""

from .article import Article, ArticleQuerySet, Evidence, Sentence, State
from .report import ErrorReport, ErrorReportQuerySet, ReportState

__all__ = [
    "Article",
    "ArticleQuerySet",
    "ErrorReport",
    "ErrorReportQuerySet",
    "Evidence",
    "ReportState",
    "Sentence",
    "State",
]
