"""A quotation taken apart: its words, and where it says itself that it leaves out or puts in."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .heard import Heard, without_notes
from .words import Word, words

# How many words may be left out: at an ellipsis, about a minute and a half of speech; at words in
# brackets, what they can stand for.
MOST_AT_ELLIPSIS = 200
MOST_AT_BRACKETS = 8

_ELLIPSIS = r"[(\[]?\s*(?:…|\.\s?\.\s?\.(?:\s?\.)?)\s*[)\]]?"
_MARKED = re.compile(rf"(?P<ellipsis>{_ELLIPSIS})|\[(?P<inserted>[^\[\]]*)\]")
_LETTER_CHANGED = re.compile(r"\[(\w)\](?=\w)")  # "[W]e"
_PART_CHANGED = re.compile(r"\w+\[\w+\]\w*|\[\w{2,}\]\w+")  # "provide[s]"


@dataclass(slots=True)
class Parts:
    """`text` is the quotation as it is compared, which `words` are places of.

    `gaps` has the places in `words` before which something may be left out, each with how many
    words at most; `inserted` the words in brackets, by the place before which they stand.
    """

    text: str
    words: list[Word] = field(default_factory=list)
    gaps: dict[int, int] = field(default_factory=dict)
    inserted: dict[int, str] = field(default_factory=dict)

    def longest_run(self) -> tuple[int, int]:
        """From where to where the most words stand with nothing left out."""
        edges = sorted({0, len(self.words), *self.gaps})
        runs = list(pairwise(edges))
        return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def taken_apart(quotation: str, heard: Heard) -> Parts:
    """The words of a quotation without hesitations, which may stand in it or not."""
    text = _LETTER_CHANGED.sub(r"\1", without_notes(quotation))
    text = _PART_CHANGED.sub(lambda match: f"[{re.sub(r'[][]', '', match[0])}]", text)
    parts = Parts(text)
    at = 0
    for mark in _MARKED.finditer(text):
        _take(parts, at, mark.start(), heard)
        place = len(parts.words)
        if mark["ellipsis"]:
            parts.gaps[place] = MOST_AT_ELLIPSIS
        else:
            parts.gaps[place] = max(MOST_AT_BRACKETS, parts.gaps.get(place, 0))
            parts.inserted[place] = f"{parts.inserted.get(place, '')} {mark['inserted']}".strip()
        at = mark.end()
    _take(parts, at, len(text), heard)
    return parts


def _take(parts: Parts, begin: int, end: int, heard: Heard) -> None:
    found = heard.without_sounds(words(parts.text[begin:end]))
    parts.words += [Word(norm, begin + start, begin + stop) for norm, start, stop in found]
