"""Evidence: whether a sentence rests on something that was said, and is about it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache

from sumy.nlp.stemmers import Stemmer, null_stemmer
from sumy.utils import get_stop_words

from meetings.transcripts.utterances import Spoken

from .finding import Finding, Kind
from .words import words


class Verdict(StrEnum):
    """What became of a sentence's evidence."""

    RESTS = "rests"
    FAINT = "faint"
    """Hardly a word of the sentence was said there."""
    CHANGED = "changed"
    """The words there are not those any more that the sentence was written from."""
    GONE = "gone"
    """The transcript has a cited segment no longer."""
    MISSING = "missing"
    """The sentence names nothing that it rests on."""
    CONTEXT = "context"
    """It names nothing, and staff say that it needs nothing."""


FAILED = frozenset({Verdict.FAINT, Verdict.CHANGED, Verdict.GONE, Verdict.MISSING})

# Of the words of a sentence that carry something, how many were said, at the least. A sentence in
# its own words shares a third and more with what it tells of; one about something else hardly any.
LEAST_SHARED = 0.15
FEW = 3  # words that carry something: one of them is enough


def check(
    sentence: str, evidence: Sequence[Spoken], transcript: Iterable[Spoken], *, language: str = "en"
) -> list[Finding]:
    """One finding about the whole sentence.

    `language` (BCP 47) is that of the words. The details of the finding: `shared`, the share of the
    sentence's words that were said, from 0 to 1.
    """
    if not evidence:
        return [Finding(Kind.EVIDENCE, Verdict.MISSING, 0, len(sentence))]
    primary = language.partition("-")[0].lower()
    claimed = stems(sentence, primary)
    said = stems(" ".join([f"{one.speaker_name} {one.text}" for one in evidence]), primary)
    shared = len(claimed & said) / (len(claimed) or 1)
    is_enough = shared >= LEAST_SHARED or (len(claimed) <= FEW and bool(claimed & said))
    verdict = Verdict.RESTS if is_enough or not claimed else Verdict.FAINT
    return [Finding(Kind.EVIDENCE, verdict, 0, len(sentence), {"shared": round(shared, 3)})]


def stems(text: str, language: str) -> frozenset[str]:
    """The stems of the words that carry something. Figures are their own."""
    stop_words, stem = _vocabulary(language)
    return frozenset(stem(word.norm) for word in words(text) if word.norm not in stop_words)


@lru_cache(maxsize=16)
def _vocabulary(language: str) -> tuple[frozenset[str], Stemmer]:
    """What sumy knows of a language; of others every word counts and is its own stem."""
    stop_words: frozenset[str] = frozenset()
    stem = null_stemmer
    if language.isalpha():  # it becomes part of a file's name in sumy
        with suppress(LookupError):
            stop_words = frozenset(get_stop_words(language))
        with suppress(LookupError):
            stem = Stemmer(language)
    return stop_words, stem
