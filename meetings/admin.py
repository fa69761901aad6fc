"""The register that Django reads: every admin of this app, each from its room."""

from .alerts import admin as alerts
from .articles import admin as articles
from .clips import admin as clips
from .intake import admin as intake
from .media import admin as media
from .records import admin as records
from .search import admin as search
from .transcripts import admin as transcripts

__all__ = ["alerts", "articles", "clips", "intake", "media", "records", "search", "transcripts"]
