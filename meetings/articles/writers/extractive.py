"""The writer that needs no key: it only picks sentences that were said."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from .choosing import FEWEST_PARAGRAPHS, SAME, Candidate, Choice
from .draft import Draft, DraftSentence, Source, TooLittle
from .headline import headline
from .hearing import language_of
from .ranking import Vocabulary, centrality, overlap
from .sentences import Said, assemble
from .voice import Voice, voice
from .weighing import Scale

name = "extractive"
version = "1"

LONGEST_STANDFIRST = 400
# A meeting longer than each of these gets one paragraph more than three.
LONGER_MS = (25 * 60_000, 60 * 60_000, 120 * 60_000)


def drafts(source: Source) -> list[Draft]:
    """The one article that it makes of a meeting. Raises TooLittle."""
    return [write(source)]


def write(source: Source) -> Draft:
    """Pick what a resident should know. The same source gives the same draft.

    Every quotation is a sentence that was said, word for word. Raises TooLittle.
    """
    language = language_of((line.text for line in source.lines), filed_under=source.language)
    vocabulary = Vocabulary(language)
    scale = Scale(language, vocabulary)
    sentences = assemble(source.lines, language=language)
    choice = Choice(_candidates(source, sentences, scale, vocabulary))
    length_ms = sentences[-1].end_ms - sentences[0].start_ms if sentences else 0
    wanted = FEWEST_PARAGRAPHS + sum(length_ms > longer for longer in LONGER_MS)
    headliner = choice.headliner()
    lead = choice.lead(headliner)
    paragraphs = choice.paragraphs(
        wanted=wanted, apart_ms=length_ms // (wanted * 4), first=headliner
    )
    if lead is None or len(paragraphs) < FEWEST_PARAGRAPHS:
        raise TooLittle(
            _(
                "This meeting holds too little for an article: fewer than three matters were "
                "spoken about in whole sentences."
            )
        )
    quoting = voice(language)
    return Draft(
        headline=headline(source, paragraphs, headliner, quoting),
        standfirst=_standfirst(lead.said, quoting),
        paragraphs=tuple(
            tuple(_quoted([one.said for one in paragraph], quoting)) for paragraph in paragraphs
        ),
    )


def others(source: Source, *, told: Sequence[str], most: int) -> list[DraftSentence]:
    """Sentences that could be told as well, the best first: none of which says what is `told`."""
    language = language_of((line.text for line in source.lines), filed_under=source.language)
    vocabulary = Vocabulary(language)
    sentences = assemble(source.lines, language=language)
    said_already = [vocabulary.content(text) for text in told]
    found: list[Candidate] = []
    candidates = _candidates(source, sentences, Scale(language, vocabulary), vocabulary)
    for one in sorted(candidates, key=lambda one: (one.leans, -one.score, one.order)):
        words = [*said_already, *(other.words for other in found)]
        if one.is_full and all(overlap(one.words, other) < SAME for other in words):
            found.append(one)
        if len(found) == most:
            break
    quoting = voice(language)
    return [_quoted([one.said], quoting)[0] for one in found]


def _candidates(
    source: Source, sentences: Sequence[Said], scale: Scale, vocabulary: Vocabulary
) -> list[Candidate]:
    around = [None, *sentences, None]
    tellable = [
        order
        for order, said in enumerate(sentences)
        if scale.is_tellable(said) and not scale.is_cut_off(said, around[order + 2])
    ]
    ranks = centrality([sentences[order].text for order in tellable], vocabulary)
    starts = [chapter.start_ms for chapter in source.chapters]
    candidates = []
    for order, rank in zip(tellable, ranks, strict=True):
        said = sentences[order]
        candidates.append(
            Candidate(
                order=order,
                said=said,
                words=vocabulary.content(said.text),
                score=scale.weight(said) * (0.4 + 0.6 * rank),
                chapter=bisect_right(starts, said.start_ms) - 1,
                leans=scale.leans(said, around[order]),
                is_full=scale.is_full(said),
                stands_alone=scale.stands_alone(said),
                is_outcome=scale.is_outcome(said),
            )
        )
    return candidates


def _standfirst(said: Said, quoting: Voice) -> DraftSentence:
    """The sentence above the article; without its speaker, where the name is too long for that."""
    [standfirst] = _quoted([said], quoting)
    if len(standfirst.text) <= LONGEST_STANDFIRST:
        return standfirst
    return replace(standfirst, text=quoting.quote(said.text))


def _quoted(paragraph: Sequence[Said], quoting: Voice) -> list[DraftSentence]:
    """The paragraph's sentences as quotations; the speaker is named where they change."""
    quoted = []
    before = ""
    for said in paragraph:
        speaker_name = said.speaker_name if said.speaker_name != before else ""
        quoted.append(
            DraftSentence(
                text=quoting.quote(said.text, speaker_name=speaker_name),
                first_key=said.first_key,
                last_key=said.last_key,
                start_ms=said.start_ms,
                end_ms=said.end_ms,
            )
        )
        before = said.speaker_name
    return quoted
