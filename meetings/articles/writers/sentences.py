"""Sentences as they were said: segments joined and cut at full stops, with their keys."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from meetings.transcripts.utterances import Spoken

# A pause this long without a full stop ends a sentence all the same: nobody finished it.
LONGEST_PAUSE_MS = 4_000
# How long a slow speaker takes for a letter: about one and a half words a second.
SLOWEST_MS = 125
# Fewer full stops than one in so many words, and the transcript has no punctuation to go by.
WORDS_PER_STOP = 80

STOP = re.compile(r"(?:[.!?…]+[\"”’»)\]]*|[。！？]+)(?=\s|$)")
ABBREVIATIONS = {
    *["mr", "mrs", "ms", "dr", "st", "jr", "sr", "prof", "gov", "sen", "rep", "lt", "col", "gen"],
    *["capt", "sgt", "rev", "hon", "vs", "no", "nos", "approx", "dept", "inc", "ltd", "co", "corp"],
    *["e.g", "i.e", "a.m", "p.m", "u.s", "etc", "fig", "ave", "blvd"],  # English, so far
    *["art", "bzw", "ca", "vgl", "abs", "nr", "str", "usw", "z.b", "d.h", "u.a"],
    *["m", "mm", "mme", "mlle", "me"],
}
# Where an ordinal is written as a number with a full stop: "am 6. Mai".
DOTTED_ORDINALS = frozenset(
    {"cs", "da", "de", "et", "fi", "hr", "hu", "is", "nb", "no", "pl", "sk"}
)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence that was said, word for word, and the segments that hold it.

    `speech_ms` is how long saying it took, estimated by its share of the segments' letters.
    `is_whole` is false for what was broken off, or begins in the middle.
    """

    text: str
    speaker_name: str
    first_key: str
    last_key: str
    start_ms: int
    end_ms: int
    speech_ms: int
    is_whole: bool
    confidence: float | None = None


def assemble(lines: Sequence[Spoken], *, language: str = "en") -> list[Said]:
    """All sentences of a transcript, in order. Every word is in one of them, and in one only.

    `language` is BCP 47. A transcript without punctuation gives each segment as one sentence.
    """
    lines = [line for line in lines if line.text.strip()]
    cutter = _Cutter(lines, language)
    return [said for run in _runs(lines) for said in cutter.cut(run)]


def _runs(lines: Iterable[Spoken]) -> Iterator[list[Spoken]]:
    """Neighbouring segments of one speaker, with no long pause between them."""
    run: list[Spoken] = []
    for line in lines:
        if run and (
            line.speaker_name != run[-1].speaker_name
            or line.start_ms - run[-1].end_ms > LONGEST_PAUSE_MS
        ):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


class _Cutter:
    """Cuts runs into sentences by the habits of the whole transcript."""

    def __init__(self, lines: Sequence[Spoken], language: str) -> None:
        text = " ".join(" ".join(line.text.split()) for line in lines)
        stops = list(STOP.finditer(text))
        following = [text[stop.end() + 1 : stop.end() + 2] for stop in stops[:2_000]]
        letters = [letter for letter in following if letter.isalpha()]
        self.is_punctuated = len(stops) * WORDS_PER_STOP >= text.count(" ")
        self.is_capitalised = sum(not letter.islower() for letter in letters) * 2 > len(letters)
        self.has_dotted_ordinals = language.partition("-")[0].lower() in DOTTED_ORDINALS

    def cut(self, run: Sequence[Spoken]) -> Iterator[Said]:
        texts = [" ".join(line.text.split()) for line in run]
        starts = [0]
        for text in texts:
            starts.append(starts[-1] + len(text) + 1)
        whole = " ".join(texts)
        edges = self._edges(whole) if self.is_punctuated else starts[:-1]
        for begin, end in pairwise([*edges, len(whole)]):
            text = whole[begin:end].strip()
            if not text:
                continue
            first = bisect_right(starts, begin) - 1
            last = bisect_right(starts, begin + len(text) - 1) - 1
            yield Said(
                text=text,
                speaker_name=run[0].speaker_name,
                first_key=run[first].key,
                last_key=run[last].key,
                start_ms=run[first].start_ms,
                end_ms=max(line.end_ms for line in run[first : last + 1]),
                speech_ms=_speech_ms(
                    zip(run[first : last + 1], starts[first:], strict=False),
                    begin,
                    begin + len(text),
                ),
                is_whole=self._is_whole(text),
                confidence=_least(line.confidence for line in run[first : last + 1]),
            )

    def _edges(self, text: str) -> list[int]:
        """Where sentences begin, the first at 0."""
        edges = [0]
        for stop in STOP.finditer(text):
            if stop.end() < len(text) and self._ends_here(text, edges[-1], stop):
                edges.append(stop.end() + 1)
        return edges

    def _ends_here(self, text: str, begin: int, stop: re.Match[str]) -> bool:
        following = text[stop.end() + 1 : stop.end() + 2]
        if self.is_capitalised and following.islower():
            return False
        if stop.group() != ".":
            return True
        first = max(begin, text.rfind(" ", begin, stop.start()) + 1)
        word = text[first : stop.start()].strip("(\"“„«'’").lower()
        if word in ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i"):
            return False
        return not (self.has_dotted_ordinals and word.isdigit() and len(word) <= 2)

    def _is_whole(self, text: str) -> bool:
        if not self.is_punctuated:
            return True
        return STOP.search(text[-4:]) is not None and not (
            self.is_capitalised and text[:1].islower()
        )


def _speech_ms(lines: Iterable[tuple[Spoken, int]], begin: int, end: int) -> int:
    """How long the letters from `begin` to `end` took, at the pace of each line from `start`.

    A line that lasts much longer than its words holds a silence, which is nobody's speech.
    """
    spoken = 0.0
    for line, start in lines:
        letters = len(" ".join(line.text.split()))
        inside = min(end, start + letters) - max(begin, start)
        lasted = min(line.end_ms - line.start_ms, letters * SLOWEST_MS)
        spoken += lasted * max(inside, 0) / letters
    return round(spoken)


def _least(confidences: Iterable[float | None]) -> float | None:
    known = [confidence for confidence in confidences if confidence is not None]
    return min(known, default=None)
