"""The words of a transcript as HTML: when they are said, and which were hard to hear."""

from itertools import groupby
from operator import itemgetter

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from meetings.reader.queries import UNSURE, UNSURE_PERCENT
from meetings.transcripts.models import Segment

register = template.Library()


@register.simple_tag
def said(segment: Segment, marked: Segment | None) -> SafeString:
    """One segment as a span. `marked` is the one that the address names.

    15,000 of these are on the page of a long meeting, and a template with its tests inside takes
    three times as long for each. `data-w` holds the beginnings of the words (said.js).
    """
    is_marked = marked is not None and segment.pk == marked.pk
    starts = segment.word_starts_ms
    words = f' data-w="{",".join(map(str, starts))}"' if starts else ""
    doubt = ' class="unsure"' if _is_unsure(segment) else ""
    text = _heard(segment) if segment.word_confidences else escape(segment.text)
    if is_marked:
        text = f'<mark id="moment">{text}</mark>'
    return mark_safe(  # noqa: S308 - all that people wrote is escaped above; keys are ours
        f'<span id="s-{segment.key}" data-t="{segment.start_ms},{segment.end_ms}"{words}{doubt}>'
        f"{text}</span> "
    )


def _is_unsure(segment: Segment) -> bool:
    """Whether the whole of it was hard to hear. Where each word is known, the words say it."""
    sure = segment.confidence
    return sure is not None and sure < UNSURE and not segment.word_confidences


def _heard(segment: Segment) -> str:
    """The text with its doubtful words marked; neighbours share a mark."""
    words, sure = segment.text.split(), segment.word_confidences or []
    if len(words) != len(sure):
        return escape(segment.text)  # better no mark than a wrong one
    heard = zip(words, (percent < UNSURE_PERCENT for percent in sure), strict=True)
    runs = []
    for is_doubtful, run in groupby(heard, key=itemgetter(1)):
        text = escape(" ".join(word for word, _ in run))
        runs.append(f'<span class="unsure">{text}</span>' if is_doubtful else text)
    return " ".join(runs)
