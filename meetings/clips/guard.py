"""The context guard: does a span cut a speaker off where it matters, and where should it end? Pure.

It minds three things: a span that begins inside a sentence, one that ends inside a sentence, and
one that stops before the speaker takes something back ("but", "however", "not"). It forbids
nothing: it says what would be left out, and offers the span that leaves nothing out.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from meetings.transcripts.sentences import sentences
from meetings.transcripts.words import Said

from .timed import Span, Word, within

# What is longer has no full stops to go by: nobody knows where its sentences end.
LONGEST_SENTENCE_MS = 60_000
# Somebody who wants ten seconds is not offered a speech.
OFFER_MAX_MS = 60_000
# What a speaker says after a longer silence takes nothing back.
SILENCE_MS = 10_000
SHOWN_WORDS = 14

_SIGNS = re.compile(r"[^\w'’]+")
# What people say before they come to it.
_FILLERS = frozenset(
    [
        *["and", "well", "now", "um", "uh", "so", "oh", "er"],
        *["y", "e", "bueno", "et", "alors", "bon", "und", "äh"],
    ]
)
# With one of these as its first word a sentence takes something back.
_TURNS = {
    "en": "but not however never nor although though except unless yet nevertheless nonetheless"
    " notwithstanding instead otherwise only",
    "es": "pero no sino aunque nunca salvo excepto tampoco solo sólo mas",
    "fr": "mais pas non sauf jamais cependant toutefois néanmoins pourtant quoique",
    "de": "aber nicht sondern jedoch doch allerdings nie niemals außer obwohl nur dennoch",
}
# These do so anywhere near its beginning: "We did, however, vote against it."
_NEAR = {
    "en": "however nevertheless nonetheless though",
    "fr": "cependant toutefois néanmoins pourtant",
    "de": "jedoch allerdings dennoch",
    "es": "embargo",
}
_NEAR_WORDS = 4
TURNS = {language: frozenset(words.split()) for language, words in _TURNS.items()}
NEAR = {language: frozenset(words.split()) for language, words in _NEAR.items()}


class Cut(Enum):
    """What a span does to what was said."""

    BEGINS_INSIDE = "begins"
    ENDS_INSIDE = "ends"
    TAKEN_BACK = "turns"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one end of a span, the words that it leaves out, and a better span.

    There is no offer where the transcript does not tell where the sentence ends, or where it ends
    a minute away.
    """

    cut: Cut
    left_out: str
    offer: Span | None


def findings(span: Span, words: Sequence[Word], *, language: str = "en") -> list[Finding]:
    """What is wrong with the beginning of a span, and then with its end: one each at most.

    `words` are those of the span and of the minute or two on both sides of it. A span in which
    nobody says anything has nothing wrong.
    """
    inside = within(span, words)
    if not inside:
        return []
    speech = _Speech(words, language)
    found = [speech.beginning(span, inside.start), speech.ending(span, inside.stop)]
    return [finding for finding in found if finding is not None]


def widened(span: Span, words: Sequence[Word], *, language: str = "en") -> Span:
    """The span with every offer accepted. It is the span itself where there is none."""
    while True:
        offers = [one.offer for one in findings(span, words, language=language) if one.offer]
        if not offers:
            return span
        span = Span(min(offer.start_ms for offer in offers), max(offer.end_ms for offer in offers))


class _Speech:
    """Words with the sentences that they make."""

    def __init__(self, words: Sequence[Word], language: str) -> None:
        self.words = words
        base = language.partition("-")[0].lower()
        self.turns, self.near = TURNS.get(base, frozenset()), NEAR.get(base, frozenset())
        self.begins = _beginnings(words)

    def sentence_of(self, number: int) -> range:
        place = bisect_right(self.begins, number)
        after = self.begins[place] if place < len(self.begins) else len(self.words)
        return range(self.begins[place - 1], after)

    def is_known(self, sentence: range) -> bool:
        """Whether these words are a sentence: without full stops they are only a lot of words."""
        first, last = self.words[sentence.start], self.words[sentence.stop - 1]
        return last.end_ms - first.start_ms <= LONGEST_SENTENCE_MS

    def beginning(self, span: Span, first: int) -> Finding | None:
        sentence = self.sentence_of(first)
        if sentence.start == first or not self.is_known(sentence):
            return None
        start_ms = min(word.start_ms for word in self.words[sentence.start : first])
        if start_ms >= span.start_ms:  # somebody else talks at the same time
            return None
        left_out = _shown(self.words[sentence.start : first], is_end=True)
        return Finding(Cut.BEGINS_INSIDE, left_out, Span(start_ms, span.end_ms))

    def ending(self, span: Span, after: int) -> Finding | None:
        """`after` is the number of the first word that is not in the span any more."""
        sentence = self.sentence_of(after - 1)
        is_inside = after < sentence.stop and self.is_known(sentence)
        is_taken_back = self.takes_back(after)
        if not (is_inside or is_taken_back):
            return None
        stop = self.stop_after(after, is_inside=is_inside)
        rest = self.words[after : self.sentence_of(after).stop if stop is None else stop]
        offer = Span(span.start_ms, max(word.end_ms for word in rest)) if stop else None
        if offer and offer.end_ms <= span.end_ms:  # somebody else talks at the same time
            return None
        if offer and offer.end_ms - span.end_ms > OFFER_MAX_MS:
            offer = None
        cut = Cut.TAKEN_BACK if is_taken_back else Cut.ENDS_INSIDE
        return Finding(cut, _shown(rest, is_end=False), offer)

    def stop_after(self, after: int, *, is_inside: bool) -> int | None:
        """Where all that belongs to it has been said; None where that is not known."""
        if is_inside:
            after = self.sentence_of(after).stop
        while self.takes_back(after):
            sentence = self.sentence_of(after)
            if not self.is_known(sentence):
                return None
            after = sentence.stop
        return after

    def takes_back(self, number: int) -> bool:
        """Whether the same speaker goes on here with a word that takes back what was said."""
        if not 0 < number < len(self.words):
            return False
        before, word = self.words[number - 1], self.words[number]
        if word.speaker != before.speaker or word.start_ms - before.end_ms > SILENCE_MS:
            return False
        coming = [_bare(one.text) for one in self.words[number : self.sentence_of(number).stop]]
        while coming and coming[0] in _FILLERS | {""}:
            coming.pop(0)
        begins = number in self.begins
        return bool(coming) and (
            coming[0] in self.turns or (begins and not self.near.isdisjoint(coming[:_NEAR_WORDS]))
        )


def _beginnings(words: Sequence[Word]) -> list[int]:
    """The number of the first word of each sentence."""
    said = [
        Said(
            text=word.text,
            start_ms=word.start_ms,
            end_ms=word.end_ms,
            cue=word.line,
            turn=number > 0 and word.speaker != words[number - 1].speaker,
            speaker=word.speaker,
            confidence=None,
        )
        for number, word in enumerate(words)
    ]
    begins, place = [], 0
    for stretch in sentences(said):
        if stretch.begins:
            begins.append(place)
        place += len(stretch.words)
    return begins


def _bare(text: str) -> str:
    return _SIGNS.sub("", text).replace("’", "'").strip("'").casefold()


def _shown(words: Sequence[Word], *, is_end: bool) -> str:
    """As many of the words as are read at a glance: those that stand next to the span."""
    texts = [word.text for word in words]
    if len(texts) <= SHOWN_WORDS:
        return " ".join(texts)
    if is_end:
        return "… " + " ".join(texts[-SHOWN_WORDS:])
    return " ".join(texts[:SHOWN_WORDS]) + " …"
