"""Alerts follow the log of changes: each meeting that changed is held against them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from meetings.records.models import Change

from .matching import match


def match_changes(batch: Sequence[Change]) -> None:
    """Match the meetings of these changes, each once, by the first of its changes.

    Doing it again changes nothing: what had its round is left out.
    """
    first: dict[int, Change] = {}
    for change in batch:
        first.setdefault(change.meeting_id, change)
    for meeting, change in first.items():
        match(meeting=meeting, changed_at=change.created_at, now=timezone.now())
