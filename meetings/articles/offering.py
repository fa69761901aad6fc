"""Another sentence in the place of one: the next best that were said near it, word for word."""

from dataclasses import replace
from hashlib import sha256

from meetings.transcripts import queries as transcripts

from .drafting import source_of
from .models import Evidence, Sentence
from .writers import extractive
from .writers.draft import DraftSentence

# How far from the sentence another one is looked for, and how many are offered.
NEAR_MS = 10 * 60_000
MOST = 3


def offers(sentence: Sentence) -> list[DraftSentence]:
    """Sentences of the meeting that could stand there as well, the best first; perhaps none.

    The extractive writer picks them, whoever wrote the article: nothing is written anew, and no
    model is asked. What the article tells already is left out.
    """
    article = sentence.article
    transcript = transcripts.current(article.meeting)
    if transcript is None:
        return []
    source = source_of(article.meeting, transcript)
    at = _moment(sentence)
    if at is not None:
        near = [line for line in source.lines if abs(line.start_ms - at) <= NEAR_MS]
        source = replace(source, lines=near)
    told = list(article.sentences.values_list("text", flat=True))
    return extractive.others(source, told=told, most=MOST)


def offered(sentence: Sentence, name: str) -> DraftSentence | None:
    """The offer of this name, if it still is one."""
    return next((one for one in offers(sentence) if name_of(one) == name), None)


def name_of(offer: DraftSentence) -> str:
    """What a form calls an offer by."""
    return sha256(offer.text.encode()).hexdigest()[:16]


def _moment(sentence: Sentence) -> int | None:
    """Where the sentence rests, else where the first of the article does."""
    own = sentence.evidence.order_by("start_ms").first()
    of_article = Evidence.objects.filter(sentence__article=sentence.article_id)
    one = own or of_article.order_by("sentence__paragraph", "sentence__position").first()
    return one.start_ms if one else None
