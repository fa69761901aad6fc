"""Counting searches that find nothing, so that staff learn what people miss."""

from datetime import datetime

from django.db.models import F

from .models import FruitlessSearch
from .printing import canonical
from .tree import Node

KEPT_MONTHS = 12


def note_fruitless(*, tree: Node, now: datetime) -> None:
    """Count one more of this search in this month. Searches of a year ago are forgotten."""
    month = now.date().replace(day=1)
    text = canonical(tree)[: FruitlessSearch.TEXT_MAX]
    rows = FruitlessSearch.objects.filter(month=month, text=text)
    if rows.update(count=F("count") + 1):
        return
    FruitlessSearch.objects.filter(month__lte=month.replace(year=month.year - 1)).delete()
    _row, is_new = FruitlessSearch.objects.get_or_create(month=month, text=text)
    if not is_new:  # somebody else was here first
        rows.update(count=F("count") + 1)
