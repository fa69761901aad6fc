"""What the search page says of a moment that was found."""

from django import template

from meetings.search.moments import Moment
from meetings.search.quoting import quoted

register = template.Library()


@register.filter
def quotation(moment: Moment) -> str:
    """The fragment of an address that names the words of a moment; nothing where it has none."""
    return quoted(moment)
