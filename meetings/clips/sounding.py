"""The sound of public clips alone, as the podcast has it: which of them lack it."""

from datetime import datetime

from django.urls import reverse

from memberships.gate import pages

from .models import Clip, Rendering

NEWEST = 100
"""So many clips are in the podcast at most."""


def lacking(*, now: datetime) -> list[Clip]:
    """Of the newest public clips, those whose sound nobody has asked for yet, `with_source`.

    They were public before there was a podcast, or their owner was no member when it was time.
    Two queries.
    """
    newest = list(Clip.objects.listed(at=now).with_source().newest_first()[:NEWEST])
    rows = Rendering.objects.filter(kind=Rendering.Kind.AUDIO, clip__in=newest)
    asked = set(rows.values_list("clip_id", flat=True))
    return [clip for clip in newest if clip.pk not in asked]


def show_anew() -> None:
    """Have the podcast made anew once this transaction commits: one of its clips has changed."""
    pages.drop(reverse("feed-clips"))
