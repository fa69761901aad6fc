"""Reading aloud: what is said for a text, and when each of its words is reached."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

import numpy as np

_READ = [
    (re.compile(r"\$([\d.,]*\d) (million)"), r"\1 \2 dollars"),
    (re.compile(r"\$([\d,]+)\.(\d\d)"), r"\1 dollars and \2 cents"),
    (re.compile(r"\$([\d,]*\d)"), r"\1 dollars"),
    (re.compile(r"\b(\d\d?):00\b"), r"\1 o'clock"),
    (re.compile(r"\b(\d\d?):0(\d)\b"), r"\1 oh \2"),
    (re.compile(r"\b(\d\d?):(\d\d)\b"), r"\1 \2"),
    (re.compile(r"\b(19|20)([1-9]\d)(?=\b(?!,\d))"), r"\1 \2"),
    (re.compile(r"\b(\d\d)-(\d\d)\b"), r"\1, \2"),
    (re.compile(r"\bMs\."), "Miz"),
]


def read_aloud(text: str) -> str:
    """Figures and short forms as a person reads them."""
    for pattern, said in _READ:
        text = pattern.sub(said, text)
    return text


def word_starts(text: str, spoken: str, marks: Sequence[tuple[int, int]]) -> list[int]:
    """When each word of `text` begins, where `spoken` is what is said for it.

    `marks` are places in `spoken` (in characters) and when they are reached, in milliseconds; the
    last is its end.
    """
    reached = sorted(marks)
    places, times = [place for place, _ms in reached], [ms for _place, ms in reached]
    tokens = list(re.finditer(r"\S+", spoken))
    begins = []
    for token in tokens:
        inside = [ms for place, ms in reached if token.start() <= place < token.end()]
        # A word that runs into the one before has no mark of its own.
        begins.append(
            inside[0] if inside else round(float(np.interp(token.start(), places, times)))
        )
    words = text.split()
    pairs = SequenceMatcher(None, words, [token[0] for token in tokens], autojunk=False)
    starts = [0] * len(words)
    for _same, first, last, left, right in pairs.get_opcodes():
        for number in range(first, last):
            place = left + (number - first) * (right - left) // (last - first)
            starts[number] = begins[min(place, len(begins) - 1)]
    return list(accumulate(starts, max))
