"""What a snapshot holds: only what every member may have, and each choice with its reason.

Each model of the app is in a table or in `LEFT_OUT`; each field of a model in a table is in a
column or in the table's `without`. A test holds both, so nothing gets into a snapshot, or stays out
of it, because nobody thought of it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from . import articles, clips, insights, records, words
from .table import Table

__all__ = ["LEFT_OUT", "TABLES", "Table"]

TABLES: tuple[Table, ...] = (
    *records.TABLES,
    *words.TABLES,
    *articles.TABLES,
    *insights.TABLES,
    *clips.TABLES,
)

_ALERTS = "what somebody waits for is theirs alone"
_INSIDE = "for the site's own work"

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "Alert",
                "Channel",
                "Digest",
                "Match",
                "Quiet",
                "Round",
                "Run",
                "Schedule",
                "StoredTree",
                "Told",
                "TreeTerm",
            ),
            _ALERTS,
        ),
        "Change": _INSIDE,
        "ClipReport": "what people report is between them and staff",
        "ErrorReport": "what people report is between them and staff",
        "Follower": _INSIDE,
        "FruitlessSearch": "what people search for is theirs",
        "Import": _INSIDE,
        "Manifest": "a clip's own address gives it, signed",
        "Recognition": _INSIDE,
        "RecognizedPart": _INSIDE,
        "Rendering": "a file that can be made again",
        "Step": _INSIDE,
        "Upload": _INSIDE,
        "Writing": "model and prompt stand beside what was written; the rest is bookkeeping",
    }
)
