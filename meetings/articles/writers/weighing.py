"""Whether a sentence is worth telling, and how much: by what it says and by how clean it is."""

from collections.abc import Sequence
from itertools import pairwise

from .languages import phrases
from .phrases import DEBRIS, FIGURE, HESITATION, MONEY, SHARE, TITLE
from .ranking import Vocabulary
from .sentences import Said

FEWEST_WORDS, MOST_WORDS = 7, 45
FEWEST_WORDS_OF_AN_OUTCOME = 5
LONGEST_SPEECH_MS = 25_000
MOST_LETTERS = 400
# A speech recogniser this unsure has heard something else.
LEAST_CONFIDENCE = 0.5
# Where hardly any or only stop words occur, it is another language, a list of names, or noise.
STOP_WORD_SHARE = (0.2, 0.85)
# What is left of a sentence that needs the one before it.
LEANING = 0.55


class Scale:
    """Weighs the sentences of one transcript, in its language."""

    def __init__(self, language: str, vocabulary: Vocabulary) -> None:
        self.phrases = phrases(language)
        self.vocabulary = vocabulary

    def is_tellable(self, said: Said) -> bool:
        """Whether a reader who was not there can make sense of it at all."""
        if len(said.text) > MOST_LETTERS:
            return False
        words = self.vocabulary.to_words(said.text)
        fewest = FEWEST_WORDS_OF_AN_OUTCOME if self.is_outcome(said) else FEWEST_WORDS
        return (
            said.is_whole
            and fewest <= len(words) <= MOST_WORDS
            and said.speech_ms <= LONGEST_SPEECH_MS
            and (said.confidence is None or said.confidence >= LEAST_CONFIDENCE)
            and not is_question(said)
            and not DEBRIS.search(said.text)
            and not self.phrases.formality.search(said.text)
            and not self.phrases.dangling.search(said.text)
            and self._is_in_the_language(words)
            and len(self.vocabulary.content(said.text)) >= 3
        )

    def is_outcome(self, said: Said) -> bool:
        """Whether it says how a matter ended."""
        return self.phrases.outcome.search(said.text) is not None

    def is_full(self, said: Said) -> bool:
        """Whether it is a full sentence, and no title that is read out."""
        return self.phrases.verb.search(said.text) is not None and TITLE.search(said.text) is None

    def stands_alone(self, said: Said) -> bool:
        """Whether it is a full sentence that points at nothing outside itself."""
        return self.is_full(said) and self.phrases.pointing.search(said.text) is None

    def leans(self, said: Said, before: Said | None) -> bool:
        """Whether it is hard to understand without the sentence before it, or its second half."""
        if self.phrases.leaning.search(said.text):
            return True
        return (
            before is not None
            and before.speaker_name == said.speaker_name
            and (not before.is_whole or self.phrases.dangling.search(before.text) is not None)
        )

    def is_cut_off(self, said: Said, after: Said | None) -> bool:
        """Whether a captioner set the full stop too early: the next sentence goes on."""
        return (
            after is not None
            and after.speaker_name == said.speaker_name
            and not is_question(after)
            and self.phrases.continuing.search(after.text) is not None
        )

    def weight(self, said: Said) -> float:
        """How much a sentence tells, around 1. The higher, the better."""
        return self.substance(said.text) * self.cleanness(said.text)

    def substance(self, text: str) -> float:
        """Outcomes, decisions, sums, dates and promises before opinions."""
        found = 0.0
        for patterns, worth in (
            ([self.phrases.outcome], 0.8),
            ([self.phrases.decision], 0.5),
            ([self.phrases.money, MONEY], 0.5),
            ([SHARE], 0.3),
            ([self.phrases.commitment], 0.3),
            ([self.phrases.date], 0.25),
        ):
            found += worth if any(pattern.search(text) for pattern in patterns) else 0
        found += min(0.3, 0.15 * len(FIGURE.findall(text)))
        found += min(0.4, 0.13 * len(self.phrases.business.findall(text)))
        return 0.5 + min(found, 1.8)

    def cleanness(self, text: str) -> float:
        """Whether it stands alone, and was said and heard without stumbling."""
        words = self.vocabulary.to_words(text)
        clean = 1.0
        if self.phrases.leaning.search(text):
            clean *= LEANING
        if TITLE.search(text) or not self.phrases.verb.search(text):
            clean *= 0.6
        clean *= 0.94 ** len(self.phrases.pointing.findall(text))
        clean *= 0.75 ** (len(self.phrases.filler.findall(text)) + len(HESITATION.findall(text)))
        clean *= 0.7 ** sum(one == other for one, other in pairwise(words))
        if not 9 <= len(words) <= 35 and not self.phrases.outcome.search(text):
            clean *= 0.85
        return clean

    def _is_in_the_language(self, words: Sequence[str]) -> bool:
        if not self.vocabulary.stop_words:
            return True
        stops = sum(word in self.vocabulary.stop_words for word in words)
        least, most = STOP_WORD_SHARE
        return least <= stops / len(words) <= most


def is_question(said: Said) -> bool:
    return any(mark in said.text for mark in "?？؟")
