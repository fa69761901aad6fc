"""What the search page says of a moment that was found."""

from collections.abc import Mapping

from django import template

from meetings.media.models import Recording
from meetings.search.moments import Moment
from meetings.search.quoting import quoted

register = template.Library()


@register.filter
def quotation(moment: Moment) -> str:
    """The fragment of an address that names the words of a moment; nothing where it has none."""
    return quoted(moment)


@register.filter
def recording_in(moment: Moment, recordings: Mapping[int, Recording]) -> Recording | None:
    """What a moment can be played from, where its place in it is known."""
    return recordings.get(moment.meeting.pk) if moment.end_ms is not None else None
