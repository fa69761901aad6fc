"""Whether what sentences rest on still stands in the newest words: cheap enough for every edit."""

from datetime import datetime

from django.db import transaction

from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment

from .models import Article, Evidence, Sentence, State


@transaction.atomic
def mark_stale(*, meeting: Meeting, now: datetime) -> list[Sentence]:
    """Mark the sentences whose evidence is gone or has other words now; give all that are stale.

    A sentence that was stale before keeps its time; one that stands again, because a version was
    brought back, is stale no more. Left alone are withdrawn articles, and sentences that no check
    has seen yet: the checks note what they were written from.

    The articles are locked first, as whoever changes or checks one does: so neither waits for
    sentences of the other, and nobody's fresh evidence is called stale.
    """
    list(Article.objects.filter(meeting=meeting).held())
    rows = Evidence.objects.filter(sentence__article__meeting=meeting)
    cited = list(
        rows.exclude(sentence__article__state=State.WITHDRAWN)
        .exclude(sentence__checked_at__isnull=True)
        .select_related("sentence__article")
        .order_by("sentence__article_id", "sentence__paragraph", "sentence__position", "id")
    )
    if not cited:
        return []
    texts, places = _said(meeting)
    stale: dict[int, Sentence] = {}
    for one in cited:
        first, last = places.get(one.first_key), places.get(one.last_key)
        said = texts[first : last + 1] if first is not None and last is not None else []
        if not said or " ".join(" ".join(said).split()) != one.words:
            stale[one.sentence_id] = one.sentence
    sentences = Sentence.objects.filter(pk__in={one.sentence_id for one in cited})
    sentences.filter(pk__in=stale, stale_since__isnull=True).update(stale_since=now)
    sentences.exclude(pk__in=stale).filter(stale_since__isnull=False).update(stale_since=None)
    return list(stale.values())


def _said(meeting: Meeting) -> tuple[list[str], dict[str, int]]:
    """The texts of the current transcript in order, and the place of each key among them."""
    transcript = transcripts.current(meeting)
    rows = Segment.objects.filter(transcript=transcript) if transcript else Segment.objects.none()
    pairs = list(rows.in_order().values_list("key", "text"))
    return [text for _key, text in pairs], {key: at for at, (key, _text) in enumerate(pairs)}
