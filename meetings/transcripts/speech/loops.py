"""Loops: the same words over and over, as recognizers write them when they lose the thread.

The limits lie far from both sides. Of 26 hearings of the California legislature, the French and
German meetings and the good transcripts of Knox County and Seattle, none repeats 20 words three
times at once (the most are 8 words twice and one word six times), and the 100 words in a row that
say the least have 57 different triples among them. In a loop there are fewer than 10.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

TIMES = 3
WORDS = 20
LONGEST_PHRASE = 40  # words
WINDOW, STEP = 100, 10  # triples of words
FEWEST_DIFFERENT = 35

# What is written without spaces: Thai, Lao, Burmese, Khmer, Japanese, Chinese. A sign is a word.
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_SIGN = re.compile(f"[{SPACELESS}]")
_WORD = re.compile(rf"[{SPACELESS}]|[^\W_{SPACELESS}]+(?:['’-][^\W_{SPACELESS}]+)*")


@dataclass(frozen=True, slots=True)
class Loop:
    """Words said over and over, from position `first` to before `until`."""

    first: int
    until: int
    phrase: str
    times: int

    @property
    def length(self) -> int:
        return self.until - self.first


def words(text: str) -> list[str]:
    """The words as they are compared, without case and punctuation."""
    return _WORD.findall(text.casefold())


def is_sign(word: str) -> bool:
    """Whether it is one sign of a writing without spaces, and not a word."""
    return len(word) == 1 and _SIGN.fullmatch(word) is not None


def loops(said: Sequence[str]) -> list[Loop]:
    """Where the same words come over and over, in order; none overlaps another.

    The phrase that comes most often names a loop: “thank you” and not “thank you thank you”.
    """
    found = sorted([*_repeated(said), *_poor(said)], key=lambda loop: loop.first)
    kept: list[Loop] = []
    for loop in found:
        if kept and loop.first < kept[-1].until:
            before = kept.pop()
            named = max(before, loop, key=lambda one: (one.times, one.length))
            until = max(before.until, loop.until)
            kept.append(Loop(before.first, until, named.phrase, named.times))
        else:
            kept.append(loop)
    return kept


def _repeated(said: Sequence[str]) -> Iterator[Loop]:
    """Runs in which each word is the one `period` words before, for every period that fits."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys(said))}
    line = np.fromiter((numbers[word] for word in said), dtype=np.int64, count=len(said))
    for period in range(1, min(LONGEST_PHRASE, len(said) // TIMES) + 1):
        same = np.concatenate(([False], line[period:] == line[:-period], [False]))
        turns = np.flatnonzero(same[1:] != same[:-1])
        for first, until in zip(turns[::2].tolist(), (turns[1::2] + period).tolist(), strict=True):
            length = until - first
            if length >= max(WORDS, TIMES * period):
                yield Loop(first, until, " ".join(said[first : first + period]), length // period)


def _poor(said: Sequence[str]) -> Iterator[Loop]:
    """Stretches with hardly any different triples of words: a few phrases that take turns."""
    triples = list(zip(said, said[1:], said[2:], strict=False))
    begun: int | None = None
    until = 0
    for begin in range(0, len(triples) - WINDOW + 1, STEP):
        if len(set(triples[begin : begin + WINDOW])) < FEWEST_DIFFERENT:
            begun = begin if begun is None else begun
            until = begin + WINDOW + 2
        elif begun is not None:
            yield _named(triples, begun, until)
            begun = None
    if begun is not None:
        yield _named(triples, begun, until)


def _named(triples: Sequence[tuple[str, str, str]], first: int, until: int) -> Loop:
    often, times = Counter(triples[first : until - 2]).most_common(1)[0]
    return Loop(first, until, " ".join(often), times)
