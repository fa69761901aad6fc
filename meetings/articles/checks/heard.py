"""A transcript made ready for comparison: one stream of words that knows who said each and when."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import overload

from rapidfuzz import fuzz

from meetings.transcripts.utterances import Spoken

from .language import language_of
from .words import Word, words

# What is heard and is no word. In other languages some of these are words, as "er" in German.
SOUNDS = {"uh", "uhm", "uhh", "umm", "hm", "hmm", "mmm", "äh", "ähm", "öh", "euh", "ehm", "эм"}
ENGLISH_SOUNDS = {"um", "er", "erm", "eh", "ah"}
ENGLISH = {"the", "and", "of", "to", "that"}
ENGLISH_SHARE = 0.08

# What a transcriber notes: "(Applause.)", "[laughter]", "(inaudible)", "[sic]".
_NOTE = re.compile(
    r"[(\[][^()\[\]]{0,40}\b(?:applause|laugh\w*|chuckl\w*|inaudible|unintelligible|crosstalk"
    r"|cheers?|cheering|music|silence|pause|coughs?|sighs?|audio|foreign language|sic|beifall"
    r"|heiterkeit|zuruf|applaudissements|rires|aplausos|risas)\b[^()\[\]]{0,40}[)\]]",
    re.IGNORECASE,
)
# Words that a transcriber corrected: struck, or put in.
_CORRECTED = re.compile(r"~~[^~]{1,80}~~|\[[^\[\]]{1,80}\]")
# "alli- — allies", "I — I think": begun anew.
_BROKEN_OFF = re.compile(r"-(?=[\s—–-]|$)")
_DASH = re.compile(r"\s*(?:—|–|--|\s-\s|…|\.\.\.)\s*")
_STOP = re.compile(r"[.!?。！？]")
LONGEST_RESTART = 3  # words
_SHORT = 3  # letters: such a word said twice in a row is a stammer
_NEVER_A_STAMMER = {"no", "not"}
SAMPLES, SAMPLE = 40, 4_000  # segments and letters that tell the language
_FIRST = 0x1_0000  # one character for each word: no surrogates from here on


class Heard(Sequence[Spoken]):
    """Segments, and beside them their words as one stream.

    Hesitations and what transcribers note are left out. `stream` has one character for each word,
    so that words are searched as letters are. `asides` says of each word whether a quotation may
    leave it out unmarked, because it was begun anew or corrected. `stops` says of each whether a
    sentence ends behind it.
    """

    def __init__(self, segments: Iterable[Spoken]) -> None:
        self.segments = list(segments)
        self._letters: dict[str, str] = {}
        texts = [without_notes(segment.text) for segment in self.segments]
        spoken = [words(text) for text in texts]
        self._sounds = SOUNDS | ENGLISH_SOUNDS if _is_english(spoken) else SOUNDS
        self.speakers = {segment.speaker_name for segment in self.segments}
        self.words: list[Word] = []
        self._of: list[int] = []  # the segment of each word
        firsts = []
        asides, stops = bytearray(), bytearray()
        for number, (text, found) in enumerate(zip(texts, spoken, strict=True)):
            kept = self.without_sounds(found)
            firsts.append(len(kept))
            self.words += kept
            self._of += [number] * len(kept)
            asides += _asides(text, kept)
            stops += _stops(text, kept)
        self._firsts = [0, *accumulate(firsts)]
        self.asides, self.stops = bytes(asides), bytes(stops)
        self.stream = "".join([self._letter(word.norm) for word in self.words])
        self._places = {segment.key: number for number, segment in enumerate(self.segments)}

    @overload
    def __getitem__(self, index: int) -> Spoken: ...
    @overload
    def __getitem__(self, index: slice) -> list[Spoken]: ...
    def __getitem__(self, index: int | slice) -> Spoken | list[Spoken]:
        return self.segments[index]

    def __len__(self) -> int:
        return len(self.segments)

    def __iter__(self) -> Iterator[Spoken]:
        return iter(self.segments)

    @cached_property
    def language(self) -> str:
        """The language (ISO 639) of most of it; "" where nobody could tell."""
        step = max(1, len(self.segments) // SAMPLES)
        return language_of(" ".join(one.text for one in self.segments[::step])[:SAMPLE])

    def without_sounds(self, found: Sequence[Word]) -> list[Word]:
        return [word for word in found if word.norm not in self._sounds]

    def encoded(self, found: Iterable[Word]) -> str:
        """Words as characters of `stream`; those that were never said as one that is not in it."""
        return "".join([self._letters.get(word.norm, "\x00") for word in found])

    def stretch(self, segment: Spoken) -> tuple[int, int]:
        """From where to where in the stream a segment is; nowhere if the transcript has it not."""
        number = self._places.get(segment.key)
        if number is None:
            return 0, 0
        return self._firsts[number], self._firsts[number + 1]

    def segment(self, word: int) -> Spoken:
        """The segment of the word at a place in the stream."""
        return self.segments[self._of[word]]

    def speaker(self, word: int) -> str:
        return self.segment(word).speaker_name

    def occurrences(self, encoded: str, *, most: int = 50) -> Iterator[int]:
        """Where exactly these words are in the stream."""
        at = self.stream.find(encoded)
        while at >= 0 and most:
            yield at
            most -= 1
            at = self.stream.find(encoded, at + 1)

    def nearest(self, encoded: str, begin: int = 0, end: int | None = None) -> int | None:
        """About where the words are that are most like these, between two places."""
        stretch = self.stream[begin:end]
        found = fuzz.partial_ratio_alignment(encoded, stretch) if stretch and encoded else None
        if found is None or not found.score:
            return None
        # Of what is shorter than the words themselves, they are the stretch.
        return begin + (found.dest_start if len(encoded) <= len(stretch) else 0)

    def said(self, begin: int, end: int) -> str:
        """The words at these places as the transcript has them, marks between them included."""
        parts = []
        while begin < end:
            number = self._of[begin]
            last = min(end, self._firsts[number + 1])
            text = self.segments[number].text
            parts.append(text[self.words[begin].start : self.words[last - 1].end])
            begin = last
        return " ".join(" ".join(parts).split())

    def _letter(self, norm: str) -> str:
        letter = self._letters.get(norm)
        if letter is None:
            letter = self._letters[norm] = chr(_FIRST + len(self._letters))
        return letter


def without_notes(text: str) -> str:
    """The text with what was noted as blanks, so that every word stays where it is."""
    if "(" not in text and "[" not in text:
        return text
    return _NOTE.sub(lambda match: " " * len(match[0]), text)


def _is_english(spoken: Iterable[Sequence[Word]]) -> bool:
    count = of_them = 0
    for found in spoken:
        count += len(found)
        of_them += sum(word.norm in ENGLISH for word in found)
        if count > 5_000:
            break
    return of_them >= ENGLISH_SHARE * count


def _asides(text: str, found: Sequence[Word]) -> bytearray:
    asides = _corrected(text, found)
    for at in range(len(found) - 1):
        word, following = found[at], found[at + 1]
        if word.norm == following.norm and len(word.norm) <= _SHORT:
            asides[at] |= word.norm not in _NEVER_A_STAMMER and word.norm.isalpha()
        if following.start - word.end == 1:  # nothing but a blank between them
            continue
        between = text[word.end : following.start]
        if _BROKEN_OFF.match(between) and len(between) > 1:
            asides[at] = 1
        if _DASH.search(between):
            for length in range(1, LONGEST_RESTART + 1):
                first = [one.norm for one in found[max(0, at + 1 - length) : at + 1]]
                if first == [one.norm for one in found[at + 1 : at + 1 + length]]:
                    asides[at + 1 - length : at + 1] = b"\x01" * length
    return asides


def _corrected(text: str, found: Sequence[Word]) -> bytearray:
    asides = bytearray(len(found))
    if "~~" in text or "[" in text:
        for match in _CORRECTED.finditer(text):
            for at, word in enumerate(found):
                asides[at] |= match.start() <= word.start < match.end()
    return asides


def _stops(text: str, found: Sequence[Word]) -> bytearray:
    stops = bytearray(len(found))
    for at, word in enumerate(found):
        end = found[at + 1].start if at + 1 < len(found) else len(text)
        if end - word.end > 1 or at + 1 == len(found):
            stops[at] = _STOP.search(text, word.end, end) is not None
    return stops
