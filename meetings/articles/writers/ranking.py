"""How central each sentence is to what was said: sumy's TextRank over windows of a transcript."""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer, null_stemmer
from sumy.summarizers.text_rank import TextRankSummarizer
from sumy.utils import get_stop_words

# TextRank compares each sentence with each: 300 at a time take part of a second (DESIGN §5).
WINDOW = 300
# Longer than any speech we know of in words; what a hostile file could hold is cut off here.
MOST_WORDS = 120

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Vocabulary:
    """What counts as a word in a language, and which words carry nothing.

    sumy knows stop words and stems for some languages; for all others no word is passed over and
    a word is its own stem. Its tokenizer is not used: it wants a download.
    """

    def __init__(self, language: str) -> None:
        primary = language.partition("-")[0].lower()
        self.stop_words: frozenset[str] = frozenset()
        stem = null_stemmer
        if primary.isalpha():  # it becomes part of a file's name in sumy
            with suppress(LookupError):
                self.stop_words = frozenset(get_stop_words(primary))
            with suppress(LookupError):
                stem = Stemmer(primary)
        self.stem = lru_cache(maxsize=50_000)(stem)

    def to_words(self, text: str) -> tuple[str, ...]:
        """The words of a text, in small letters, as many as a sentence may have."""
        return tuple(WORD.findall(text.lower().replace("’", "'"))[:MOST_WORDS])

    def content(self, text: str) -> frozenset[str]:
        """The stems of the words that carry something."""
        return frozenset(
            self.stem(word) for word in self.to_words(text) if word not in self.stop_words
        )


def centrality(texts: Sequence[str], vocabulary: Vocabulary) -> list[float]:
    """How central each text is among its neighbours: from 0 (to none akin) to 1 (the most)."""
    ranks: list[float] = []
    for begin in range(0, len(texts), WINDOW):
        ratings = _textrank(texts[begin : begin + WINDOW], vocabulary)
        least, most = min(ratings), max(ratings)
        ranks += [(rating - least) / ((most - least) or 1) for rating in ratings]
    return ranks


class _TextRank(TextRankSummarizer):
    """sumy's, but for how it compares: by sets of stems, and no sentence with itself.

    sumy counts words in lists and lets every sentence vote for itself, most of all. So one that
    nothing else resembles keeps an average rank, and 300 sentences take six times as long.
    """

    def _to_words_set(self, sentence: Sentence) -> frozenset[str]:
        words: frozenset[str] = sentence.words
        return words

    @staticmethod
    def _rate_sentences_edge(words1: frozenset[str], words2: frozenset[str]) -> float:
        """The words that both have, by the logarithms of their lengths (Mihalcea and Tarau)."""
        common = len(words1 & words2)
        if not common or words1 is words2:
            return 0.0
        return common / ((math.log(len(words1)) + math.log(len(words2))) or 1.0)


class _Stems:
    """What sumy asks for the words of a sentence."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.to_words = vocabulary.content


def _textrank(texts: Sequence[str], vocabulary: Vocabulary) -> list[float]:
    sentences = [Sentence(text, _Stems(vocabulary)) for text in texts]
    document = ObjectDocumentModel([Paragraph(sentences)])
    ratings = _TextRank().rate_sentences(document)
    return [float(ratings[sentence]) for sentence in sentences]


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the shorter one's words that both have: 1 where one says nothing new."""
    return len(one & other) / (min(len(one), len(other)) or 1)
