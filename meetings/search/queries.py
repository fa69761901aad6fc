"""What the index is made from, and names for what it counts."""

from collections.abc import Iterable

from django.db.models import QuerySet

from meetings.records.models import Body, Meeting, Place


def indexable() -> QuerySet[Meeting]:
    """The meetings of which something may be found, with body and place, the oldest first."""
    return Meeting.objects.in_public().select_related("body__place").order_by("held_on", "pk")


def body_names(slugs: Iterable[str]) -> dict[str, str]:
    """The names of these bodies, by their addresses. One query at most."""
    return dict(Body.objects.filter(slug__in=[*slugs]).values_list("slug", "name"))


def place_names(slugs: Iterable[str]) -> dict[str, str]:
    """The names of these places, by their addresses. One query at most."""
    return dict(Place.objects.filter(slug__in=[*slugs]).values_list("slug", "name"))
