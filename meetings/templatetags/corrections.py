"""What the article page asks of its corrections."""

from collections.abc import Mapping

from django import template

from meetings.articles.models import Correction

register = template.Library()


@register.filter
def of_sentence(corrected: Mapping[int, Correction], sentence: int) -> Correction | None:
    """The newest correction of a sentence, by the sentence's id."""
    return corrected.get(sentence) if corrected else None  # a page without any has none of them
