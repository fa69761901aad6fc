"""Which language a transcript is in, where the one that it is filed under cannot be right."""

from collections.abc import Sequence
from itertools import islice

from meetings.transcripts.utterances import Spoken

from .languages import BY_LANGUAGE
from .ranking import Vocabulary

ENOUGH_WORDS = 3_000
# In a language's own texts every third word or more is one of its stop words; in those of others
# hardly one in six (measured on English, German and French meetings).
FOREIGN, OWN = 0.2, 0.3


def language_of(lines: Sequence[Spoken], *, filed_under: str) -> str:
    """The language as BCP 47: `filed_under`, unless the words are plainly of another we know.

    A caption file often does not say its language, and then it is filed under the usual one.
    """
    vocabulary = Vocabulary(filed_under)
    words = _words(lines, vocabulary)
    if not words or _share(words, vocabulary.stop_words) >= FOREIGN:
        return filed_under
    shares = {name: _share(words, Vocabulary(name).stop_words) for name in BY_LANGUAGE}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= OWN else filed_under


def _words(lines: Sequence[Spoken], vocabulary: Vocabulary) -> list[str]:
    said = (word for line in lines for word in vocabulary.to_words(line.text))
    return list(islice(said, ENOUGH_WORDS))


def _share(words: Sequence[str], stop_words: frozenset[str]) -> float:
    return sum(word in stop_words for word in words) / len(words)
