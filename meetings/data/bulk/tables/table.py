"""Table: one table of a snapshot, and the rows of it that every member may have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from ..columns import Column

# Those of these published meetings, at this instant.
Rows = Callable[[Sequence[int], datetime], QuerySet[Any]]

# Why a field is in no column.
STAFF = "names of staff are for the pages that show what they did"
INSIDE = "for the site's own work"


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Where it is not by month, `rows` is given no meetings.

    Each field of the model is in a column, or in `without` with the reason.
    """

    name: str
    says: str
    model: type[Model]
    columns: tuple[Column, ...]
    rows: Rows
    order: tuple[str, ...] = ("pk",)
    is_monthly: bool = True
    without: Mapping[str, str] = field(default_factory=dict)
