"""Which language a transcript is in, where the one that it is filed under cannot be right."""

from collections.abc import Iterable, Sequence
from itertools import islice

from .languages import BY_LANGUAGE
from .ranking import Vocabulary

ENOUGH_WORDS = 3_000
# In a language's own texts every third word or more is one of its stop words; in those of others
# hardly one in six (measured on English, German and French meetings).
FOREIGN, OWN = 0.2, 0.3


def language_of(texts: Iterable[str], *, filed_under: str) -> str:
    """The language as BCP 47: `filed_under`, unless the words are plainly of another we know.

    A caption file often does not say its language, and then it is filed under the usual one.
    """
    vocabulary = Vocabulary(filed_under)
    words = _words(texts, vocabulary)
    if not words or _share(words, vocabulary.stop_words) >= FOREIGN:
        return filed_under
    shares = {name: _share(words, Vocabulary(name).stop_words) for name in BY_LANGUAGE}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= OWN else filed_under


def _words(texts: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    said = (word for text in texts for word in vocabulary.to_words(text))
    return list(islice(said, ENOUGH_WORDS))


def _share(words: Sequence[str], stop_words: frozenset[str]) -> float:
    return sum(word in stop_words for word in words) / len(words)
